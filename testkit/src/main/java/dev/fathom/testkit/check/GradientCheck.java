package dev.fathom.testkit.check;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;

import java.util.Locale;
import java.util.function.Function;

/**
 * Checks derivatives of a function against differences of its values, in one random direction.
 *
 * @param derivatives the derivatives under test
 * @param step the step of the differences, times a direction of size about 1 per element
 * @param tolerance largest relative error
 * @param seed of the direction
 */
public record GradientCheck(Derivatives derivatives, double step, double tolerance, long seed) {

    /** For functions of float64. */
    public static GradientCheck precise() {
        return new GradientCheck(Derivatives.fathom(), 1e-3, 1e-7, 1);
    }

    /** For functions of float32, whose differences are good to about three digits. */
    public static GradientCheck coarse() {
        return new GradientCheck(Derivatives.fathom(), 3e-2, 5e-3, 1);
    }

    private static GradientCheck suitedTo(Object x) {
        boolean single =
                Tree.flatten(x).leaves().stream()
                        .anyMatch(l -> l.trained() && l.tensor().dtype() == DType.FLOAT32);
        return single ? coarse() : precise();
    }

    /**
     * Fails unless forward and reverse derivatives of {@code f} at {@code x} agree with differences
     * of f and with each other. Choose x away from kinks; float64 makes the check sharp.
     */
    public static <A, B> void assertGradients(Function<A, B> f, A x) {
        var check = suitedTo(x);
        check.forward(f, x);
        check.reverse(f, x);
        check.transposition(f, x);
    }

    /**
     * Fails unless second derivatives of the scalar function {@code f}, forward over reverse and
     * reverse over reverse, agree with differences of the gradient, and are symmetric.
     */
    public static <A> void assertSecondOrder(Function<A, Tensor> f, A x) {
        var check = suitedTo(x);
        check.second(f, x);
        check.secondReverse(f, x);
        check.symmetry(f, x);
    }

    /** The same with other derivatives. */
    public GradientCheck of(Derivatives other) {
        return new GradientCheck(other, step, tolerance, seed);
    }

    /** The same with another tolerance. */
    public GradientCheck within(double relative) {
        return new GradientCheck(derivatives, step, relative, seed);
    }

    private <A> A direction(A x) {
        return Directions.random(x, seed);
    }

    private <B> B weights(B y) {
        return Directions.random(y, seed + 1);
    }

    /** J dx against differences, every result. */
    public <A, B> void forward(Function<A, B> f, A x) {
        A dx = direction(x);
        B found = derivatives.tangent(f, x, dx);
        B expected = Differences.along(f, x, dx, step);
        double error = error(found, expected, f.apply(x));
        if (!(error <= tolerance)) {
            throw failed(
                    "the forward derivative",
                    error,
                    x,
                    dx,
                    d -> {
                        B w = weights(expected);
                        return new double[] {
                            Tree.dot(w, derivatives.tangent(f, x, d)).item(),
                            Tree.dot(w, Differences.along(f, x, d, step)).item()
                        };
                    });
        }
    }

    /** ⟨w, J dx⟩ by reverse mode against differences. */
    public <A, B> void reverse(Function<A, B> f, A x) {
        B y = f.apply(x);
        B w = weights(y);
        A pulled = derivatives.cotangent(f, x, w);
        A dx = direction(x);
        double found = Tree.dot(pulled, dx).item();
        double expected = Tree.dot(w, Differences.along(f, x, dx, step)).item();
        double error = error(found, expected, size(pulled) * size(dx), size(y));
        if (!(error <= tolerance)) {
            throw failed(
                    "the reverse derivative",
                    error,
                    x,
                    dx,
                    d ->
                            new double[] {
                                Tree.dot(pulled, d).item(),
                                Tree.dot(w, Differences.along(f, x, d, step)).item()
                            });
        }
    }

    /** ⟨w, J dx⟩ = ⟨Jᵀ w, dx⟩ to rounding. */
    public <A, B> void transposition(Function<A, B> f, A x) {
        B w = weights(f.apply(x));
        A dx = direction(x);
        B pushed = derivatives.tangent(f, x, dx);
        A pulled = derivatives.cotangent(f, x, w);
        double left = Tree.dot(w, pushed).item();
        double right = Tree.dot(pulled, dx).item();
        double error = error(left, right, size(w) * size(pushed), 0);
        if (!(error <= Math.min(tolerance, 1e-4))) {
            throw failed(
                    "⟨w, J v⟩ = ⟨Jᵀ w, v⟩",
                    error,
                    x,
                    dx,
                    d ->
                            new double[] {
                                Tree.dot(w, derivatives.tangent(f, x, d)).item(),
                                Tree.dot(pulled, d).item()
                            });
        }
    }

