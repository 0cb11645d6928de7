package dev.fathom.nn.generate;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

/**
 * How a token is drawn from logits z: from softmax(z / T) restricted to the k most probable tokens,
 * and of these to the smallest set, taken from the most probable down, whose probability reaches p
 * (the nucleus; A. Holtzman, J. Buys, L. Du, M. Forbes, Y. Choi, "The curious case of neural text
 * degeneration", ICLR 2020, equations 2 and 3; top-k: A. Fan, M. Lewis, Y. Dauphin, ACL 2018).
 * Temperature first, then top-k, then top-p. Of equal logits the one of the smaller id counts as
 * more probable.
 *
 * @param temperature T ≥ 0; 0 takes the most probable token (greedy)
 * @param topK k ≥ 0; 0 for no limit
 * @param topP p in (0, 1]; 1 for no limit
 */
public record Sampler(double temperature, int topK, double topP) {

    /** Checks the ranges. */
    public Sampler {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new LayerException(
                    "Sampler: the temperature is "
                            + temperature
                            + "; it must be finite and at least 0 (0 is greedy, 1 the model's own"
                            + " distribution)");
        }
        if (topK < 0) {
            throw new LayerException(
                    "Sampler: topK is " + topK + "; it must be at least 1, or 0 for no limit");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new LayerException(
                    "Sampler: topP is " + topP + "; it must be in (0, 1], 1 for no limit");
        }
    }

    /** Always the most probable token. */
    public static Sampler greedy() {
        return new Sampler(0, 0, 1);
    }

    /** From softmax(z / T). */
    public static Sampler of(double temperature) {
        return new Sampler(temperature, 0, 1);
    }

    /** The same with another limit of tokens. */
    public Sampler withTopK(int k) {
        return new Sampler(temperature, k, topP);
    }

    /** The same with another limit of probability. */
    public Sampler withTopP(double p) {
        return new Sampler(temperature, topK, p);
    }

    /**
     * One token per row.
     *
     * @param logits (.., vocabulary)
     * @param key not used when greedy
     * @return int32 (..)
     */
    public Tensor sample(Tensor logits, Key key) {
        check(logits);
        return temperature == 0 ? logits.argMax(-1) : key.categorical(kept(logits));
    }

    /**
     * The distribution that {@link #sample} draws from.
     *
     * @param logits (.., vocabulary)
     */
    public Tensor probabilities(Tensor logits) {
        check(logits);
        if (temperature == 0) {
            return Creation.oneHot(logits.argMax(-1), logits.dim(-1), logits.dtype());
        }
        return Functions.softmax(kept(logits), -1);
    }

    /** z / T, with −∞ for the tokens that are out. */
    private Tensor kept(Tensor logits) {
        // the largest becomes 0: no temperature, however small, makes an infinity of it
        Tensor z = logits.minus(logits.max(-1).expandDims(-1)).dividedBy(temperature);
        int size = z.dim(-1);
        boolean limited = topK > 0 && topK < size;
        if (!limited && topP == 1) {
            return z;
        }
        var sorted = Shaping.topK(z, size, -1);
        Tensor out = Ops.full(z.type(), Double.NEGATIVE_INFINITY);
        Tensor best = sorted.values(); // (.., vocabulary), falling
        if (limited) {
            Tensor rank = Creation.iota(z.type().withDType(DType.INT32), -1);
            best = Functions.where(rank.lessThan(Ops.full(rank.type(), topK)), best, out);
        }
        if (topP < 1) {
            Tensor p = Functions.softmax(best, -1);
            Tensor before = Functions.cumSum(p, -1).minus(p); // 0 for the first, which is kept
            best = Functions.where(before.lessThan(Ops.full(p.type(), topP)), best, out);
        }
        return Shaping.takeAlong(best, Shaping.argSort(sorted.indices(), -1), -1);
    }

    private static void check(Tensor logits) {
        if (!logits.dtype().isFloating() || logits.rank() == 0 || logits.dim(-1) == 0) {
            throw new ShapeException(
                    "Sampler: logits "
                            + logits.type()
                            + " are not floating numbers of shape (.., vocabulary)");
        }
    }
}
