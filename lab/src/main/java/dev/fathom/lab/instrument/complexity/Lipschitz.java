package dev.fathom.lab.instrument.complexity;

import static dev.fathom.core.transform.Transforms.jacobian;
import static dev.fathom.core.transform.Transforms.vmap;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.List;
import java.util.function.Function;

/** How much a function stretches, between Euclidean lengths. */
public final class Lipschitz {
    private Lipschitz() {}

    /**
     * ‖∂f/∂x‖_σ at every sample, (n): the largest is a lower bound of the Lipschitz constant.
     *
     * @param f of one example without its batch axis
     * @param samples (n, ..)
     */
    public static double[] local(Function<Tensor, Tensor> f, Tensor samples) {
        Function<Tensor, Tensor> flat =
                x -> {
                    Tensor y = f.apply(x);
                    return y.reshape((int) y.size());
                };
        Tensor j = vmap(jacobian(flat)).apply(samples); // (n, k, ..)
        int n = j.dim(0);
        int k = j.dim(1);
        Tensor m = j.reshape(n, k, (int) (j.size() / ((long) n * k))).cast(DType.FLOAT64);
        return Linalg.svd(m).s().slice(1, 0, 1).squeeze(1).toDoubles();
    }

    /** The largest of {@link #local}. */
    public static double lower(Function<Tensor, Tensor> f, Tensor samples) {
        double largest = 0;
        for (double v : local(f, samples)) {
            largest = Math.max(largest, v);
        }
        return largest;
    }

    /**
     * max ‖f(x) − f(x')‖/‖x − x'‖ over pairs of samples: another lower bound, without gradients.
     */
    public static double quotient(Tensor outputs, Tensor samples) {
        int n = samples.dim(0);
        InstrumentException.require(
                n == outputs.dim(0) && n >= 2,
                "a quotient needs two samples or more with their outputs, not "
                        + samples.shape()
                        + " and "
                        + outputs.shape());
        var x = samples.cast(DType.FLOAT64).toDoubles();
        var y = outputs.cast(DType.FLOAT64).toDoubles();
        double largest = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                double far = square(x, i, j, x.length / n);
                if (far > 0) {
                    largest = Math.max(largest, square(y, i, j, y.length / n) / far);
                }
            }
        }
        return Math.sqrt(largest);
    }

    private static double square(double[] rows, int i, int j, int width) {
        double sum = 0;
        for (int k = 0; k < width; k++) {
            double d = rows[i * width + k] - rows[j * width + k];
            sum += d * d;
        }
        return sum;
    }

    /** ∏ ‖Wᵢ‖_σ, an upper bound for networks of 1-Lipschitz nonlinearities. */
    public static double upper(List<Tensor> weights) {
        return Norms.spectralProduct(weights);
    }
}
