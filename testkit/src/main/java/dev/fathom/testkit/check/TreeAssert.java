package dev.fathom.testkit.check;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;

import java.util.Locale;

/** Comparisons of trees of tensors, leaf by leaf. */
public final class TreeAssert {
    private TreeAssert() {}

    /**
     * Fails unless every leaf of {@code actual} has the type of its partner and ‖actual − expected‖
     * ≤ tolerance · (‖expected‖ + floor), floating leaves together; all other leaves must be equal.
     */
    public static void assertClose(
            String what, Object actual, Object expected, double tolerance, double floor) {
        double error = relative(what, actual, expected, floor);
        if (!(error <= tolerance)) {
            throw new AssertionError(
                    String.format(
                            Locale.ROOT,
                            "%s: relative error %.3g > %.3g; worst at %s",
                            what,
                            error,
                            tolerance,
                            worst(what, actual, expected)));
        }
    }

    /** {@link #assertClose(String, Object, Object, double, double)} with a floor of 1e-6. */
    public static void assertClose(String what, Object actual, Object expected, double tolerance) {
        assertClose(what, actual, expected, tolerance, 1e-6);
    }

    /** ‖actual − expected‖ / (max(‖actual‖, ‖expected‖) + floor) over the floating leaves. */
    public static double relative(String what, Object actual, Object expected, double floor) {
        var a = Tree.flatten(actual);
        var b = Tree.flatten(expected);
        Tree.checkSame(what, a, b);
        double difference = 0;
        double left = 0;
        double right = 0;
        for (int k = 0; k < a.leaves().size(); k++) {
            var x = a.leaves().get(k).tensor();
            var y = b.leaves().get(k).tensor();
            sameType(what, a.leaves().get(k), y);
            if (!x.dtype().isFloating()) {
                same(what, a.leaves().get(k), y);
                continue;
            }
            double[] p = x.toDoubles();
            double[] q = y.toDoubles();
            for (int i = 0; i < p.length; i++) {
                if (Double.compare(p[i], q[i])
                        != 0) { // equal infinities and NaNs differ by nothing
                    difference += (p[i] - q[i]) * (p[i] - q[i]);
                    left += p[i] * p[i];
                    right += q[i] * q[i];
                } else if (Double.isFinite(p[i])) {
                    left += p[i] * p[i];
                    right += q[i] * q[i];
                }
            }
        }
        return Math.sqrt(difference) / (Math.sqrt(Math.max(left, right)) + floor);
    }

    private static String worst(String what, Object actual, Object expected) {
        var a = Tree.flatten(actual).leaves();
        var b = Tree.flatten(expected).leaves();
        String text = "";
        double most = -1;
        for (int k = 0; k < a.size(); k++) {
            if (!a.get(k).tensor().dtype().isFloating()) {
                continue;
            }
            double[] p = a.get(k).tensor().toDoubles();
            double[] q = b.get(k).tensor().toDoubles();
            for (int i = 0; i < p.length; i++) {
                double d = Double.compare(p[i], q[i]) == 0 ? 0 : Math.abs(p[i] - q[i]);
                if (d > most || Double.isNaN(d)) {
                    most = Double.isNaN(d) ? Double.MAX_VALUE : d;
                    text = a.get(k).path() + ", element " + i + ": " + p[i] + " instead of " + q[i];
                }
            }
        }
        return text;
    }

    /** Fails unless two trees have the same types and the same bits everywhere. */
    public static void assertSame(String what, Object actual, Object expected) {
        var a = Tree.flatten(actual);
        var b = Tree.flatten(expected);
        Tree.checkSame(what, a, b);
        for (int k = 0; k < a.leaves().size(); k++) {
            sameType(what, a.leaves().get(k), b.leaves().get(k).tensor());
            same(what, a.leaves().get(k), b.leaves().get(k).tensor());
        }
    }

    private static void sameType(String what, Tree.Leaf a, Tensor b) {
        if (!a.tensor().type().equals(b.type())) {
            throw new AssertionError(
                    what
                            + ": at "
                            + a.path()
                            + " the type is "
                            + a.tensor().type()
                            + " instead of "
                            + b.type());
        }
    }

    private static void same(String what, Tree.Leaf a, Tensor b) {
        boolean whole = a.tensor().dtype() == DType.INT64; // not every long is a double
        double[] p = a.tensor().toDoubles();
        double[] q = b.toDoubles();
        for (int i = 0; i < p.length; i++) {
            boolean equal =
                    whole
                            ? a.tensor().toLongs()[i] == b.toLongs()[i]
                            : Double.doubleToLongBits(p[i]) == Double.doubleToLongBits(q[i]);
            if (!equal) {
                throw new AssertionError(
                        what
                                + ": at "
                                + a.path()
                                + ", element "
                                + i
                                + ": "
                                + p[i]
                                + " instead of "
                                + q[i]);
            }
        }
    }
}