    private <A> Function<A, A> gradient(Function<A, Tensor> f) {
        return p -> {
            Tensor one = f.apply(p);
            return Derivatives.fathom().cotangent(f, p, one.minus(one).plus(1));
        };
    }

    /** H v, forward over reverse, against differences of the gradient. */
    public <A> void second(Function<A, Tensor> f, A x) {
        A v = direction(x);
        A found = derivatives.curvature(f, x, v);
        compareCurvature("the second derivative, forward over reverse", f, x, v, found);
    }

    /** H v, reverse over reverse, against differences of the gradient. */
    public <A> void secondReverse(Function<A, Tensor> f, A x) {
        A v = direction(x);
        A found = derivatives.curvatureReverse(f, x, v);
        compareCurvature("the second derivative, reverse over reverse", f, x, v, found);
    }

    private <A> void compareCurvature(String what, Function<A, Tensor> f, A x, A v, A found) {
        A expected = Differences.along(gradient(f), x, v, step);
        A slope = gradient(f).apply(x);
        double error = error(found, expected, slope);
        if (!(error <= tolerance)) {
            throw failed(
                    what,
                    error,
                    x,
                    v,
                    d -> new double[] {Tree.dot(found, d).item(), Tree.dot(expected, d).item()});
        }
    }

    /** ⟨u, H v⟩ = ⟨v, H u⟩ to rounding. */
    public <A> void symmetry(Function<A, Tensor> f, A x) {
        A v = direction(x);
        A u = weights(x);
        A hv = derivatives.curvature(f, x, v);
        double left = Tree.dot(u, hv).item();
        double right = Tree.dot(v, derivatives.curvature(f, x, u)).item();
        double error = error(left, right, size(u) * size(hv), 0);
        if (!(error <= tolerance)) {
            throw new AssertionError(
                    String.format(
                            Locale.ROOT,
                            "the second derivative is not symmetric: ⟨u, H v⟩ = %.12g, ⟨v, H u⟩ ="
                                    + " %.12g, relative error %.3g",
                            left,
                            right,
                            error));
        }
    }

    /** ‖x‖ over the trained leaves. */
    private static double size(Object tree) {
        return Tree.norm(tree).item();
    }

    /** Differences cannot see what is smaller than rounding of the values: 1e-9 of their size. */
    private static double error(Object found, Object expected, Object values) {
        return TreeAssert.relative("derivative", found, expected, 1e-9 * (1 + size(values)));
    }

    /** The error of an inner product, relative to its terms as far as they may cancel. */
    private static double error(double found, double expected, double terms, double values) {
        double scale = Math.max(Math.abs(found), Math.abs(expected));
        return Math.abs(found - expected) / (Math.max(scale, 0.01 * terms) + 1e-9 * (1 + values));
    }

    /** Finds the leaf to blame: the one whose own direction has the largest relative error. */
    private static <A> AssertionError failed(
            String what, double error, A x, A direction, Function<A, double[]> ways) {
        String path = "(no leaf by itself)";
        double worst = -1;
        double[] both = ways.apply(direction);
        for (var leaf : Tree.flatten(x).leaves()) {
            if (!leaf.trained()) {
                continue;
            }
            var pair = ways.apply(Directions.only(direction, leaf.path().toString()));
            double e =
                    Math.abs(pair[0] - pair[1])
                            / (Math.max(Math.abs(pair[0]), Math.abs(pair[1])) + Double.MIN_NORMAL);
            if (e > worst || Double.isNaN(e)) {
                worst = Double.isNaN(e) ? Double.MAX_VALUE : e;
                path = leaf.path().toString();
                both = pair;
            }
        }
        return new AssertionError(
                String.format(
                        Locale.ROOT,
                        "%s is wrong at %s: it gives %.12g along a random direction where %.12g was"
                                + " expected; relative error %.3g",
                        what,
                        path,
                        both[0],
                        both[1],
                        error));
    }
}
