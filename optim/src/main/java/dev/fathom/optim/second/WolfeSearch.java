package dev.fathom.optim.second;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.error.OptimizerException;

import java.util.function.Function;

/**
 * A step length along a descent direction d that satisfies the strong Wolfe conditions, for φ(α) =
 * E(θ + α d):
 *
 * <pre>
 * φ(α) ≤ φ(0) + c₁ α φ'(0)      and      |φ'(α)| ≤ c₂ |φ'(0)|
 * </pre>
 *
 * J. Nocedal and S. Wright, "Numerical Optimization", 2nd edition, 2006, conditions 3.7, algorithms
 * 3.5 (bracketing, by doubling) and 3.6 (zoom). The trial inside a bracket is the minimum of the
 * cubic through both ends (equation 3.59), or the middle where that lies outside or within a tenth
 * of an end. Where {@code evaluations} do not suffice, the best place found is taken: it satisfies
 * the first condition, or is α = 0.
 *
 * @param c1 sufficient decrease, in (0, c₂)
 * @param c2 curvature, in (c₁, 1)
 * @param evaluations most gradients in one search, ≥ 1
 */
public record WolfeSearch(double c1, double c2, int evaluations) {
    /** Checks the numbers. */
    public WolfeSearch {
        OptimizerException.check("Wolfe search", "c1", c1, "in (0, c2)", c1 > 0 && c1 < c2);
        OptimizerException.check("Wolfe search", "c2", c2, "in (c1, 1)", c2 > c1 && c2 < 1);
        OptimizerException.check(
                "Wolfe search", "evaluations", evaluations, "at least 1", evaluations >= 1);
    }

    /** c₁ = 10⁻⁴ and c₂ = 0.9, as the book proposes for quasi-Newton steps; 25 evaluations. */
    public static WolfeSearch standard() {
        return new WolfeSearch(1e-4, 0.9, 25);
    }

    /** φ at one α, with the gradient of E there. */
    record Trial(Tensor alpha, Tensor value, Tensor slope, Tensor gradient) {}

    /**
     * What a search found.
     *
     * @param taken the place
     * @param satisfied whether both conditions hold there, bool ()
     * @param evaluations gradients taken, int32 ()
     */
    record Found(Trial taken, Tensor satisfied, Tensor evaluations) {}

    /**
     * What goes round.
     *
     * @param zooming whether a bracket was found
     * @param low in zoom, the best end of the bracket; before, the last trial
     * @param high in zoom, the other end; its gradient is not needed and left out
     * @param next where to look next
     */
    record Search(
            Tensor zooming,
            Tensor satisfied,
            Tensor count,
            Trial low,
            Tensor highAlpha,
            Tensor highValue,
            Tensor highSlope,
            Tensor next) {}

    /**
     * Searches.
     *
     * @param start φ(0), φ'(0) &lt; 0 and the gradient at α = 0
     * @param first where to look first
     * @param at φ(α), φ'(α) and the gradient, by α
     */
    Found search(Trial start, Tensor first, Function<Tensor, Trial> at) {
        var dtype = first.dtype();
        Tensor zero = Ops.scalar(dtype, 0);
        var initial =
                new Search(
                        Tensor.scalar(false),
                        Tensor.scalar(false),
                        Tensor.scalar(0),
                        start,
                        zero,
                        zero,
                        zero,
                        first);
        var last =
                Loops.whileLoop(
                        s ->
                                Functions.and(
                                        Functions.not(s.satisfied()),
                                        s.count().lessThan(Tensor.scalar(evaluations))),
                        s -> step(start, s, at.apply(s.next())),
                        initial);
        return new Found(last.low(), last.satisfied(), last.count());
    }

    private Search step(Trial start, Search s, Trial t) {
        Tensor line = start.value().plus(t.alpha().times(start.slope()).times(c1));
        Tensor notFirst = s.count().greaterThan(Tensor.scalar(0));
        // a value that is no number is too high as well: not (φ ≤ line), rather than φ > line
        Tensor above = Functions.not(atMost(t.value(), line));
        Tensor worse = Functions.not(t.value().lessThan(s.low().value()));
        Tensor tooHigh =
                Functions.or(above, Functions.and(worse, Functions.or(s.zooming(), notFirst)));
        Tensor flat = atMost(t.slope().abs(), start.slope().times(-c2));
        Tensor done = Functions.and(Functions.not(tooHigh), flat);

        // zoom: the trial becomes the high end, or the low one; then the old low one is the high
        // one if the slope at the trial points towards it. Before zoom the high end is at infinity:
        // its direction is that of growing α
        Tensor towardsHigh =
                Functions.where(
                        s.zooming(),
                        s.highAlpha().minus(s.low().alpha()),
                        Ops.full(t.alpha().type(), 1));
        Tensor turn = atMost(Ops.zeros(t.slope().type()), t.slope().times(towardsHigh));
        Tensor keepsHigh = Functions.and(Functions.not(tooHigh), Functions.not(turn));
        Tensor highAlpha = pick(tooHigh, keepsHigh, t.alpha(), s.highAlpha(), s.low().alpha());
        Tensor highValue = pick(tooHigh, keepsHigh, t.value(), s.highValue(), s.low().value());
        Tensor highSlope = pick(tooHigh, keepsHigh, t.slope(), s.highSlope(), s.low().slope());
        var low =
                new Trial(
                        Functions.where(tooHigh, s.low().alpha(), t.alpha()),
                        Functions.where(tooHigh, s.low().value(), t.value()),
                        Functions.where(tooHigh, s.low().slope(), t.slope()),
                        Functions.where(tooHigh, s.low().gradient(), t.gradient()));
        Tensor zooming = Functions.or(s.zooming(), Functions.or(tooHigh, turn));
        Tensor next =
                Functions.where(
                        zooming, inside(low, highAlpha, highValue, highSlope), t.alpha().times(2));
        return new Search(
                zooming, done, s.count().plus(1), low, highAlpha, highValue, highSlope, next);
    }

    private static Tensor pick(Tensor first, Tensor second, Tensor a, Tensor b, Tensor c) {
        return Functions.where(first, a, Functions.where(second, b, c));
    }

    private static Tensor atMost(Tensor a, Tensor b) {
        return Functions.or(a.lessThan(b), a.equalTo(b));
    }

    /** The minimum of the cubic through both ends, equation 3.59, safeguarded. */
    private static Tensor inside(Trial low, Tensor alpha, Tensor value, Tensor slope) {
        Tensor width = alpha.minus(low.alpha());
        Tensor middle = low.alpha().plus(width.times(0.5));
        Tensor d1 =
                low.slope()
                        .plus(slope)
                        .minus(low.value().minus(value).dividedBy(width.negate()).times(3));
        Tensor root = d1.square().minus(low.slope().times(slope)).sqrt();
        Tensor d2 = Functions.sign(width).times(root);
        Tensor cubic =
                alpha.minus(
                        width.times(
                                slope.plus(d2)
                                        .minus(d1)
                                        .dividedBy(slope.minus(low.slope()).plus(d2.times(2)))));
        Tensor part = cubic.minus(low.alpha()).dividedBy(width); // NaN fails both comparisons
        Tensor good =
                Functions.and(
                        part.greaterThan(Ops.full(part.type(), 0.1)),
                        part.lessThan(Ops.full(part.type(), 0.9)));
        return Functions.where(good, cubic, middle);
    }
}
