package dev.fathom.cpu.reference;

import dev.fathom.core.op.Reduction;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.TensorType;

import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/**
 * Reductions: every element of the operand is folded, in row-major order, into the place it belongs
 * to.
 */
final class ReferenceReduction {
    private ReferenceReduction() {}

    static Values run(Reduction op, Values x, TensorType to) {
        double infinity = Double.POSITIVE_INFINITY;
        return switch (op) {
            case Reduction.Sum s -> fold(x, s.axes(), to, 0, Double::sum, 0, Long::sum);
            case Reduction.Product p ->
                    fold(x, p.axes(), to, 1, (a, b) -> a * b, 1, (a, b) -> a * b);
            case Reduction.ReduceMax m ->
                    fold(x, m.axes(), to, -infinity, Math::max, Long.MIN_VALUE, Math::max);
            case Reduction.ReduceMin m ->
                    fold(x, m.axes(), to, infinity, Math::min, Long.MAX_VALUE, Math::min);
            case Reduction.Any a -> fold(x, a.axes(), to, 0, Math::max, 0, (p, q) -> p | q);
            case Reduction.All a -> fold(x, a.axes(), to, 1, Math::min, 1, (p, q) -> p & q);
            case Reduction.ArgMax a -> position(x, a.axis(), to, true);
            case Reduction.ArgMin a -> position(x, a.axis(), to, false);
            case Reduction.CumSum c -> runningSum(x, c.axis(), c.reverse(), to);
        };
    }

    private static Values fold(
            Values x,
            Axes axes,
            TensorType to,
            double start,
            DoubleBinaryOperator f,
            long wholeStart,
            LongBinaryOperator g) {
        Axes kept = axes.complement(x.shape().rank());
        int[] strides = to.shape().strides();
        int length = to.shape().length();
        if (x.isReal()) {
            double[] v = x.reals();
            double[] y = Values.filled(length, start);
            Positions.each(
                    x.shape(),
                    (i, p) -> {
                        int at = target(p, kept, strides);
                        y[at] = f.applyAsDouble(y[at], v[i]);
                    });
            return Values.ofReals(to, y);
        }
        long[] v = x.wholes();
        long[] y = Values.filled(length, wholeStart);
        Positions.each(
                x.shape(),
                (i, p) -> {
                    int at = target(p, kept, strides);
                    y[at] = g.applyAsLong(y[at], v[i]);
                });
        return Values.ofWholes(to, y);
    }

    private static int target(int[] position, Axes kept, int[] strides) {
        int at = 0;
        for (int k = 0; k < strides.length; k++) {
            at += position[kept.get(k)] * strides[k];
        }
        return at;
    }

    /** The first place that no other beats; a NaN beats all numbers. */
    private static Values position(Values x, int axis, TensorType to, boolean largest) {
        int n = x.shape().dim(axis);
        int step = x.shape().strides()[axis];
        int[] rows = Positions.steps(x.shape(), Axes.of(axis).complement(x.shape().rank()));
        var y = new long[rows.length];
        double[] reals = x.reals();
        long[] wholes = x.wholes();
        for (int row = 0; row < rows.length; row++) {
            int best = 0;
            for (int k = 1; k < n; k++) {
                int now = rows[row] + k * step;
                int then = rows[row] + best * step;
                boolean beats =
                        x.isReal()
                                ? beats(reals[now], reals[then], largest)
                                : largest ? wholes[now] > wholes[then] : wholes[now] < wholes[then];
                best = beats ? k : best;
            }
            y[row] = best;
        }
        return Values.ofWholes(to, y);
    }

    /** Whether {@code a} is strictly the better extreme. */
    static boolean beats(double a, double b, boolean largest) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return !Double.isNaN(b);
        }
        return largest ? a > b : a < b;
    }

    private static Values runningSum(Values x, int axis, boolean reverse, TensorType to) {
        int n = x.shape().dim(axis);
        int step = x.shape().strides()[axis];
        int[] rows = Positions.steps(x.shape(), Axes.of(axis).complement(x.shape().rank()));
        double[] reals = x.reals();
        long[] wholes = x.wholes();
        for (int row : rows) {
            double real = 0;
            long whole = 0;
            for (int k = 0; k < n; k++) {
                int at = row + (reverse ? n - 1 - k : k) * step;
                real += reals[at];
                reals[at] = real;
                whole += wholes[at];
                wholes[at] = whole;
            }
        }
        return x.isReal() ? Values.ofReals(to, reals) : Values.ofWholes(to, wholes);
    }
}
