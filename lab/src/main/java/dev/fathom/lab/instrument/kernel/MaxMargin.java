package dev.fathom.lab.instrument.kernel;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.ArrayList;
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
                Double.isFinite(z.square().sum().item()), "MaxMargin: an example is not finite");
        int n = z.dim(0);
        var gram = z.matmul(Linalg.transpose(z)).toDoubles();
        double scale = 0;
        int start = 0;
        for (int i = 0; i < n; i++) {
            scale = Math.max(scale, gram[i * n + i]);
            start = gram[i * n + i] < gram[start * n + start] ? i : start;
        }
        var c = new double[n];
        c[start] = 1;
        var corral = new ArrayList<>(List.of(start));
        for (int round = 0; round < 100 * n + 100; round++) {
            var product = products(gram, c, n); // zᵢᵀp
            double square = 0;
            int least = 0;
            for (int i = 0; i < n; i++) {
                square += c[i] * product[i];
                least = product[i] < product[least] ? i : least;
            }
            InstrumentException.require(
                    square > 1e-14 * scale,
                    "MaxMargin: no plane through 0 parts these "
                            + n
                            + " examples; give them a column of ones, or use fewer");
            if (square - product[least] <= 1e-12 * scale || corral.contains(least)) {
                Tensor p = Tensor.of(c).matmul(z);
                double length = Math.sqrt(square);
                return new MaxMargin(p.dividedBy(length), product[least] / length, c);
            }
            corral.add(least);
            settle(gram, c, corral, n);
        }
        throw new InstrumentException("MaxMargin: no end after " + (100 * n + 100) + " rounds");
    }

    /** Moves c to the nearest point of the hull of the corral, dropping those not needed. */
    private static void settle(double[] gram, double[] c, List<Integer> corral, int n) {
        while (true) {
            var a = affine(gram, corral, n);
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

    /** The point of smallest norm in the plane of the corral: (Z Zᵀ + 1 1ᵀ) u = 1, a = u/Σu. */
    private static double[] affine(double[] gram, List<Integer> corral, int n) {
        int m = corral.size();
        var q = new double[m * m];
        double scale = 0;
        for (int i : corral) {
            scale = Math.max(scale, gram[i * n + i]);
        }
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < m; j++) {
                q[i * m + j] = gram[corral.get(i) * n + corral.get(j)] / scale + 1;
            }
        }
        Tensor ones = Creation.ones(Tensor.of(new double[m]).type());
        var u = Linalg.solve(Tensor.of(q, m, m), ones).toDoubles();
        double sum = 0;
        for (double v : u) {
            sum += v;
        }
        for (int i = 0; i < m; i++) {
            u[i] /= sum;
        }
        return u;
    }

    private static double[] products(double[] gram, double[] c, int n) {
        var r = new double[n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                r[i] += gram[i * n + j] * c[j];
            }
        }
        return r;
    }
}
