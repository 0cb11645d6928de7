package dev.fathom.optim.schedule;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.error.OptimizerException;

/**
 * A number that depends on the step, counted from 0: an int32 scalar to a float64 scalar (so that
 * powers and cosines keep their digits; optimizers convert the result to the dtype of each
 * parameter).
 *
 * <pre>{@code
 * var rate = Schedule.cosine(1e-3, 10_000).afterWarmUp(500);
 * }</pre>
 */
@FunctionalInterface
public interface Schedule {
    /** The value at a step known when the program runs. */
    Tensor at(Tensor step);

    /** The value at a given step, for printing and plotting; outside of transforms. */
    default double at(long step) {
        return at(Tensor.scalar(Math.toIntExact(step))).item();
    }

    /** The same value always. */
    static Schedule constant(double value) {
        return _ -> Tensor.scalar(value);
    }

    /** value · factor^⌊t/every⌋: multiplied by {@code factor} after each {@code every} steps. */
    static Schedule step(double value, int every, double factor) {
        positive("step", "every", every);
        OptimizerException.check("Schedule.step", "factor", factor, "positive", factor > 0);
        return t -> power(factor, Functions.floor(number(t).dividedBy(every))).times(value);
    }

    /** value · rate^(t/per): smooth decay by {@code rate} in each {@code per} steps. */
    static Schedule exponential(double value, double rate, int per) {
        positive("exponential", "per", per);
        OptimizerException.check("Schedule.exponential", "rate", rate, "positive", rate > 0);
        return t -> power(rate, number(t).dividedBy(per)).times(value);
    }

    /** {@link #cosine(double, int, double)} down to 0. */
    static Schedule cosine(double value, int steps) {
        return cosine(value, steps, 0);
    }

    /**
     * floor + (value − floor) (1 + cos(π t/steps)) / 2, and {@code floor} from {@code steps} on. I.
     * Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
     * equation 5, without restarts.
     */
    static Schedule cosine(double value, int steps, double floor) {
        positive("cosine", "steps", steps);
        return t -> {
            Tensor angle = progress(t, steps).times(Math.PI);
            return Functions.cos(angle).plus(1).times((value - floor) / 2).plus(floor);
        };
    }

    /**
     * A straight line from {@code from} at step 0 to {@code to} at step {@code steps}, and {@code
     * to} afterwards.
     */
    static Schedule linear(double from, double to, int steps) {
        positive("linear", "steps", steps);
        return t -> progress(t, steps).times(to - from).plus(from);
    }

    /**
     * value / √(t + 1): slow decay, the fixed-decay schedule of stochastic gradient descent. H.
     * Robbins and S. Monro, 1951, ask for Σ α = ∞ and Σ α² < ∞; 1/√t is the boundary case of the
     * second, optimal for convex Lipschitz losses (A. Nemirovski et al., 2009, equation 2.22).
     */
    static Schedule inverseSqrt(double value) {
        return t -> Functions.rsqrt(number(t).plus(1)).times(value);
    }

    /** to + (from − to) (1 − t/steps)^power, and {@code to} from {@code steps} on. */
    static Schedule polynomial(double from, double to, int steps, double power) {
        positive("polynomial", "steps", steps);
        OptimizerException.check("Schedule.polynomial", "power", power, "positive", power > 0);
        return t -> {
            Tensor rest = progress(t, steps).negate().plus(1);
            return Functions.pow(rest, Tensor.scalar(power)).times(from - to).plus(to);
        };
    }

