package dev.fathom.lab.instrument.complexity;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

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
}
