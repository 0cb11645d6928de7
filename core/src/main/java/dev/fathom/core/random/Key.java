package dev.fathom.core.random;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Ordering;
import dev.fathom.core.op.Source;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

import java.nio.charset.StandardCharsets;

/**
 * A source of random numbers that is a value: the same key gives the same numbers, always, on any
 * number of threads. Use a key once; for more numbers {@link #split} it or take a named {@link
 * #stream}. It is a tree of one tensor, int32 (2,), and works inside {@code jit}, {@code vmap} and
 * {@code scan}.
 *
 * <p>The generator is Threefry-2x32 with 20 rounds in counter mode (Salmon, Moraes, Dror, Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011): each element is a function of key and
 * position alone.
 */
public record Key(Tensor bits) {

    /** The key of a seed. */
    public static Key of(long seed) {
        return new Key(Tensor.of(new int[] {(int) (seed >>> 32), (int) seed}));
    }

    /** {@code n} independent keys. */
    public Key[] split(int n) {
        Tensor words = randomBits(n, 2);
        var keys = new Key[n];
        for (int i = 0; i < n; i++) {
            keys[i] = new Key(words.get(i));
        }
        return keys;
    }

    /**
     * The independent key of a name, such as {@code dropout}: streams of different names do not
     * disturb each other.
     */
    public Key stream(String name) {
        long hash = 0xcbf29ce484222325L; // FNV-1a, 64 bits
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return fold(Tensor.of(new int[] {(int) (hash >>> 32), (int) hash}));
    }

    /** The independent key number {@code index}. */
    public Key fold(int index) {
        return fold(Tensor.of(new int[] {0, index}));
    }

    /**
     * The independent key of an int32 scalar known only when the program runs, such as a step
     * counter.
     */
    public Key fold(Tensor index) {
        if (index.dtype() != DType.INT32) {
            throw new DTypeException("fold: a key takes an int32 index, not " + index.type());
        }
        Tensor words = index.rank() == 0 ? Shaping.stack(0, Ops.zeros(index.type()), index) : index;
        // keys are mixed by using one's words as offsets of the other's output
        Tensor own = randomBits(2, 2);
        return new Key(new Key(own.get(0).plus(words)).randomBits(2).plus(own.get(1)));
    }

    /** 32 random bits per element, int32. */
    public Tensor randomBits(int... shape) {
        return Ops.bind(new Source.RandomBits(Shape.of(shape)), bits);
    }

    /** Uniform on [0, 1), float32, multiples of 2⁻²⁴. */
    public Tensor uniform(int... shape) {
        return uniform(DType.FLOAT32, shape);
    }

    /** Uniform on [0, 1): multiples of 2⁻²⁴ in float32, of 2⁻⁵³ in float64. */
    public Tensor uniform(DType dtype, int... shape) {
        return switch (dtype) {
            case FLOAT32 -> top(randomBits(shape), 24).cast(dtype).times(0x1p-24);
            case FLOAT64 -> {
                var keys = split(2);
                Tensor high = top(keys[0].randomBits(shape), 27).cast(dtype).times(0x1p26);
                Tensor low = top(keys[1].randomBits(shape), 26).cast(dtype);
                yield high.plus(low).times(0x1p-53);
            }
            case INT32, INT64, BOOL, BFLOAT16 ->
                    throw new DTypeException(
                            "uniform: numbers in [0, 1) are drawn in float32 or float64, not "
                                    + dtype
                                    + "; cast them afterwards");
        };
    }

    /** The highest {@code count} bits as a whole number ≥ 0. */
    private static Tensor top(Tensor bits, int count) {
        return Ops.unary(new Elementwise.ShiftRight(32 - count), bits);
    }

    /** Uniform on [low, high), float32. */
    public Tensor uniformBetween(double low, double high, int... shape) {
        return uniform(shape).times(high - low).plus(low);
    }

    /** Standard normal, float32. */
    public Tensor normal(int... shape) {
        return normal(DType.FLOAT32, shape);
    }

    /** Standard normal by Box and Muller (1958): √(−2 ln(1 − u)) cos 2πv. */
    public Tensor normal(DType dtype, int... shape) {
        var keys = split(2);
        Tensor u = keys[0].uniform(dtype, shape);
        Tensor v = keys[1].uniform(dtype, shape);
        Tensor radius = Functions.log1p(u.negate()).times(-2).sqrt();
        return radius.times(Functions.cos(v.times(2 * Math.PI)));
    }

    /** Standard normal cut to [−2, 2] (and not rescaled), by inversion. */
    public Tensor truncatedNormal(DType dtype, int... shape) {
        double edge = 0.954499736103641585599434725667; // erf(2/√2)
        Tensor u = uniform(dtype, shape).times(2 * edge).minus(edge);
        return Functions.clip(Functions.erfInv(u).times(Math.sqrt(2)), -2, 2);
    }

