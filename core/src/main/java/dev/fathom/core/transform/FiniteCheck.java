package dev.fathom.core.transform;

import dev.fathom.core.error.NonFiniteException;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.Tracer;

import java.util.List;
import java.util.stream.Collectors;

/** Lets operations through to the interpreter outside and looks at each result. */
final class FiniteCheck implements Interpreter {
    private final Interpreter outer;

    FiniteCheck(Interpreter outer) {
        this.outer = outer;
    }

    @Override
    public List<Tensor> apply(Primitive op, List<Tensor> operands) {
        var results = outer.run(() -> outer.apply(op, operands));
        if (operands.stream().allMatch(FiniteCheck::finite)) {
            for (var r : results) {
                if (!finite(r)) {
                    var types =
                            operands.stream()
                                    .map(t -> t.type().toString())
                                    .collect(Collectors.joining(", "));
                    throw new NonFiniteException(
                            "checkFinite: " + op.name() + " of " + types + " made " + firstBad(r));
                }
            }
        }
        return results;
    }

    private static boolean finite(Tensor t) {
        return badIndex(t) < 0;
    }

    private static int badIndex(Tensor t) {
        return switch (t) {
            case Tracer _ -> -1;
            case Array a ->
                    switch (a.buffer().host()) {
                        case float[] v -> {
                            for (int i = 0; i < v.length; i++) {
                                if (!Float.isFinite(v[i])) {
                                    yield i;
                                }
                            }
                            yield -1;
                        }
                        case double[] v -> {
                            for (int i = 0; i < v.length; i++) {
                                if (!Double.isFinite(v[i])) {
                                    yield i;
                                }
                            }
                            yield -1;
                        }
                        case Object _ -> -1;
                    };
        };
    }

    private static String firstBad(Tensor t) {
        int i = badIndex(t);
        return t.toDoubles()[i] + " at element " + i + " of " + t.type();
    }
}
