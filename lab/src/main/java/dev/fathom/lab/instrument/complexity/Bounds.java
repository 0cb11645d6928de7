package dev.fathom.lab.instrument.complexity;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.Arrays;
import java.util.List;

/** Capacities that bound the gap between training and test error. Weights are (in, out). */
public final class Bounds {
    private Bounds() {}

    /** {@link #spectralComplexity(List, List)} with M = 0. */
    public static double spectralComplexity(List<Tensor> weights) {
        return spectralComplexity(weights, weights.stream().map(w -> w.times(0)).toList());
    }

    /**
     * The spectral complexity with reference matrices M, for 1-Lipschitz nonlinearities,
     *
     * <pre>R_A = ∏ ‖Aᵢ‖_σ (Σ (‖Aᵢᵀ − Mᵢᵀ‖_{2,1} / ‖Aᵢ‖_σ)^{2/3})^{3/2}</pre>
     *
     * P. Bartlett, D. Foster, M. Telgarsky, "Spectrally-normalized margin bounds for neural
     * networks", NIPS 2017, equation 1.2. Their A is our weight transposed, so that ‖Aᵀ‖_{2,1} sums
     * over the units the lengths of the weights into them. It is 0 where A = M, as is the bound,
     * and does not change when one layer is scaled by c and another by 1/c with its M.
     *
     * @param references M, of the shapes of the weights; the initial weights are usual
     */
    public static double spectralComplexity(List<Tensor> weights, List<Tensor> references) {
        InstrumentException.require(
                weights.size() == references.size() && !weights.isEmpty(),
                "spectral complexity: "
                        + weights.size()
                        + " weights and "
                        + references.size()
                        + " references");
        double product = 1;
        double sum = 0;
        for (int i = 0; i < weights.size(); i++) {
            Tensor w = weights.get(i);
            double spectral = Norms.spectral(w);
            product *= spectral;
            double distance = Norms.twoOne(w.minus(references.get(i)));
            InstrumentException.require(
                    spectral > 0,
                    "spectral complexity: weight " + i + " is zero, so is the network");
            sum += Math.pow(distance / spectral, 2.0 / 3);
        }
        return product * Math.pow(sum, 1.5);
    }

    /**
     * The error of a network with 1-Lipschitz nonlinearities that fix 0, from its margins on n
     * examples: with probability 1 − δ, for all weights and margins γ at once,
     *
     * <pre>
     * error ≤ |{i : marginᵢ ≤ γ}|/n + 2 D(r) + 3 √(ln(2/(δ p))/2n)
     * r     = 2 ‖X‖_F R √(ln 2W²) / γ      √ of the entropy of the ramp losses at scale 1
     * D(r)  = min over a of 4a/√n + (12/n) ∫_a^√n (r/e) de = (12 r/n) (1 + ln(n/3r)), at most 4
     * R     = ∏ sᵢ (Σ (bᵢ/sᵢ)^{2/3})^{3/2}  for ‖Aᵢ‖_σ ≤ sᵢ, ‖Aᵢᵀ − Mᵢᵀ‖_{2,1} ≤ bᵢ
     * </pre>
     *
     * with W the largest width. It is theorem 1.1 of P. Bartlett, D. Foster, M. Telgarsky,
     * "Spectrally-normalized margin bounds for neural networks", NIPS 2017, with its constants and
     * logarithms: their covering number (theorem 3.3), Dudley's integral (lemma A.5) and the margin
     * bound by the Rademacher complexity of the sample. So that it holds for weights that have seen
     * the sample, sᵢ and bᵢ are rounded up to multiples j/L and γ down to a power 2^m, and the
     * choice is paid for by its prior p, the product of 1/(j(j + 1)) and 2/(3(|m| + 1)(|m| + 2));
     * the paper's lemma A.8 pays in another way.
     *
     * @param weights (in, out), in order
     * @param references M, chosen without the sample
     * @param norm ‖X‖_F = √(Σ ‖xᵢ‖²) of the same examples
     * @param margins {@link Margins#of} the network's outputs, (n)
     * @param margin γ > 0
     */
    public static Bound spectralMargin(
            List<Tensor> weights,
            List<Tensor> references,
            double norm,
            double[] margins,
            double margin,
            double delta) {
        int n = margins.length;
        checkSample(n, delta);
        InstrumentException.check("margin bound", "the margin", margin, "positive", margin > 0);
        InstrumentException.check("margin bound", "‖X‖", norm, "at least 0", norm >= 0);
        spectralComplexity(weights, references); // refuses what has none
        int layers = weights.size();
        double width = 1;
        double product = 1;
        double sum = 0;
        double price = Math.log(2 / delta);
        for (int i = 0; i < layers; i++) {
            Tensor w = weights.get(i);
            Tensor matrix = Norms.matrix(w);
            width = Math.max(width, Math.max(matrix.dim(0), matrix.dim(1)));
            double s = Math.max(1, Math.ceil(layers * Norms.spectral(w)));
            double b = Math.max(1, Math.ceil(layers * Norms.twoOne(w.minus(references.get(i)))));
            price += Math.log(s * (s + 1)) + Math.log(b * (b + 1));
            product *= s / layers;
            sum += Math.pow(b / s, 2.0 / 3);
        }
        int power = Math.getExponent(margin);
        double rounded = Math.scalb(1.0, power);
        price += Math.log(1.5 * (Math.abs(power) + 1) * (Math.abs(power) + 2));
        double complexity = product * Math.pow(sum, 1.5);
        double r = 2 * norm * complexity * Math.sqrt(Math.log(2 * width * width)) / rounded;
        double dudley = 3 * r < n ? 12 * r / n * (1 + Math.log(n / (3 * r))) : 4;
        double missed = Arrays.stream(margins).filter(m -> m <= rounded).count() / (double) n;
        return new Bound(missed + 2 * (r == 0 ? 0 : dudley) + 3 * Math.sqrt(price / (2.0 * n)));
    }

