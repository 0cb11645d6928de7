package dev.fathom.nn.layer;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tree.Path;
import dev.fathom.core.tree.Tree;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A model as a table: its layers in the order they run, the shapes of their outputs, their numbers
 * of parameters. The shapes come from recording the model on a stand-in for a batch; nothing is
 * computed.
 *
 * @param rows one for each layer that ran
 * @param parameters number of trained elements of the whole model
 * @param statistics number of elements that are kept but not trained
 */
public record Summary(List<Row> rows, long parameters, long statistics) {

    /**
     * One layer.
     *
     * @param path where it stands in the model, such as {@code layers[2]}; empty where that is not
     *     known
     * @param layer its kind
     * @param output the shape of its output for one example: without the batch
     * @param parameters number of its trained elements not counted in a row before
     * @param statistics number of its other elements not counted in a row before
     */
    public record Row(String path, String layer, Shape output, long parameters, long statistics) {}

    /** Copies the list. */
    public Summary {
        rows = List.copyOf(rows);
    }

    /**
     * The table of {@code model} for examples of the given shape (without the batch), in evaluation
     * mode. The dtype of the input is that of the model's first parameter.
     */
    public static Summary of(Layer model, Shape example) {
        var dtype =
                Tree.flatten(model).leaves().stream()
                        .map(l -> l.tensor().dtype())
                        .filter(DType::isFloating)
                        .findFirst()
                        .orElse(DType.FLOAT32);
        return of(model, new TensorType(example, dtype));
    }

    /** The same for examples of the given type, such as the int32 tokens of a text. */
    public static Summary of(Layer model, TensorType example) {
        var leaves = Tree.flatten(model).leaves();
        var paths = new IdentityHashMap<Tensor, Path>();
        leaves.forEach(l -> paths.put(l.tensor(), l.path()));
        Set<Tensor> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        var rows = new ArrayList<Row>();
        Pass.Observer observer =
                (place, layer, output) -> rows.add(row(place, layer, output, paths, counted));
        Recorder.record(
                List.of(new TensorType(example.shape().prepend(1), example.dtype())),
                x -> {
                    Tensor y = model.apply(x.getFirst(), Pass.observed(observer));
                    if (rows.isEmpty()) {
                        rows.add(row("", model, y, paths, counted));
                    }
                    return List.of(y);
                });
        long trained = 0;
        long kept = 0;
        for (var leaf : leaves) {
            trained += leaf.trained() ? leaf.tensor().size() : 0;
            kept += leaf.trained() ? 0 : leaf.tensor().size();
        }
        return new Summary(rows, trained, kept);
    }

    private static Row row(
            String place,
            Layer layer,
            Tensor output,
            Map<Tensor, Path> paths,
            Set<Tensor> counted) {
        if (output.rank() == 0 || output.dim(0) != 1) {
            throw new ShapeException(
                    "Summary: for a batch of 1, "
                            + layer.label()
                            + " gives "
                            + output.shape()
                            + "; layers keep the batch as their first axis");
        }
        long trained = 0;
        long kept = 0;
        var found = new ArrayList<Path>();
        for (var leaf : Tree.flatten(layer).leaves()) {
            var path = paths.get(leaf.tensor());
            if (path == null) {
                continue;
            }
            found.add(
                    new Path(
                            path.steps()
                                    .subList(0, path.steps().size() - leaf.path().steps().size())));
            if (counted.add(leaf.tensor())) {
                trained += leaf.trained() ? leaf.tensor().size() : 0;
                kept += leaf.trained() ? 0 : leaf.tensor().size();
            }
        }
        var where =
                found.isEmpty() || found.getFirst().steps().isEmpty()
                        ? place
                        : found.getFirst().toString();
        var shape = output.shape().range(1, output.rank());
        return new Row(where, layer.label(), shape, trained, kept);
    }

    /** The table as text, a line for each layer and one for the total. */
    @Override
    public String toString() {
        var lines = new ArrayList<List<String>>();
        lines.add(List.of("layer", "kind", "output", "parameters"));
        for (var row : rows) {
            lines.add(
                    List.of(
                            row.path(),
                            row.layer(),
                            batched(row.output()),
                            number(row.parameters())));
        }
        long elsewhere = parameters - rows.stream().mapToLong(Row::parameters).sum();
        if (elsewhere > 0) {
            lines.add(List.of("(elsewhere)", "", "", number(elsewhere)));
        }
        lines.add(List.of("total", "", "", number(parameters)));
        var width = new int[4];
        for (var line : lines) {
            for (int i = 0; i < 4; i++) {
                width[i] = Math.max(width[i], line.get(i).length());
            }
        }
        var text = new StringBuilder();
        var rule = "-".repeat(width[0] + width[1] + width[2] + width[3] + 6) + "\n";
        for (int k = 0; k < lines.size(); k++) {
            text.append(k == 1 || k == lines.size() - 1 ? rule : "");
            var line = lines.get(k);
            for (int i = 0; i < 3; i++) {
                text.append(line.get(i)).append(" ".repeat(width[i] - line.get(i).length() + 2));
            }
            text.append(" ".repeat(width[3] - line.get(3).length()))
                    .append(line.get(3))
                    .append('\n');
        }
        if (statistics > 0) {
            text.append("and ")
                    .append(number(statistics))
                    .append(" numbers that are not trained (running statistics)\n");
        }
        return text.toString();
    }

    private static String batched(Shape shape) {
        var text = new StringBuilder("(n");
        for (int d : shape.dims()) {
            text.append(", ").append(d);
        }
        return text.append(shape.rank() == 0 ? ",)" : ")").toString();
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
