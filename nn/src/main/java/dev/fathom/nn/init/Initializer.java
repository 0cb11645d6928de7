package dev.fathom.nn.init;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

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

    /** One value everywhere; the key is not used. */
    static Initializer constant(double value) {
        return (_, dtype, _, _, shape) -> Tensor.full(dtype, value, shape);
    }

    /** Zeros; the key is not used. */
    static Initializer zeros() {
        return constant(0);
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
