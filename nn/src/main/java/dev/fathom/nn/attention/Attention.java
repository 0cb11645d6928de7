package dev.fathom.nn.attention;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

import java.util.stream.IntStream;

/**
 * Scaled dot-product attention as a function: softmax(q kᵀ / √d) v. A. Vaswani et al., "Attention
 * is all you need", NeurIPS 2017, equation 1.
 *
 * <p>Shapes: q (.., queries, d), k (.., keys, d), v (.., keys, dᵥ), result (.., queries, dᵥ); the
 * leading axes, such as batch and heads, broadcast. A mask is a bool tensor that broadcasts to the
 * scores (.., queries, keys): true where a query may look at a key. Masks are combined with {@link
 * Functions#and}.
 *
 * <p>A query that may look at nothing gets zeros, and passes no gradient on. The paper leaves this
 * open; a softmax over nothing would be 0/0. A forbidden key has weight exactly 0, so its finite
 * values cannot change a bit of the result.
 */
public final class Attention {
    /** Far below every score, yet finite: differences of two such numbers are numbers. */
    private static final double FORBIDDEN = -0.25 * Float.MAX_VALUE;

    private Attention() {}

    /** softmax(q kᵀ / √d) v: every query looks at every key. */
    public static Tensor of(Tensor q, Tensor k, Tensor v) {
        return softmax(scores(q, k)).matmul(v); // (.., queries, dv)
    }

    /** The same where {@code mask} is true. */
    public static Tensor of(Tensor q, Tensor k, Tensor v, Tensor mask) {
        return softmax(scores(q, k), mask).matmul(v); // (.., queries, dv)
    }

    /**
     * q kᵀ / √d: (.., queries, d) and (.., keys, d) to (.., queries, keys).
     *
     * @throws ShapeException if the last axes differ, or there are no keys
     */
    public static Tensor scores(Tensor q, Tensor k) {
        if (q.rank() < 2 || k.rank() < 2 || q.dim(-1) != k.dim(-1)) {
            throw new ShapeException(
                    "Attention: queries "
                            + q.shape()
                            + " and keys "
                            + k.shape()
                            + " cannot be multiplied; they are (.., queries, d) and (.., keys, d)"
                            + " with the same d");
        }
        if (k.dim(-2) == 0) {
            throw new ShapeException(
                    "Attention: keys "
                            + k.shape()
                            + " are none, so there is nothing to look at; leave the attention out,"
                            + " or give it at least one position and a mask");
        }
        // scaling the queries touches fewer numbers than scaling the scores
        Tensor scaled = q.dividedBy(Math.sqrt(q.dim(-1)));
        return scaled.matmul(Linalg.transpose(k));
    }

    /** The weights of all keys: softmax over the last axis, without overflow. */
    public static Tensor softmax(Tensor scores) {
        return Functions.softmax(scores, -1);
    }

    /**
     * The softmax over those keys where {@code mask} is true, 0 elsewhere; rows without any are
     * zeros.
     *
     * @throws DTypeException if the mask is not bool
     * @throws ShapeException if the mask does not broadcast to the scores
     */
    public static Tensor softmax(Tensor scores, Tensor mask) {
        check(mask, scores.shape());
        Tensor low = Ops.full(scores.type(), FORBIDDEN);
        Tensor weights = Functions.softmax(Functions.where(mask, scores, low), -1);
        return Functions.where(mask, weights, Ops.zeros(scores.type()));
    }

    /** Refuses a mask that scores of this shape cannot have. */
    static void check(Tensor mask, Shape scores) {
        if (mask.dtype() != DType.BOOL) {
            throw new DTypeException(
                    "Attention: the mask has type "
                            + mask.type()
                            + ", not bool; true means that a query may look at a key. For a mask"
                            + " of 0 and 1: mask.greaterThan(Tensor.scalar(0f))");
        }
        if (!fits(mask.shape(), scores)) {
            throw new ShapeException(
                    "Attention: a mask "
                            + mask.shape()
                            + " does not fit the scores "
                            + scores
                            + ", which are (.., queries, keys): counted from the last axis, its"
                            + " sizes are theirs or 1");
        }
    }

    private static boolean fits(Shape mask, Shape scores) {
        int rank = mask.rank();
        return rank <= scores.rank()
                && IntStream.rangeClosed(1, rank)
                        .allMatch(i -> mask.dim(-i) == 1 || mask.dim(-i) == scores.dim(-i));
    }

    /** Every position looks at itself and those before it: bool (length, length). */
    public static Tensor causal(int length) {
        Tensor positions = Creation.range(DType.INT32, length);
        return causal(positions, positions);
    }

    /**
     * Queries look at keys that are not later: int32 positions (queries) and (keys) to bool
     * (queries, keys).
     */
    public static Tensor causal(Tensor queries, Tensor keys) {
        return Functions.not(keys.expandDims(0).greaterThan(queries.expandDims(-1)));
    }

    /**
     * Sequences padded at the end: only the first {@code lengths[i]} keys of example i count. int32
     * (n) to bool (n, 1, 1, keys), which broadcasts over heads and queries.
     */
    public static Tensor lengths(Tensor lengths, int keys) {
        Tensor positions = Creation.range(DType.INT32, keys);
        return positions.expandDims(0).lessThan(lengths.expandDims(-1)).expandDims(1).expandDims(1);
    }
}
