package dev.fathom.lab.instrument.landscape;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.operator.Curvature;
import dev.fathom.lab.instrument.operator.ParameterSpace;
import dev.fathom.lab.instrument.spectrum.Lanczos;
import dev.fathom.lab.study.Estimate;

import java.util.function.Function;
import java.util.stream.IntStream;

/** How fast the loss f rises around θ, by several rules. None but SAM's needs θ to be a minimum. */
public final class Sharpness {
    private Sharpness() {}

    /**
     * The largest eigenvalue of the Hessian and how far it may be off.
     *
     * @param value λ
     * @param residual some eigenvalue is as near as this
     */
    public record Curve(double value, double residual) {}

    /** λ_max by so many steps of Lanczos. */
    public static <P> Curve eigenvalue(Function<P, Tensor> loss, P at, int steps, Key key) {
        var run = Lanczos.of(Curvature.hessian(loss, at), steps, key);
        return new Curve(run.largest(), run.residual(run.steps() - 1));
    }

    /**
     * Keskar's metric, in percent,
     *
     * <pre>100 (max f(θ + z) − f(θ)) / (1 + f(θ)),  |zᵢ| ≤ ε (|θᵢ| + 1)</pre>
     *
     * N. Keskar et al., "On large-batch training for deep learning", ICLR 2017, metric 2.1 with A =
     * I. The maximum is sought by ascent along the signs of the gradient in steps of a quarter of
     * the box, from a random place near θ, where they run L-BFGS-B for 10 iterations; it is a lower
     * bound of the true one either way.
     *
     * @param epsilon ε > 0; they use 1e-3 and 5e-4
     * @param steps of the ascent, ≥ 1
     */
    public static <P> double keskar(
            Function<P, Tensor> loss, P at, double epsilon, int steps, Key key) {
        InstrumentException.check("Keskar", "epsilon", epsilon, "positive", epsilon > 0);
        InstrumentException.check("Keskar", "steps", steps, "at least 1", steps >= 1);
        var f = of(loss, at);
        Tensor theta = f.space.vector();
        Tensor box = theta.abs().plus(1).times(epsilon);
        double here = f.at(theta);
        Tensor z = box.times(key.uniform(DType.FLOAT64, f.size()).minus(0.5).times(0.02));
        double best = here;
        for (int i = 0; i < steps; i++) {
            Tensor g = f.slope(theta.plus(z));
            z = z.plus(box.times(Functions.sign(g)).times(0.25));
            z = z.minimum(box).maximum(box.negate());
            best = Math.max(best, f.at(theta.plus(z)));
        }
        return 100 * (best - here) / (1 + here);
    }

    /**
     * SAM's: f(θ + ρ g/‖g‖) − f(θ) with g the gradient, the rise to first order. P. Foret et al.,
     * ICLR 2021, equations 1 and 2. 0 where g = 0, even at a sharp minimum: there use {@link
     * #ball}.
     */
    public static <P> double sam(Function<P, Tensor> loss, P at, double rho) {
        InstrumentException.check("SAM", "rho", rho, "at least 0", rho >= 0);
        var f = of(loss, at);
        Tensor theta = f.space.vector();
        Tensor g = f.slope(theta);
        double length = Math.sqrt(g.square().sum().item());
        return length == 0 ? 0 : f.at(theta.plus(g.times(rho / length))) - f.at(theta);
    }

    /**
     * max over ‖z‖ ≤ ρ of f(θ + z) − f(θ), by z ← ρ ∇f(θ + z)/‖∇f(θ + z)‖ from a random z; on a
     * quadratic minimum that is power iteration and the value ½ρ²λ_max. The best place seen counts.
     */
    public static <P> double ball(Function<P, Tensor> loss, P at, double rho, int steps, Key key) {
        InstrumentException.check("sharpness", "rho", rho, "positive", rho > 0);
        InstrumentException.check("sharpness", "steps", steps, "at least 1", steps >= 1);
        var f = of(loss, at);
        Tensor theta = f.space.vector();
        double here = f.at(theta);
        double best = here;
        Tensor z = key.normal(DType.FLOAT64, f.size());
        z = z.times(rho / Math.sqrt(z.square().sum().item()));
        for (int i = 0; i < steps; i++) {
            best = Math.max(best, f.at(theta.plus(z)));
            Tensor g = f.slope(theta.plus(z));
            double length = Math.sqrt(g.square().sum().item());
            if (length == 0) {
                break;
            }
            z = g.times(rho / length);
        }
        return Math.max(best, f.at(theta.plus(z))) - here;
    }

    /** E f(θ + σ z) − f(θ) for normal z; near a minimum ½σ² tr H. */
    public static <P> Estimate expected(
            Function<P, Tensor> loss, P at, double sigma, int samples, Key key) {
        InstrumentException.check("sharpness", "sigma", sigma, "positive", sigma > 0);
        InstrumentException.check("sharpness", "samples", samples, "at least 2", samples >= 2);
        var f = of(loss, at);
        Tensor theta = f.space.vector();
        double here = f.at(theta);
        return Estimate.of(
                IntStream.range(0, samples)
                        .mapToDouble(i -> {
                            Tensor z = key.fold(i).normal(DType.FLOAT64, f.size());
                            return f.at(theta.plus(z.times(sigma))) - here;
                        })
                        .toArray());
    }

    /** A loss of a vector. */
    private record Surface<P>(
            ParameterSpace<P> space, Function<P, Tensor> value, Function<P, P> gradient) {
        int size() {
            return space.size();
        }

        double at(Tensor theta) {
            return value.apply(space.tree(theta)).item();
        }

        Tensor slope(Tensor theta) {
            return space.vector(gradient.apply(space.tree(theta)));
        }
    }

    private static <P> Surface<P> of(Function<P, Tensor> loss, P at) {
        return new Surface<>(ParameterSpace.of(at), jit(loss), jit(grad(loss)));
    }
}
