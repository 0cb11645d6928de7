package dev.fathom.nn.init;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

import java.util.Arrays;

/**
 * A law for the first values of a parameter.
 *
 * <p>{@code fanIn} is the number of inputs that one output sums, {@code fanOut} the number of
 * outputs that one input reaches: (in, out) for a dense layer, kernel size times channels per group
 * for a convolution. Every law with variance σ² comes in two shapes: <em>normal</em>, N(0, σ²), and
 * <em>uniform</em> on ±√3 σ, which has the same variance.
 */
@FunctionalInterface
public interface Initializer {
    /** A parameter of the given shape. */
    Tensor of(Key key, DType dtype, int fanIn, int fanOut, int... shape);

    /**
     * The law of every layer that is not told another: {@link #heNormal}, since most layers here
     * are followed by a rectifier. Biases start at zero.
     */
    static Initializer standard() {
        return heNormal();
    }

    /**
     * Glorot (Xavier), normal: σ² = 2 / (fanIn + fanOut). For layers followed by tanh or by
     * nothing. X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward
     * neural networks", AISTATS 2010, equation 12 (the variance; the paper draws uniformly).
     */
    static Initializer glorotNormal() {
        return (key, dtype, in, out, shape) -> normal(key, dtype, glorot(in, out), shape);
    }

    /**
     * Glorot (Xavier), uniform on ±√(6 / (fanIn + fanOut)): Glorot and Bengio 2010, equation 16.
     */
    static Initializer glorotUniform() {
        return (key, dtype, in, out, shape) -> uniform(key, dtype, glorot(in, out), shape);
    }

    /**
     * He (Kaiming), normal: σ² = 2 / fanIn, which keeps the size of activations through rectifiers.
     * K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.
     */
    static Initializer heNormal() {
        return (key, dtype, in, _, shape) -> normal(key, dtype, 2.0 / fan(in), shape);
    }

    /** He (Kaiming), uniform on ±√(6 / fanIn): the variance of He et al. 2015, equation 10. */
    static Initializer heUniform() {
        return (key, dtype, in, _, shape) -> uniform(key, dtype, 2.0 / fan(in), shape);
    }

    /**
     * He, normal, σ² = 2 / fanOut, which keeps the size of gradients: He et al. 2015, equation 14.
     */
    static Initializer heNormalFanOut() {
        return (key, dtype, _, out, shape) -> normal(key, dtype, 2.0 / fan(out), shape);
    }

    /** He, uniform on ±√(6 / fanOut): the variance of He et al. 2015, equation 14. */
    static Initializer heUniformFanOut() {
        return (key, dtype, _, out, shape) -> uniform(key, dtype, 2.0 / fan(out), shape);
    }

    /**
     * LeCun, normal: σ² = 1 / fanIn, for linear and self-normalising layers. Y. LeCun, L. Bottou,
     * G. Orr, K.-R. Müller, "Efficient BackProp", 1998, equation 16.
     */
    static Initializer leCunNormal() {
        return (key, dtype, in, _, shape) -> normal(key, dtype, 1.0 / fan(in), shape);
    }

    /** N(0, σ²) with the given σ, whatever the fans. */
    static Initializer normal(double standardDeviation) {
        return (key, dtype, _, _, shape) ->
                normal(key, dtype, standardDeviation * standardDeviation, shape);
    }

    /** Uniform on [low, high), whatever the fans. */
    static Initializer uniform(double low, double high) {
        return (key, dtype, _, _, shape) -> key.uniform(dtype, shape).times(high - low).plus(low);
    }

    /**
     * N(0, σ²) cut to ±2σ, with σ such that the standard deviation after the cut is the one given
     * (0.8796 σ before), as Keras and Flax do.
     */
    static Initializer truncatedNormal(double standardDeviation) {
        // √(1 − 4 φ(2)/erf(√2)), the standard deviation of N(0, 1) cut to [−2, 2]
        double cut = 0.87962566103423978;
        return (key, dtype, _, _, shape) ->
                key.truncatedNormal(dtype, shape).times(standardDeviation / cut);
    }

    /** What a variance is divided by: {@link #varianceScaling}. */
    enum Fan {
        /** The number of inputs. */
        IN,
        /** The number of outputs. */
        OUT,
        /** Their mean. */
        AVERAGE
    }

    /** The shape of a law: {@link #varianceScaling}. */
    enum Law {
        /** N(0, σ²). */
        NORMAL,
        /** N(0, σ²) cut to two standard deviations and rescaled. */
        TRUNCATED,
        /** Uniform on ±√3 σ. */
        UNIFORM
    }

    /**
     * σ² = scale / fan, of which the named laws are cases: He's is (2, IN), Glorot's (1, AVERAGE),
     * LeCun's (1, IN).
     */
    static Initializer varianceScaling(double scale, Fan fan, Law law) {
        if (!(scale > 0)) {
            throw new LayerException(
                    "varianceScaling: the scale is " + scale + "; it must be positive");
        }
        return (key, dtype, in, out, shape) -> {
            double n =
                    switch (fan) {
                        case IN -> fan(in);
                        case OUT -> fan(out);
                        case AVERAGE -> (fan(in) + fan(out)) / 2;
                    };
            double variance = scale / n;
            return switch (law) {
                case NORMAL -> normal(key, dtype, variance, shape);
                case TRUNCATED ->
                        truncatedNormal(Math.sqrt(variance)).of(key, dtype, in, out, shape);
                case UNIFORM -> uniform(key, dtype, variance, shape);
            };
        };
    }

