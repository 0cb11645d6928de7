package dev.fathom.testkit.conformance;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.List;

/** Whether two backends agree, as closely as an operation promises. */
final class Compare {
    private Compare() {}

    /**
     * Fails unless results agree; sums are judged by the size of the operands {@code x}, where that
     * is larger.
     */
    static void agree(
            List<Tensor> found, List<Tensor> expected, Accuracy accuracy, List<Tensor> x) {
        if (found.size() != expected.size()) {
            throw new AssertionError(found.size() + " results instead of " + expected.size());
        }
        for (int k = 0; k < found.size(); k++) {
            agree(found.get(k), expected.get(k), accuracy, x);
        }
    }

    private static void agree(Tensor found, Tensor expected, Accuracy accuracy, List<Tensor> x) {
        if (!found.type().equals(expected.type())) {
            throw new AssertionError(
                    "a result has type " + found.type() + " instead of " + expected.type());
        }
        if (found.dtype() == DType.INT64) {
            exact(found.toLongs(), expected.toLongs());
            return;
        }
        double[] p = found.toDoubles();
        double[] q = expected.toDoubles();
        double relative = accuracy.relative(found.dtype());
        double size = 0;
        switch (accuracy) {
            case EXACT -> relative = 0;
            case FUNCTION -> {}
            case SUM, SOLVE -> {
                size = largest(q);
                for (var t : x) {
                    size = Math.max(size, t.dtype().isFloating() ? largest(t.toDoubles()) : 0);
                }
            }
        }
        for (int i = 0; i < p.length; i++) {
            if (Double.compare(p[i], q[i]) == 0) {
                continue;
            }
            double allowed =
                    relative * Math.max(size, Math.abs(q[i])) + tiny(found.dtype(), relative);
            if (!(Math.abs(p[i] - q[i]) <= allowed)) {
                throw new AssertionError(
                        "element "
                                + i
                                + " of "
                                + found.type()
                                + " is "
                                + p[i]
                                + " instead of "
                                + q[i]
                                + operands(x, i, p.length));
            }
        }
    }

    /**
     * Results that are themselves below the normal range have fewer bits; so have their
     * differences.
     */
    private static double tiny(DType dtype, double relative) {
        if (relative == 0) {
            return 0;
        }
        return dtype == DType.FLOAT32 ? 4 * Float.MIN_VALUE : 4 * Double.MIN_VALUE;
    }

    private static String operands(List<Tensor> x, int i, int length) {
        var text = new StringBuilder();
        for (var t : x) {
            if (t.size() == length) {
                text.append(text.isEmpty() ? "; operands there: " : ", ").append(t.toDoubles()[i]);
            }
        }
        return text.toString();
    }

    private static double largest(double[] v) {
        double size = 0;
        for (double e : v) {
            size = Double.isFinite(e) ? Math.max(size, Math.abs(e)) : size;
        }
        return size;
    }

    private static void exact(long[] found, long[] expected) {
        for (int i = 0; i < found.length; i++) {
            if (found[i] != expected[i]) {
                throw new AssertionError(
                        "element " + i + " is " + found[i] + " instead of " + expected[i]);
            }
        }
    }
}