    /**
     * Gamma with density x^(α−1) e^(−x) / Γ(α), by rejection: G. Marsaglia and W. Tsang, "A simple
     * method for generating gamma variables", ACM TOMS 26, 2000. Computed in float64.
     *
     * @param alpha α, above 0
     * @throws IndexException if α is not
     */
    public Tensor gamma(DType dtype, double alpha, int... shape) {
        return logGamma("gamma", alpha, shape).exp().cast(dtype);
    }

    /**
     * Beta with density proportional to x^(a−1) (1 − x)^(b−1) on [0, 1]: g/(g + h) for g of {@link
     * #gamma} a and h of gamma b, from their logarithms, so that small a and b are no problem.
     * Computed in float64.
     *
     * @param a above 0
     * @param b above 0
     * @throws IndexException if they are not
     */
    public Tensor beta(DType dtype, double a, double b, int... shape) {
        var keys = split(2);
        Tensor g = keys[0].logGamma("beta", a, shape);
        Tensor h = keys[1].logGamma("beta", b, shape);
        return Functions.sigmoid(g.minus(h)).cast(dtype);
    }

    /** What a round of rejection leaves: which elements are done, and ln v of those. */
    record Rejection(Tensor round, Tensor done, Tensor logs) {}

    private Tensor logGamma(String what, double alpha, int... shape) {
        if (!(alpha > 0 && alpha < Double.POSITIVE_INFINITY)) {
            throw new IndexException(
                    what + ": the shape parameter is " + alpha + "; it must be above 0");
        }
        // the method is for α ≥ 1; below, Gamma(α) is Gamma(α + 1) u^(1/α)
        double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        Tensor none = Tensor.full(DType.BOOL, 0, shape);
        Tensor zero = Tensor.full(DType.FLOAT64, 0, shape);
        var keys = split(2);
        var last =
                Loops.whileLoop(
                        (Rejection r) -> Functions.not(Functions.all(r.done())),
                        r -> {
                            var draw = keys[0].fold(r.round()).split(2);
                            Tensor x = draw[0].normal(DType.FLOAT64, shape);
                            Tensor u = draw[1].uniform(DType.FLOAT64, shape);
                            Tensor root = x.times(c).plus(1);
                            Tensor positive = root.greaterThan(zero);
                            Tensor safe = Functions.where(positive, root, zero.plus(1));
                            Tensor log = safe.log().times(3); // ln v, v = (1 + c x)³
                            Tensor bound =
                                    x.square()
                                            .times(0.5)
                                            .plus(log.minus(log.exp()).plus(1).times(d));
                            Tensor good =
                                    Functions.and(
                                            positive, Functions.log1p(u.negate()).lessThan(bound));
                            return new Rejection(
                                    r.round().plus(1),
                                    Functions.or(r.done(), good),
                                    Functions.where(r.done(), r.logs(), log));
                        },
                        new Rejection(Tensor.scalar(0), none, zero));
        Tensor log = last.logs().plus(Math.log(d));
        if (alpha >= 1) {
            return log;
        }
        Tensor u = keys[1].uniform(DType.FLOAT64, shape);
        return log.plus(Functions.log1p(u.negate()).dividedBy(alpha));
    }

    /** True with probability {@code p}. */
    public Tensor bernoulli(double p, int... shape) {
        Tensor u = uniform(shape);
        return u.lessThan(Ops.full(u.type(), p));
    }

    /**
     * One index per row, int32, with probabilities softmax(logits) along the last axis: (.., k) to
     * (..). By the Gumbel trick.
     */
    public Tensor categorical(Tensor logits) {
        Tensor u = uniform(logits.dtype(), logits.shape().dims());
        double tiny = logits.dtype() == DType.FLOAT32 ? 0x1p-25 : 0x1p-54;
        Tensor gumbel = u.plus(tiny).log().negate().log().negate();
        return logits.plus(gumbel).argMax(-1);
    }

    /** The numbers 0 to n − 1 in random order, int32. */
    public Tensor permutation(int n) {
        // two sorts make equal 32-bit words harmless: ties of the first are broken by the second
        var keys = split(2);
        Tensor first = Ops.bind(new Ordering.ArgSort(0, false), keys[0].randomBits(n));
        Tensor second = Ops.bind(new Ordering.ArgSort(0, false), keys[1].randomBits(n));
        return Shaping.take(first, second, 0);
    }

    /** Whole numbers 0 to n − 1, int32, each with probability 1/n up to 2⁻³². */
    public Tensor integers(int n, int... shape) {
        Tensor u = top(randomBits(shape), 31).cast(DType.INT64);
        Tensor scaled = u.times(n);
        return Ops.unary(new Elementwise.ShiftRight(31), scaled).cast(DType.INT32);
    }
}