    /**
     * A random orthogonal matrix times a gain, drawn evenly (Haar): with the last axis as columns,
     * columns or rows are orthonormal, whichever are fewer. All singular values are the gain, so a
     * deep linear network neither shrinks nor stretches anything. A. Saxe, J. McClelland, S.
     * Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
     * networks", ICLR 2014, section 3. The draw: F. Mezzadri, "How to generate random matrices from
     * the classical compact groups", 2007.
     */
    static Initializer orthogonal(double gain) {
        return (key, dtype, _, _, shape) -> {
            var dims = matrix("orthogonal", shape);
            int rows = dims[0];
            int columns = dims[1];
            boolean tall = rows >= columns;
            Tensor draw =
                    key.normal(DType.FLOAT64, Math.max(rows, columns), Math.min(rows, columns));
            Tensor q = Linalg.qr(draw).q(); // orthonormal columns, the diagonal of R ≥ 0
            return (tall ? q : Linalg.transpose(q)).times(gain).cast(dtype).reshape(shape);
        };
    }

    /**
     * The identity, for a dense layer (in, out) or in the middle of a kernel (k, .., in, out) of
     * odd sizes: the layer hands on the first min(in, out) of its features. The key is not used. Q.
     * Le, N. Jaitly, G. Hinton, "A simple way to initialize recurrent networks of rectified linear
     * units", 2015; S. Zagoruyko and N. Komodakis, "DiracNets", 2017.
     */
    static Initializer identity() {
        return (_, dtype, _, _, shape) -> {
            matrix("identity", shape);
            int in = shape[shape.length - 2];
            int out = shape[shape.length - 1];
            int n = Math.max(in, out);
            Tensor eye = Creation.eye(dtype, n).slice(0, 0, in).slice(1, 0, out);
            return centred("identity", eye, shape);
        };
    }

    /**
     * An orthogonal matrix in the middle of a kernel (k, .., in, out) of odd sizes, zero elsewhere:
     * a convolution that is an isometry of channels at every place. L. Xiao et al., "Dynamical
     * isometry and a mean field theory of CNNs", ICML 2018, algorithm 1, which asks for in ≤ out.
     */
    static Initializer deltaOrthogonal(double gain) {
        return (key, dtype, in, out, shape) -> {
            matrix("deltaOrthogonal", shape);
            int a = shape[shape.length - 2];
            int b = shape[shape.length - 1];
            if (a > b) {
                throw new LayerException(
                        "deltaOrthogonal: "
                                + a
                                + " channels cannot go into "
                                + b
                                + " without loss; it takes in ≤ out");
            }
            return centred(
                    "deltaOrthogonal", orthogonal(gain).of(key, dtype, in, out, a, b), shape);
        };
    }

    /** One value everywhere; the key is not used. */
    static Initializer constant(double value) {
        return (_, dtype, _, _, shape) -> Tensor.full(dtype, value, shape);
    }

    /** Zeros; the key is not used. */
    static Initializer zeros() {
        return constant(0);
    }

    /** Rows and columns of a shape seen as a matrix whose columns are the last axis. */
    private static int[] matrix(String law, int[] shape) {
        if (shape.length < 2) {
            throw new LayerException(
                    law
                            + ": a parameter of shape "
                            + Arrays.toString(shape)
                            + " is no matrix; it takes weights of layers");
        }
        int columns = shape[shape.length - 1];
        int rows = 1;
        for (int i = 0; i < shape.length - 1; i++) {
            rows *= shape[i];
        }
        return new int[] {rows, columns};
    }

    /** A matrix in the middle of a kernel of zeros. */
    private static Tensor centred(String law, Tensor matrix, int[] shape) {
        var low = new int[shape.length];
        var one = new int[shape.length];
        Arrays.fill(one, 1);
        for (int i = 0; i < shape.length - 2; i++) {
            if (shape[i] % 2 == 0) {
                throw new LayerException(
                        law + ": a kernel of size " + shape[i] + " has no middle; take an odd one");
            }
            low[i] = shape[i] / 2;
        }
        one[shape.length - 2] = matrix.dim(0);
        one[shape.length - 1] = matrix.dim(1);
        return Shaping.pad(matrix.reshape(one), low, low);
    }

    private static double glorot(int in, int out) {
        return 2.0 / (fan(in) + fan(out));
    }

    private static double fan(int n) {
        if (n < 1) {
            throw new LayerException(
                    "initializer: a fan of " + n + "; it counts connections and is at least 1");
        }
        return n;
    }

    private static Tensor normal(Key key, DType dtype, double variance, int[] shape) {
        return key.normal(dtype, shape).times(Math.sqrt(variance));
    }

    private static Tensor uniform(Key key, DType dtype, double variance, int[] shape) {
        double limit = Math.sqrt(3 * variance);
        return uniform(-limit, limit).of(key, dtype, 1, 1, shape);
    }
}
