package dev.fathom.examples;

import static dev.fathom.core.math.Functions.sin;
import static dev.fathom.core.transform.Transforms.axis;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hessian;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.jacobian;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jvp;
import static dev.fathom.core.transform.Transforms.vjp;
import static dev.fathom.core.transform.Transforms.vmap;

import dev.fathom.core.tensor.Tensor;

import java.util.function.Function;

/**
 * Derivatives of every kind of one small function. Transforms are functions of functions: they
 * compose in any order and to any depth.
 *
 * <p>Run: {@code ./fathom example DerivativePlayground}. Ends with the third derivative of sin at
 * 1, −0.5403023058681398.
 */
public final class DerivativePlayground {
    private DerivativePlayground() {}

    /** f(x) = x₀² x₁ + sin x₁, a scalar function of a vector. */
    static Tensor f(Tensor x) {
        return x.get(0).square().times(x.get(1)).plus(sin(x.get(1)));
    }

    /** Prints them. */
    public static void main(String[] arguments) {
        Tensor x = Tensor.of(new double[] {3, 2});
        Tensor v = Tensor.of(new double[] {1, 0});
        Function<Tensor, Tensor> f = DerivativePlayground::f;

        System.out.println("f(x)         " + f(x)); // 18 + sin 2
        System.out.println("gradient     " + grad(f).apply(x)); // (2 x₀ x₁, x₀² + cos x₁)
        System.out.println(
                "direction v  " + jvp(f, x, v).tangent()); // ⟨∇f, v⟩, forward mode, one pass
        System.out.println(
                "Hessian      " + hessian(f).apply(x)); // ((2 x₁, 2 x₀), (2 x₀, −sin x₁))
        System.out.println("H v          " + hvp(f, x, v)); // without forming H

        // a vector function: its Jacobian, and the product vᵀJ that reverse mode is made of
        Function<Tensor, Tensor> g = t -> t.times(t).times(sin(t.get(0)));
        System.out.println("Jacobian     " + jacobian(g).apply(x));
        System.out.println("vᵀJ          " + vjp(g, x).pullback().apply(v));

        // the gradient of every example of a batch at once, compiled
        Tensor batch = Tensor.of(new double[] {3, 2, 1, 0, 0, 1}, 3, 2); // three examples
        System.out.println("per example  " + jit(vmap(grad(f), axis(0))).apply(batch));

        System.out.println("third derivative of sin at 1: " + thirdDerivativeOfSine(1));
    }

    /** −cos, by differentiating three times. */
    static double thirdDerivativeOfSine(double at) {
        Function<Tensor, Tensor> sine = t -> sin(t);
        return grad(grad(grad(sine))).apply(Tensor.scalar(at)).item();
    }
}
