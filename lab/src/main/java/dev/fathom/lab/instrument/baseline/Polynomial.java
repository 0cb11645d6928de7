package dev.fathom.lab.instrument.baseline;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.kernel.LeastSquares;

/**
 * A polynomial of one variable, p(x) = Σ c_k T_k(t) with Chebyshev's T_k and t the place of x
 * between {@code low} and {@code high}, scaled to [−1, 1]. In this basis the least-squares problem
 * stays well conditioned, where powers of x fail from degree 15 or so.
 *
 * @param coefficients c
 * @param low the left end
 * @param high the right end
 */
public record Polynomial(double[] coefficients, double low, double high) {

    /**
     * Least squares; of all solutions the one with the shortest c, where there are fewer examples
     * than coefficients.
     *
     * @param degree ≥ 0
     */
    public static Polynomial fit(double[] x, double[] y, int degree) {
        InstrumentException.check("Polynomial", "degree", degree, "at least 0", degree >= 0);
        InstrumentException.require(
                x.length == y.length && x.length >= 1,
                "a polynomial through " + x.length + " places with " + y.length + " values");
        double low = x[0];
        double high = x[0];
        for (double v : x) {
            low = Math.min(low, v);
            high = Math.max(high, v);
        }
        if (low == high) {
            high = low + 1;
        }
        var rows = new double[x.length * (degree + 1)];
        for (int i = 0; i < x.length; i++) {
            System.arraycopy(
                    basis(scaled(x[i], low, high), degree), 0, rows, i * (degree + 1), degree + 1);
        }
        var solution = LeastSquares.minNorm(Tensor.of(rows, x.length, degree + 1), Tensor.of(y));
        return new Polynomial(solution.weights().toDoubles(), low, high);
    }

    /** p(x); outside the fitted interval it runs away fast. */
    public double at(double x) {
        var t = basis(scaled(x, low, high), coefficients.length - 1);
        double sum = 0;
        for (int k = 0; k < t.length; k++) {
            sum += coefficients[k] * t[k];
        }
        return sum;
    }

    private static double scaled(double x, double low, double high) {
        return (2 * x - low - high) / (high - low);
    }

    /** T₀ = 1, T₁ = t, T_{k+1} = 2t T_k − T_{k−1}. */
    private static double[] basis(double t, int degree) {
        var b = new double[degree + 1];
        b[0] = 1;
        for (int k = 1; k <= degree; k++) {
            b[k] = k == 1 ? t : 2 * t * b[k - 1] - b[k - 2];
        }
        return b;
    }
}
