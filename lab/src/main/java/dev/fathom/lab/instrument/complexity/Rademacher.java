package dev.fathom.lab.instrument.complexity;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.study.Estimate;

import java.util.Arrays;

/**
 * The empirical Rademacher complexity E sup_f (1/n) Σ σᵢ f(xᵢ) over random signs σ: how well a
 * class of functions fits noise on a sample. P. Bartlett and S. Mendelson, "Rademacher and Gaussian
 * complexities", JMLR 3, 2002. For a network, train it on the signs and take the mean of its fits.
 */
public final class Rademacher {
    private Rademacher() {}

    /**
     * Of finitely many functions.
     *
     * @param values f(xᵢ), (functions, n)
     * @param draws of signs, ≥ 2
     */
    public static Estimate ofFunctions(Tensor values, int draws, Key key) {
        InstrumentException.require(
                values.rank() == 2,
                "values of functions are (functions, n), not " + values.shape());
        Tensor v = values.cast(DType.FLOAT64);
        return mean(v.dim(1), draws, key, s -> v.matmul(s).max().item());
    }

    /**
     * Of linear functions wᵀx with ‖w‖ ≤ B: the supremum is (B/n) ‖Σ σᵢ xᵢ‖.
     *
     * @param x (n, d)
     */
    public static Estimate ofBall(Tensor x, double radius, int draws, Key key) {
        InstrumentException.require(x.rank() == 2, "examples are (n, d), not " + x.shape());
        InstrumentException.check("Rademacher", "radius", radius, "at least 0", radius >= 0);
        Tensor t = x.cast(DType.FLOAT64);
        return mean(
                x.dim(0), draws, key, s -> radius * Math.sqrt(s.matmul(t).square().sum().item()));
    }

    /** B √(Σ ‖xᵢ‖²) / n, which is above the complexity of the ball by Jensen's inequality. */
    public static double ballBound(Tensor x, double radius) {
        return radius * Math.sqrt(x.cast(DType.FLOAT64).square().sum().item()) / x.dim(0);
    }

    /** Massart's lemma: max ‖f‖ √(2 ln N) / n bounds that of N functions; values (N, n). */
    public static double massart(Tensor values) {
        Tensor lengths = values.cast(DType.FLOAT64).square().sum(1).sqrt();
        return lengths.max().item() * Math.sqrt(2 * Math.log(values.dim(0))) / values.dim(1);
    }

    @FunctionalInterface
    private interface Supremum {
        double of(Tensor signs);
    }

    private static Estimate mean(int n, int draws, Key key, Supremum supremum) {
        InstrumentException.check("Rademacher", "draws", draws, "at least 2", draws >= 2);
        var samples = new double[draws];
        for (int i = 0; i < draws; i++) {
            var up = key.fold(i).bernoulli(0.5, n).toBooleans();
            var signs = new double[n];
            Arrays.setAll(signs, j -> up[j] ? 1 : -1);
            samples[i] = supremum.of(Tensor.of(signs)) / n;
        }
        return Estimate.of(samples);
    }
}