    /**
     * The Rademacher complexity of ReLU networks without biases on n inputs of length ≤ B,
     *
     * <pre>B (√(2 d ln 2) + 1) ∏ ‖Wᵢ‖_F / √n</pre>
     *
     * N. Golowich, A. Rakhlin, O. Shamir, "Size-independent sample complexity of neural networks",
     * COLT 2018, theorem 1.
     */
    public static double golowich(List<Tensor> weights, double radius, int n) {
        InstrumentException.check("Golowich", "n", n, "at least 1", n >= 1);
        InstrumentException.check("Golowich", "radius", radius, "at least 0", radius >= 0);
        double depth = Math.sqrt(2 * weights.size() * Math.log(2)) + 1;
        return radius * depth * Norms.frobeniusProduct(weights) / Math.sqrt(n);
    }

    /**
     * The largest gap between true and sample error over finitely many functions, with probability
     * 1 − δ: √((ln |F| + ln(2/δ))/2n), by Hoeffding's inequality for each.
     *
     * @param logSize ln |F|; for a network of p weights of b bits each p b ln 2
     */
    public static Bound finiteClass(double logSize, int n, double delta) {
        InstrumentException.check("bound", "ln |F|", logSize, "at least 0", logSize >= 0);
        checkSample(n, delta);
        return new Bound(Math.sqrt((logSize + Math.log(2 / delta)) / (2.0 * n)));
    }

    /**
     * By how much the true error of a binary classifier exceeds its sample error at most, with
     * probability 1 − δ, for a class of VC dimension h < n:
     *
     * <pre>2 √(2 (h ln(2en/h) + ln(2/δ))/n)</pre>
     *
     * O. Bousquet, S. Boucheron, G. Lugosi, "Introduction to statistical learning theory", 2004,
     * after Vapnik and Chervonenkis.
     */
    public static Bound vapnik(double dimension, int n, double delta) {
        InstrumentException.check("bound", "dimension", dimension, "positive", dimension > 0);
        checkSample(n, delta);
        double growth =
                dimension < n
                        ? dimension * Math.log(2 * Math.E * n / dimension)
                        : 2.0 * n * Math.log(2);
        return new Bound(2 * Math.sqrt(2 * (growth + Math.log(2 / delta)) / n));
    }

    /**
     * The VC dimension of networks of threshold units is at most 2 W log₂(e N) for W weights and N
     * ≥ 2 units. E. Baum and D. Haussler, "What size net gives valid generalization?", Neural
     * Computation 1, 1989.
     */
    public static double thresholdDimension(long weights, long units) {
        InstrumentException.check("bound", "weights", weights, "at least 1", weights >= 1);
        InstrumentException.check("bound", "units", units, "at least 2", units >= 2);
        return 2.0 * weights * Math.log(Math.E * units) / Math.log(2);
    }

    private static void checkSample(int n, double delta) {
        InstrumentException.check("bound", "n", n, "at least 1", n >= 1);
        InstrumentException.check("bound", "delta", delta, "in (0, 1)", delta > 0 && delta < 1);
    }
}