    /**
     * Cosines one after another: the i-th goes from {@code value} to 0 in {@code steps} · factor^i
     * steps, and the next begins at {@code value} again. I. Loshchilov and F. Hutter, "SGDR", ICLR
     * 2017, equation 5 with T_mult = {@code factor}.
     *
     * @param factor ≥ 1
     */
    static Schedule cosineRestarts(double value, int steps, double factor) {
        positive("cosineRestarts", "steps", steps);
        OptimizerException.check(
                "Schedule.cosineRestarts", "factor", factor, "at least 1", factor >= 1);
        return t -> {
            Tensor cycles = number(t).dividedBy(steps); // in units of the first
            Tensor at;
            if (factor == 1) {
                at = cycles.minus(Functions.floor(cycles));
            } else {
                // cycle i begins at (factor^i − 1)/(factor − 1); the small term keeps its own start
                // in it
                Tensor grown = cycles.times(factor - 1).plus(1);
                Tensor i = Functions.floor(grown.log().dividedBy(Math.log(factor)).plus(1e-12));
                Tensor length = power(factor, i);
                Tensor start = length.minus(1).dividedBy(factor - 1);
                at = cycles.minus(start).dividedBy(length);
            }
            return Functions.cos(at.times(Math.PI)).plus(1).times(value / 2);
        };
    }

    /**
     * Up and down along straight lines between {@code low} and {@code high}, {@code half} steps
     * each way. L. Smith, "Cyclical learning rates for training neural networks", WACV 2017,
     * section 3.2 (triangular).
     */
    static Schedule triangular(double low, double high, int half) {
        positive("triangular", "half", half);
        return t -> {
            Tensor x = number(t).dividedBy(2.0 * half);
            Tensor phase = x.minus(Functions.floor(x)).times(2).minus(1).abs(); // 1, 0, 1
            return phase.negate().plus(1).times(high - low).plus(low);
        };
    }

    /**
     * One cycle: from {@code high}/25 up to {@code high} over the first 30 % of {@code steps}, then
     * down to {@code high}/250,000, both along half a cosine. L. Smith and N. Topin,
     * "Super-convergence", 2018; the shape and the numbers are those that fast.ai and PyTorch made
     * usual, not the paper's straight lines.
     */
    static Schedule oneCycle(double high, int steps) {
        positive("oneCycle", "steps", steps);
        int rise = Math.max(1, (int) Math.round(0.3 * steps));
        Schedule up = t -> progress(t, rise).times(-Math.PI).plus(Math.PI);
        Schedule rising =
                t -> Functions.cos(up.at(t)).plus(1).times((high - high / 25) / 2).plus(high / 25);
        return rising.then(rise, cosine(high, Math.max(1, steps - rise), high / 250_000));
    }

    /**
     * This schedule for the first {@code steps} steps, then {@code next}, which counts from 0
     * again.
     */
    default Schedule then(int steps, Schedule next) {
        positive("then", "steps", steps);
        return t -> {
            Tensor boundary = Tensor.scalar(steps);
            // the one not chosen is asked at its own boundary, never at a step outside its range
            Tensor before = t.minimum(boundary);
            Tensor after = t.maximum(boundary).minus(boundary);
            return Functions.where(t.lessThan(boundary), at(before), next.at(after));
        };
    }

    /**
     * A warm-up before this schedule: over {@code steps} steps the value rises in a straight line,
     * at step t it is (t + 1)/steps of this schedule's first value; then this schedule begins at
     * its own step 0. P. Goyal et al., "Accurate, large minibatch SGD", 2017, section 2.2 (gradual
     * warm-up).
     */
    default Schedule afterWarmUp(int steps) {
        positive("afterWarmUp", "steps", steps);
        Schedule rise =
                t -> {
                    Tensor first = at(Tensor.scalar(0));
                    return number(t)
                            .plus(1)
                            .dividedBy(steps)
                            .minimum(Tensor.scalar(1.0))
                            .times(first);
                };
        return rise.then(steps, this);
    }

    /** This schedule times a number. */
    default Schedule times(double factor) {
        return t -> at(t).times(factor);
    }

    private static Tensor number(Tensor step) {
        return step.cast(DType.FLOAT64);
    }

    private static Tensor progress(Tensor step, int steps) {
        return number(step).dividedBy(steps).minimum(Tensor.scalar(1.0));
    }

    private static Tensor power(double base, Tensor exponent) {
        return Functions.pow(Tensor.scalar(base), exponent);
    }

    private static void positive(String what, String name, int value) {
        if (value < 1) {
            throw new OptimizerException(
                    "Schedule." + what + ": " + name + " is " + value + "; it must be at least 1");
        }
    }
}
