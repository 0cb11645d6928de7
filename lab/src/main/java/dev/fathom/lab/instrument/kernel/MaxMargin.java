package dev.fathom.lab.instrument.kernel;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The hyperplane through 0 that stays farthest from all examples of two classes,
 *
 * <pre>max over ‖w‖ = 1 of minᵢ yᵢ xᵢᵀw = min ‖Σ cᵢ yᵢ xᵢ‖ over c ≥ 0, Σ c = 1</pre>
 *
 * found as the point of smallest norm in the convex hull of the yᵢxᵢ, exactly up to rounding: P.
 * Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11, 1976. For a plane
 * with an offset give the examples a last column of ones (which then counts in ‖w‖).
 *
 * @param direction w, float64 (d), length 1
 * @param margin of the nearest example
 * @param weights c, (n); the support vectors are where it is positive
 */
public record MaxMargin(Tensor direction, double margin, double[] weights) {

    /** A hull this near to 0, beside its corners, is taken to hold it. */
    private static final double NONE = 1e-12;

    /** What rounding may do, beside the sizes involved. */
    private static final double SLACK = 1e-13;

    /**
     * Of examples (n, d) with labels −1 and 1, (n).
     *
     * @throws InstrumentException if no such plane parts the classes
     */
    public static MaxMargin of(Tensor x, Tensor labels) {
        InstrumentException.require(
                x.rank() == 2 && labels.rank() == 1 && x.dim(0) == labels.dim(0),
                "MaxMargin wants (n, d) and labels (n), not "
                        + x.shape()
                        + " and "
                        + labels.shape());
        for (double y : labels.cast(DType.FLOAT64).toDoubles()) {
            InstrumentException.check("MaxMargin", "a label", y, "-1 or 1", y == 1 || y == -1);
        }
        Tensor z = x.cast(DType.FLOAT64).times(labels.cast(DType.FLOAT64).expandDims(1)); // (n, d)
        InstrumentException.require(
                Double.isFinite(z.abs().max().item()), "MaxMargin: an example is not finite");
        double unit = z.abs().max().item();
        var points =
                rows(z.dividedBy(unit == 0 ? 1 : unit)); // entries up to 1: squares stay numbers
        int n = points.length;
        var length = new double[n];
        int start = 0;
        for (int i = 0; i < n; i++) {
            length[i] = norm(points[i]);
            start = length[i] < length[start] ? i : start;
        }
        var c = new double[n];
        c[start] = 1;
        var corral = new ArrayList<>(List.of(start));
        for (int round = 0; round < 100 * n + 100; round++) {
            double size = 0;
            var p = new double[z.dim(1)];
            for (int i : corral) {
                size += c[i] * length[i];
                add(p, c[i], points[i]);
            }
            double distance = norm(p);
            InstrumentException.require(
                    distance > NONE * size,
                    "MaxMargin: no plane through 0 parts these "
                            + n
                            + " examples; give them a column of ones, or use fewer");
            int worst = -1;
            double least = Double.POSITIVE_INFINITY;
            double margin = Double.POSITIVE_INFINITY;
            for (int i = 0; i < n; i++) {
                double ours = dot(points[i], p) / distance;
                margin = Math.min(margin, ours);
                // what rounding makes of a far example does not count as nearer than the corral
                boolean nearer = distance - ours > SLACK * (distance + length[i]);
                if (nearer && ours < least && !corral.contains(i)) {
                    worst = i;
                    least = ours;
                }
            }
            if (worst < 0) {
                return new MaxMargin(Tensor.of(p).dividedBy(distance), margin * unit, c);
            }
            corral.add(worst);
            settle(points, c, corral);
        }
        throw new InstrumentException("MaxMargin: no end after " + (100 * n + 100) + " rounds");
    }

    /** Moves c to the nearest point of the hull of the corral, dropping those not needed. */
    private static void settle(double[][] points, double[] c, List<Integer> corral) {
        while (true) {
            var a = affine(points, corral);
            double step = 1;
            for (int i = 0; i < a.length; i++) {
                double at = c[corral.get(i)];
                if (a[i] <= 0 && at - a[i] > 0) {
                    step = Math.min(step, at / (at - a[i]));
                }
            }
            boolean inside = true;
            for (int i = a.length - 1; i >= 0; i--) {
                int k = corral.get(i);
                c[k] += step * (a[i] - c[k]);
                if (a[i] <= 0 && c[k] <= 1e-15) {
                    c[k] = 0;
                    corral.remove(i);
                    inside = false;
                }
            }
            if (inside || corral.size() == 1) {
                return;
            }
        }
    }

    /**
     * The point of smallest norm in the plane of the corral: z₀ + Σ tᵢ (zᵢ − z₀)/‖zᵢ − z₀‖ by least
     * squares, whose columns then are all of one size.
     */
    private static double[] affine(double[][] points, List<Integer> corral) {
        int m = corral.size();
        var a = new double[m];
        a[0] = 1;
        if (m == 1) {
            return a;
        }
        var first = points[corral.getFirst()];
        int d = first.length;
        var columns = new double[d * (m - 1)];
        var sizes = new double[m - 1];
        for (int j = 0; j < m - 1; j++) {
            var difference = points[corral.get(j + 1)].clone();
            add(difference, -1, first);
            sizes[j] = norm(difference);
            for (int k = 0; k < d && sizes[j] > 0; k++) {
                columns[k * (m - 1) + j] = difference[k] / sizes[j];
            }
        }
        var t =
                LeastSquares.minNorm(Tensor.of(columns, d, m - 1), Tensor.of(first).negate())
                        .weights()
                        .toDoubles();
        for (int j = 0; j < m - 1; j++) {
            a[j + 1] = sizes[j] > 0 ? t[j] / sizes[j] : 0;
            a[0] -= a[j + 1];
        }
        return a;
    }

    private static double[][] rows(Tensor z) {
        var all = z.toDoubles();
        int d = z.dim(1);
        var rows = new double[z.dim(0)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(all, i * d, (i + 1) * d);
        }
        return rows;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    private static void add(double[] a, double s, double[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] += s * b[i];
        }
    }
}
