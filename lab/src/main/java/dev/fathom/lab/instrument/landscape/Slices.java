package dev.fathom.lab.instrument.landscape;

import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.List;
import java.util.function.Function;

/** The loss along lines and planes of parameter space, and between two solutions. */
public final class Slices {
    private Slices() {}

    /** f(θ + t d) for every t. */
    public static <P> double[] line(Function<P, Tensor> loss, P at, P direction, double... t) {
        var f = jit(loss);
        var values = new double[t.length];
        for (int i = 0; i < t.length; i++) {
            values[i] = f.apply(Tree.plus(at, Tree.times(direction, t[i]))).item();
        }
        return values;
    }

    /** f(θ + a d + b e): a row for every b, a column for every a. */
    public static <P> double[][] plane(
            Function<P, Tensor> loss, P at, P d, P e, double[] a, double[] b) {
        var f = jit(loss);
        var values = new double[b.length][a.length];
        for (int i = 0; i < b.length; i++) {
            P row = Tree.plus(at, Tree.times(e, b[i]));
            for (int j = 0; j < a.length; j++) {
                values[i][j] = f.apply(Tree.plus(row, Tree.times(d, a[j]))).item();
            }
        }
        return values;
    }

    /**
     * The loss on the straight way from one solution to another.
     *
     * @param t places, from 0 to 1
     * @param values f((1 − t) a + t b)
     * @param barrier by how much the way rises over the chord, max f − ((1 − t) f(a) + t f(b)), ≥ 0
     */
    public record Way(double[] t, double[] values, double barrier) {}

    /**
     * The way between two solutions at so many equally spaced places, both ends among them. The
     * barrier is that of R. Entezari et al., ICLR 2022; J. Frankle et al., ICML 2020, subtract the
     * mean of the ends instead, which is the same for equally good ones.
     *
     * @param points ≥ 3
     */
    public static <P> Way between(Function<P, Tensor> loss, P a, P b, int points) {
        InstrumentException.check("the way", "points", points, "at least 3", points >= 3);
        var t = new double[points];
        for (int i = 0; i < points; i++) {
            t[i] = (double) i / (points - 1);
        }
        var f = jit(loss);
        var values = new double[points];
        for (int i = 0; i < points; i++) {
            // Both ends exactly, not a + (b − a).
            values[i] = f.apply(Tree.plus(Tree.times(a, 1 - t[i]), Tree.times(b, t[i]))).item();
        }
        double barrier = 0;
        for (int i = 0; i < points; i++) {
            double chord = (1 - t[i]) * values[0] + t[i] * values[points - 1];
            barrier = Math.max(barrier, values[i] - chord);
        }
        return new Way(t, values, barrier);
    }

    /**
     * How far one can go from θ along each of several directions before the loss passes a level:
     * the first such place found by doubling and then halving the step, to 1 in 10⁶. A loss that
     * dips and rises between two steps of the doubling is passed over. Random directions of length
     * 1 give the radius of the basin; filter-normalised ones that in units of the filters.
     *
     * @param level above the loss at θ
     * @param furthest where the search ends; it is the answer if the level is not passed
     */
    public static <P> double[] basin(
            Function<P, Tensor> loss, P at, List<P> directions, double level, double furthest) {
        var f = jit(loss);
        double here = f.apply(at).item();
        InstrumentException.require(
                here <= level,
                "the loss is " + here + " here, above the level " + level + " of the basin");
        InstrumentException.check("basin", "furthest", furthest, "positive", furthest > 0);
        var radii = new double[directions.size()];
        for (int i = 0; i < radii.length; i++) {
            P d = directions.get(i);
            double inside = 0;
            double outside = furthest / 1024;
            while (outside < furthest && !passes(f, at, d, outside, level)) {
                inside = outside;
                outside *= 2;
            }
            if (outside >= furthest && !passes(f, at, d, furthest, level)) {
                radii[i] = furthest;
                continue;
            }
            outside = Math.min(outside, furthest);
            while (outside - inside > 1e-6 * outside) {
                double middle = (inside + outside) / 2;
                if (passes(f, at, d, middle, level)) {
                    outside = middle;
                } else {
                    inside = middle;
                }
            }
            radii[i] = outside;
        }
        return radii;
    }

    private static <P> boolean passes(
            Function<P, Tensor> f, P at, P direction, double t, double level) {
        return !(f.apply(Tree.plus(at, Tree.times(direction, t))).item() <= level);
    }

    /**
     * How far two runs are apart.
     *
     * @param length ‖a − b‖
     * @param relative ‖a − b‖ / √(‖a‖ ‖b‖)
     * @param cosine of the angle between a and b
     */
    public record Distance(double length, double relative, double cosine) {}

    /** Between the trained places of two trees of one structure. */
    public static <P> Distance distance(P a, P b) {
        double length = Tree.norm(Tree.minus(a, b)).item();
        double x = Tree.norm(a).item();
        double y = Tree.norm(b).item();
        return new Distance(length, length / Math.sqrt(x * y), Tree.dot(a, b).item() / (x * y));
    }
}
