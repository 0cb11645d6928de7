package dev.fathom.lab.instrument.spectrum;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.operator.LinearOperator;
import dev.fathom.lab.instrument.statistic.Estimate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * How the eigenvalues of a symmetric operator are spread, by stochastic Lanczos quadrature: from
 * each of several random starts Lanczos' T gives nodes θ and weights τ² (the squared first entries
 * of its eigenvectors), and
 *
 * <pre>(1/n) tr f(A) ≈ mean over starts of Σ τ² f(θ)</pre>
 *
 * S. Ubaru, J. Chen, Y. Saad, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature", SIAM
 * J. Matrix Anal. Appl. 38, 2017, algorithm 1, with starts from the sphere. For the Hessians of
 * networks: B. Ghorbani, S. Krishnan, Y. Xiao, ICML 2019.
 *
 * @param nodes θ, ascending
 * @param weights τ² over the number of starts; they sum to 1
 * @param perStart the quadrature of each start, for standard errors: nodes and weights
 * @param size n
 */
public record SpectralDensity(
        double[] nodes, double[] weights, List<double[][]> perStart, int size) {

    /**
     * From so many starts with so many products each.
     *
     * @param steps at least 1; nodes that far out converge first
     */
    public static SpectralDensity of(LinearOperator a, int starts, int steps, Key key) {
        InstrumentException.check("SpectralDensity", "starts", starts, "at least 1", starts >= 1);
        var per =
                IntStream.range(0, starts)
                        .mapToObj(i -> {
                            var q = Vectors.unit(key.fold(i), a.columns());
                            var run = Lanczos.from(a, steps, Tensor.of(q));
                            var w = run.top().clone();
                            Arrays.setAll(w, j -> w[j] * w[j]);
                            return new double[][] {run.values(), w};
                        })
                        .toList();
        var pairs =
                per.stream()
                        .flatMap(p ->
                                IntStream.range(0, p[0].length)
                                        .mapToObj(j -> new double[] {p[0][j], p[1][j] / starts}))
                        .sorted(Comparator.comparingDouble(p -> p[0]))
                        .toList();
        return new SpectralDensity(
                pairs.stream().mapToDouble(p -> p[0]).toArray(),
                pairs.stream().mapToDouble(p -> p[1]).toArray(),
                per,
                a.columns());
    }

    /** tr f(A), with the standard error over the starts. */
    public Estimate trace(DoubleUnaryOperator f) {
        var values =
                perStart.stream()
                        .mapToDouble(p -> {
                            double sum = 0;
                            for (int j = 0; j < p[0].length; j++) {
                                sum += p[1][j] * f.applyAsDouble(p[0][j]);
                            }
                            return size * sum;
                        })
                        .toArray();
        return Estimate.ofMean(values);
    }

    /** The share of eigenvalues ≤ x. */
    public double distribution(double x) {
        double sum = 0;
        for (int i = 0; i < nodes.length && nodes[i] <= x; i++) {
            sum += weights[i];
        }
        return sum;
    }

    /** The density at x, each node widened to a normal curve of standard deviation σ > 0. */
    public double density(double x, double sigma) {
        InstrumentException.check("SpectralDensity", "sigma", sigma, "positive", sigma > 0);
        double sum = 0;
        for (int i = 0; i < nodes.length; i++) {
            double z = (x - nodes[i]) / sigma;
            sum += weights[i] * Math.exp(-z * z / 2);
        }
        return sum / (sigma * Math.sqrt(2 * Math.PI));
    }

    /**
     * The Wasserstein-1 distance ∫|F − G| to the distribution of these eigenvalues.
     *
     * @param eigenvalues in any order
     */
    public double distance(double[] eigenvalues) {
        var exact = eigenvalues.clone();
        Arrays.sort(exact);
        double sum = 0;
        double f = 0;
        double g = 0;
        double x = Math.min(nodes[0], exact[0]);
        int i = 0;
        int j = 0;
        while (i < nodes.length || j < exact.length) {
            boolean mine = j == exact.length || (i < nodes.length && nodes[i] <= exact[j]);
            double next = mine ? nodes[i] : exact[j];
            sum += Math.abs(f - g) * (next - x);
            x = next;
            if (mine) {
                f += weights[i++];
            } else {
                g += 1.0 / exact.length;
                j++;
            }
        }
        return sum;
    }
}
