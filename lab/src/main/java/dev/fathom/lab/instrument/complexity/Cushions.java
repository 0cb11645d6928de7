package dev.fathom.lab.instrument.complexity;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well a ReLU network without biases, x⁰ = x, xⁱ = φ(xⁱ⁻¹) Wᵢ with φ(x⁰) = x⁰, damps noise on a
 * sample S:
 *
 * <pre>
 * layer cushion         μᵢ = min_S ‖φ(xⁱ⁻¹) Wᵢ‖ / (‖Wᵢ‖_F ‖φ(xⁱ⁻¹)‖)
 * interlayer cushion    μᵢⱼ = min_S ‖Jⁱʲ xⁱ‖ / (‖Jⁱʲ‖_F ‖xⁱ‖),  Jⁱʲ = ∂xʲ/∂xⁱ,  μᵢ→ = min_{j ≥ i} μᵢⱼ
 * contraction           c = max_S max_i ‖xⁱ‖ / ‖φ(xⁱ)‖
 * </pre>
 *
 * S. Arora, R. Ge, B. Neyshabur, Y. Zhang, "Stronger generalization bounds for deep nets via a
 * compression approach", ICML 2018, definitions 4 to 6. All are in (0, 1] but c ≥ 1; noise at layer
 * i reaches the output smaller, relative to it, the larger the cushions are. Jⁱⁱ is the identity of
 * width hᵢ, so μᵢ→ ≤ 1/√hᵢ. c is over the hidden layers. An example at which a layer is silent
 * makes them 0 and c infinite.
 *
 * @param layer μᵢ, i = 1 .. d
 * @param interlayer μᵢⱼ for i ≤ j at [i − 1][j − i]
 * @param contraction c
 * @param largest max_S ‖xᵈ‖
 */
public record Cushions(double[] layer, double[][] interlayer, double contraction, double largest) {

    /**
     * Of a network on a sample.
     *
     * @param weights Wᵢ, (in, out) of consecutive layers
     * @param x (n, in)
     */
    public static Cushions of(List<Tensor> weights, Tensor x) {
        var w = weights.stream().map(Norms::matrix).toList();
        int d = w.size();
        InstrumentException.require(d >= 1, "cushions need at least one layer");
        var layer = new double[d];
        var inter = new double[d][];
        Arrays.fill(layer, Double.POSITIVE_INFINITY);
        for (int i = 0; i < d; i++) {
            inter[i] = new double[d - i];
            Arrays.fill(inter[i], Double.POSITIVE_INFINITY);
        }
        double contraction = 1;
        double largest = 0;
        for (int e = 0; e < x.dim(0); e++) {
            Tensor a = x.get(e).cast(DType.FLOAT64).expandDims(0); // (1, in)
            var z = new ArrayList<Tensor>();
            for (int i = 0; i < d; i++) {
                z.add(a.matmul(w.get(i)));
                layer[i] = Math.min(layer[i], length(z.get(i)) / (length(w.get(i)) * length(a)));
                a = Functions.relu(z.get(i));
                if (i < d - 1) {
                    contraction = Math.max(contraction, length(z.get(i)) / length(a));
                }
            }
            largest = Math.max(largest, length(z.get(d - 1)));
            for (int i = 0; i < d; i++) {
                inter[i][0] = Math.min(inter[i][0], 1 / Math.sqrt(z.get(i).size()));
                Tensor j = null;
                for (int k = i + 1; k < d; k++) {
                    Tensor active = active(z.get(k - 1));
                    // Rows are places of xⁱ: their derivative first passes φ, then W.
                    j =
                            j == null
                                    ? w.get(k).times(active.reshape((int) active.size(), 1))
                                    : j.times(active).matmul(w.get(k));
                    // The network is homogeneous, so xⁱ Jⁱᵏ is xᵏ itself.
                    double mu = length(z.get(k)) / (length(j) * length(z.get(i)));
                    inter[i][k - i] = Math.min(inter[i][k - i], mu);
                }
            }
        }
        return new Cushions(layer, inter, contraction, largest);
    }

    /** μᵢ→ for i = 1 .. d. */
    public double[] towards() {
        return Arrays.stream(interlayer)
                .mapToDouble(m -> Arrays.stream(m).min().orElse(1))
                .toArray();
    }

