package dev.fathom.examples;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.vmap;

import dev.fathom.core.op.Args;
import dev.fathom.core.op.Custom;
import dev.fathom.core.op.CustomOp;
import dev.fathom.core.op.Ops;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;
import java.util.function.Function;

/**
 * An operation of your own: how it is computed, in plain Java, and its derivative, in tensor
 * operations. After that it can be differentiated any number of times, batched and compiled like
 * the built-in ones.
 *
 * <p>Lambert's W is the inverse of w ↦ w eʷ. Its derivative follows from that: W′(x) = 1 / (e^W +
 * x).
 *
 * <p>Run: {@code ./fathom example CustomOperation}. Ends with W(1) = 0.5671432904097838, the omega
 * constant, and W″(0) = −2.
 */
public final class CustomOperation {
    private CustomOperation() {}

    /** The principal branch, for x ≥ 0. */
    record LambertW() implements CustomOp {
        @Override
        public String name() {
            return "lambertW";
        }

        @Override
        public List<TensorType> types(List<TensorType> operands) {
            return operands; // one float64 tensor in, the same type out
        }

        @Override
        public List<Array> evaluate(List<Array> operands) {
            double[] x = operands.getFirst().toDoubles();
            double[] w = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                w[i] = Math.log1p(x[i]);
                for (int n = 0; n < 30; n++) { // Newton's method on w eʷ = x
                    double e = Math.exp(w[i]);
                    w[i] -= (w[i] * e - x[i]) / (e * (w[i] + 1));
                }
            }
            return List.of(Array.of(operands.getFirst().type(), new HostBuffer(w)));
        }

        @Override
        public List<Tensor> tangents(int i, Tensor dx, Args x, Args y) {
            return List.of(dx.dividedBy(y.a().exp().plus(x.a())));
        }
    }

    static Tensor lambertW(Tensor x) {
        return Ops.bindAll(new Custom(new LambertW()), List.of(x)).getFirst();
    }

    /** W″ at x. */
    static double secondDerivative(double x) {
        Function<Tensor, Tensor> w = CustomOperation::lambertW;
        return grad(grad(w)).apply(Tensor.scalar(x)).item();
    }

    /** Prints some values. */
    public static void main(String[] arguments) {
        Function<Tensor, Tensor> w = CustomOperation::lambertW;
        Tensor x = Tensor.of(new double[] {0, 1, Math.E});
        System.out.println("W        " + lambertW(x)); // 0, omega, 1
        System.out.println("W'       " + jit(vmap(grad(w))).apply(x));
        System.out.println("W(1)     " + lambertW(Tensor.scalar(1.0)).item());
        System.out.println("W''(0)   " + secondDerivative(0));
    }
}
