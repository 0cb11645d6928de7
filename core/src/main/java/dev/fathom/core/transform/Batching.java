package dev.fathom.core.transform;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms.Axis;
import dev.fathom.core.tree.Tree;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The way into and out of {@link Batch}. */
final class Batching {
    private Batching() {}

    static <R> R run(List<?> arguments, List<Axis> axes, Function<List<Object>, R> f) {
        int size = -1;
        String first = "";
        for (int i = 0; i < axes.size(); i++) {
            if (axes.get(i) instanceof Axis.At(int position)) {
                for (var leaf : Tree.flatten(arguments.get(i)).leaves()) {
                    var t = leaf.tensor();
                    if (t.rank() == 0) {
                        throw new ShapeException(
                                "vmap: argument "
                                        + i
                                        + " at "
                                        + leaf.path()
                                        + " is a scalar and has no axis "
                                        + position
                                        + "; mark the argument as shared()");
                    }
                    int n = t.dim(position);
                    var where = "argument " + i + " at " + leaf.path() + " of shape " + t.shape();
                    if (size >= 0 && n != size) {
                        throw new ShapeException(
                                "vmap: "
                                        + first
                                        + " has "
                                        + size
                                        + " examples, "
                                        + where
                                        + " has "
                                        + n);
                    }
                    size = n;
                    first = where;
                }
            }
        }
        if (size < 0) {
            throw new ShapeException("vmap: no argument has a batch axis; all are shared()");
        }
        var batch = new Batch(Interpreter.current(), size);
        var examples = new ArrayList<Object>();
        for (int i = 0; i < axes.size(); i++) {
            examples.add(
                    switch (axes.get(i)) {
                        case Axis.At(int position) ->
                                Tree.map(
                                        t ->
                                                batch.example(
                                                        Ops.moveAxis(
                                                                t, t.shape().axis(position), 0)),
                                        arguments.get(i));
                        case Axis.Shared() -> arguments.get(i);
                    });
        }
        R result = batch.run(() -> f.apply(examples));
        return Tree.map((Tensor t) -> batch.repeated(t), result);
    }
}