    /**
     * The leading term of the bound on the test error, without its constant and logarithms: √(c² d²
     * max‖f‖² Σ 1/(μᵢ² μᵢ→²) / (γ² m)). Ibid., theorem 4.1.
     *
     * @param margin γ > 0
     * @param examples m
     */
    public double bound(double margin, int examples) {
        InstrumentException.check("cushions", "margin", margin, "positive", margin > 0);
        InstrumentException.check("cushions", "examples", examples, "at least 1", examples >= 1);
        double sum = 0;
        var towards = towards();
        for (int i = 0; i < layer.length; i++) {
            sum += 1 / Math.pow(layer[i] * towards[i], 2);
        }
        return contraction * layer.length * largest * Math.sqrt(sum / examples) / margin;
    }

    /**
     * Algorithm 1, Matrix-Project: Ŵ = 1/k Σ ⟨W, Mₗ⟩ Mₗ with k matrices M of random signs, which k
     * numbers and a shared seed describe. It is unbiased, and for fixed u and v
     *
     * <pre>Var uŴv = (‖W‖_F²‖u‖²‖v‖² + (uWv)² − 2 Σ Wᵢⱼ²uᵢ²vⱼ²)/k</pre>
     *
     * so that an error of ε‖W‖_F‖u‖‖v‖ takes k of the order of 1/ε².
     *
     * @param draws k ≥ 1
     */
    public static Tensor project(Tensor weight, int draws, Key key) {
        InstrumentException.check("Matrix-Project", "draws", draws, "at least 1", draws >= 1);
        var w = weight.cast(DType.FLOAT64).toDoubles();
        var sum = new double[w.length];
        for (int l = 0; l < draws; l++) {
            var signs = key.fold(l).bernoulli(0.5, w.length).toBooleans();
            double inner = 0;
            for (int i = 0; i < w.length; i++) {
                inner += signs[i] ? w[i] : -w[i];
            }
            for (int i = 0; i < w.length; i++) {
                sum[i] += signs[i] ? inner : -inner;
            }
        }
        return Tensor.of(sum, weight.shape().dims()).dividedBy(draws).cast(weight.dtype());
    }

    /**
     * Interlayer smoothness: the largest ρ with
     *
     * <pre>‖Mⁱʲ(xⁱ + η) − Jⁱʲ(xⁱ + η)‖ ≤ ‖η‖ ‖xʲ‖ / (ρ ‖xⁱ‖)</pre>
     *
     * for all but a share δ of the triples of example, pair of layers i < j, and normal noise of
     * length {@code relative}·‖xⁱ‖. Ibid., definition 7, where the noise is that of the
     * compression. Huge where no unit changes sides.
     */
    public static double smoothness(
            List<Tensor> weights, Tensor x, double relative, double delta, int draws, Key key) {
        InstrumentException.check("smoothness", "relative", relative, "positive", relative > 0);
        InstrumentException.check(
                "smoothness", "delta", delta, "in [0, 1)", delta >= 0 && delta < 1);
        InstrumentException.check("smoothness", "draws", draws, "at least 1", draws >= 1);
        var w = weights.stream().map(Norms::matrix).toList();
        var values = new ArrayList<Double>();
        for (int e = 0; e < x.dim(0); e++) {
            Tensor z = x.get(e).cast(DType.FLOAT64).expandDims(0).matmul(w.getFirst());
            for (int i = 0; i + 1 < w.size(); i++) {
                for (int r = 0; r < draws; r++) {
                    Tensor noise =
                            key.fold(e).fold(i).fold(r).normal(DType.FLOAT64, z.shape().dims());
                    double size = relative * length(z);
                    Tensor moved = z.plus(noise.times(size / length(noise)));
                    follow(w, i, z, moved, relative, values);
                }
                z = Functions.relu(z).matmul(w.get(i + 1));
            }
        }
        InstrumentException.require(!values.isEmpty(), "smoothness needs two layers or more");
        var sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
        return sorted[(int) Math.floor(delta * sorted.length)];
    }

    /** ρ for every later layer: the net and its linearisation at z, both from the moved place. */
    private static void follow(
            List<Tensor> w, int i, Tensor z, Tensor moved, double relative, List<Double> values) {
        Tensor at = z;
        Tensor linear = moved;
        Tensor real = moved;
        for (int k = i + 1; k < w.size(); k++) {
            linear = linear.times(active(at)).matmul(w.get(k));
            real = Functions.relu(real).matmul(w.get(k));
            at = Functions.relu(at).matmul(w.get(k));
            values.add(relative * length(at) / length(real.minus(linear)));
        }
    }

    private static Tensor active(Tensor z) {
        return z.greaterThan(Tensor.scalar(0.0)).cast(DType.FLOAT64);
    }

    private static double length(Tensor t) {
        return Math.sqrt(t.square().sum().item());
    }
}
