package dev.fathom.nn.attention;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Dropout;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.Optional;

/**
 * Multi-head attention: concat(head_1, .., head_h) Wᴼ with head_i = {@link Attention}(x W_iᵠ, m
 * W_iᴷ, m W_iⱽ), where m is x itself (self-attention) or another sequence (cross-attention). A.
 * Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.2. We differ: projections
 * have a bias, as in GPT-2; dropout, if any, falls on the weights (their released program does so
 * too).
 *
 * <p>With fewer heads for keys and values than for queries, heads share them in groups (one: all
 * share): J. Ainslie et al., "GQA", EMNLP 2023.
 *
 * <p>Shapes: x (n, t, c), m (n, s, c′), result (n, t, c). Masks are bool and broadcast to (n,
 * heads, t, s), true where a query may look; see {@link Attention#causal} and {@link
 * Attention#lengths}. A query that may look at nothing gets the bias of Wᴼ. Causal attention over
 * 128 positions or more leaves out half of the scores that no query may see, or more.
 *
 * @param query Wᵠ, (c, c)
 * @param key Wᴷ, (c′, c · groups / heads)
 * @param value Wⱽ, as Wᴷ
 * @param output Wᴼ, (c, c)
 * @param heads number of heads of queries
 * @param groups number of heads of keys and values, a divisor of {@code heads}
 * @param causal whether a position looks at itself and earlier ones only
 * @param positions how scores depend on positions
 * @param dropout of the weights, in training
 */
public record MultiHeadAttention(
        Dense query,
        Dense key,
        Dense value,
        Dense output,
        int heads,
        int groups,
        boolean causal,
        RelativePositions positions,
        Dropout dropout)
        implements Layer {

    /** Fewer queries than this, their products are small. */
    private static final int LEAST_BLOCK = 64;

    /** More blocks would save little more. */
    private static final int MOST_BLOCKS = 8;

    /** Self-attention of vectors of {@code width} numbers. */
    public static MultiHeadAttention of(int width, int heads, Key key) {
        return of(width, width, heads, heads, Initializer.glorotUniform(), key);
    }

    /**
     * All choices: queries from vectors of {@code width}, keys and values from vectors of {@code
     * memoryWidth}, {@code groups} heads of these. Not causal, no positions, no dropout, biases
     * zero, float32.
     *
     * @throws LayerException if {@code heads} does not divide {@code width}, or {@code groups} not
     *     {@code heads}
     */
    public static MultiHeadAttention of(
            int width, int memoryWidth, int heads, int groups, Initializer law, Key key) {
        Checks.positive("MultiHeadAttention", "width", width);
        Checks.positive("MultiHeadAttention", "memoryWidth", memoryWidth);
        divides("heads", heads, "width", width);
        divides("groups", groups, "heads", heads);
        var keys = key.split(4);
        int shared = width / heads * groups;
        return new MultiHeadAttention(
                Dense.of(width, width, law, keys[0]),
                Dense.of(memoryWidth, shared, law, keys[1]),
                Dense.of(memoryWidth, shared, law, keys[2]),
                Dense.of(width, width, law, keys[3]),
                heads,
                groups,
                false,
                new RelativePositions.None(),
                Dropout.of(0));
    }

    private static void divides(String what, int divisor, String whole, int n) {
        Checks.positive("MultiHeadAttention", what, divisor);
        if (n % divisor != 0) {
            throw new LayerException(
                    "MultiHeadAttention: "
                            + divisor
                            + " "
                            + what
                            + " do not divide "
                            + whole
                            + " "
                            + n
                            + "; each takes an equal part");
        }
    }

    /** The same where a position looks at itself and earlier ones only. */
    public MultiHeadAttention withCausal() {
        return new MultiHeadAttention(
                query, key, value, output, heads, groups, true, positions, dropout);
    }

    /** The same with positions in its scores. */
    public MultiHeadAttention withPositions(RelativePositions scheme) {
        return new MultiHeadAttention(
                query, key, value, output, heads, groups, causal, scheme, dropout);
    }

    /** The same that drops weights with probability {@code p} in training. */
    public MultiHeadAttention withDropout(double p) {
        return new MultiHeadAttention(
                query, key, value, output, heads, groups, causal, positions, Dropout.of(p));
    }

    /** The same with another output projection. */
    public MultiHeadAttention withOutput(Dense projection) {
        return new MultiHeadAttention(
                query, key, value, projection, heads, groups, causal, positions, dropout);
    }

    /** Self-attention: x (n, t, c) to (n, t, c). */
    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return attend(x, x, Optional.empty(), pass);
    }

    /** Self-attention where {@code mask} is true, and, if causal, not later. */
    public Tensor apply(Tensor x, Tensor mask, Pass pass) {
        return attend(x, x, Optional.of(mask), pass);
    }

    /** Attention of x to {@code memory}, (n, s, c′), where a mask, if any, is true. */
    public Tensor attend(Tensor x, Tensor memory, Optional<Tensor> mask, Pass pass) {
        return pass.in(
                this,
                () -> {
                    sequence("input", x, query);
                    sequence("memory", memory, key);
                    var scores = Shape.of(x.dim(0), heads, x.dim(1), memory.dim(1));
                    mask.ifPresent(m -> Attention.check(m, scores));
                    Tensor at = Creation.range(DType.INT32, x.dim(1));
                    Tensor there = Creation.range(DType.INT32, memory.dim(1));
                    Tensor q = positions.turn(split(pass.child("query", query, x), heads), at);
                    Tensor k = positions.turn(split(pass.child("key", key, memory), groups), there);
                    Tensor v = split(pass.child("value", value, memory), groups);
                    var parts = new Heads(q, k, v, at, there, allowed(at, there, mask));
                    return join(inBlocks(parts, pass), pass);
                });
    }

    // ---- generation ----------------------------------------------------------------------------

    /**
     * Keys and values of the positions seen so far, in tensors of fixed size: (n, groups, capacity,
     * d).
     */
    public record Cache(Tensor keys, Tensor values) {}

    /** Attention's result and the cache with the new positions in it. */
    public record Cached(Tensor output, Cache cache) {}

    /** An empty cache for {@code n} sequences of at most {@code capacity} positions. */
    public Cache cache(int n, int capacity) {
        Checks.positive("MultiHeadAttention", "n", n);
        Checks.positive("MultiHeadAttention", "capacity", capacity);
        int d = query.weight().dim(1) / heads;
        Tensor empty = Tensor.full(query.weight().dtype(), 0, n, groups, capacity, d);
        return new Cache(empty, empty);
    }

    /**
     * Causal self-attention of new positions: x (n, t, c) stands at {@code position}, int32 (), ..
     * {@code position} + t − 1, and looks at what the cache holds before it. The result equals that
     * of the whole sequence at these positions. Since sizes are fixed and the position is a tensor,
     * a step under {@code jit} is recorded once.
     *
     * <p>The caller sees to it that {@code position} + t does not pass the capacity: inside {@code
     * jit} its value is not known here.
     *
     * @throws LayerException if this layer is not causal
     */
    public Cached step(Tensor x, Cache cache, Tensor position, Pass pass) {
        if (!causal) {
            throw new LayerException(
                    "MultiHeadAttention.step: generation needs causal attention, since earlier"
                            + " positions cannot look at later ones; use withCausal()");
        }
        sequence("input", x, query);
        int t = x.dim(1);
        int capacity = cache.keys().dim(2);
        if (t > capacity) {
            throw new ShapeException(
                    "MultiHeadAttention.step: "
                            + t
                            + " positions do not fit a cache of "
                            + capacity);
        }
        Tensor at = Creation.range(DType.INT32, t).plus(position); // (t)
        Tensor there = Creation.range(DType.INT32, capacity); // (s)
        Tensor q = positions.turn(split(pass.child("query", query, x), heads), at);
        Tensor k = positions.turn(split(pass.child("key", key, x), groups), at);
        Tensor v = split(pass.child("value", value, x), groups);
        Tensor zero = Ops.zeros(position.type());
        Tensor start = Shaping.stack(0, zero, zero, position, zero);
        var next =
                new Cache(
                        Shaping.dynamicUpdate(cache.keys(), k, start),
                        Shaping.dynamicUpdate(cache.values(), v, start));
        var allowed = allowed(at, there, Optional.empty());
        var parts = new Heads(q, next.keys(), next.values(), at, there, allowed);
        return new Cached(join(mix(parts, pass), pass), next);
    }

    // ---- parts ---------------------------------------------------------------------------------

    private static void sequence(String what, Tensor x, Dense projection) {
        int width = projection.weight().dim(0);
        if (x.rank() != 3 || x.dim(2) != width) {
            throw new ShapeException(
                    "MultiHeadAttention: "
                            + what
                            + " "
                            + x.shape()
                            + " is not a batch of sequences (n, t, "
                            + width
                            + ")");
        }
    }

    /** (n, t, parts * d) to (n, parts, t, d). */
    private static Tensor split(Tensor x, int parts) {
        return x.reshape(x.dim(0), x.dim(1), parts, x.dim(2) / parts).transpose(0, 2, 1, 3);
    }

    /** (n, heads, t, d) to Wᴼ of (n, t, heads * d). */
    private Tensor join(Tensor x, Pass pass) {
        int n = x.dim(0);
        int t = x.dim(2);
        Tensor joined = x.transpose(0, 2, 1, 3).reshape(n, t, heads * x.dim(3));
        return pass.child("output", output, joined);
    }

    /**
     * What attention mixes.
     *
     * @param q (n, heads, t, d)
     * @param k (n, groups, s, d)
     * @param v (n, groups, s, d)
     * @param at positions of the queries, int32 (t)
     * @param there positions of the keys, int32 (s)
     * @param allowed where a query may look, if not everywhere
     */
    private record Heads(
            Tensor q, Tensor k, Tensor v, Tensor at, Tensor there, Optional<Tensor> allowed) {
        /**
         * Some of the queries, and the keys up to the last of them; {@code allowed} is (.., t, s).
         */
        Heads block(int from, int to) {
            int keys = Math.min(k.dim(2), to);
            return new Heads(
                    q.slice(2, from, to),
                    k.slice(2, 0, keys),
                    v.slice(2, 0, keys),
                    at.slice(0, from, to),
                    there.slice(0, 0, keys),
                    allowed.map(m -> m.slice(-2, from, to).slice(-1, 0, keys)));
        }
    }

    /** Where a mask, if any, is true and, if causal, not later: the latter is (.., t, s). */
    private Optional<Tensor> allowed(Tensor at, Tensor there, Optional<Tensor> mask) {
        if (!causal) {
            return mask;
        }
        Tensor earlier = Attention.causal(at, there);
        return Optional.of(mask.map(m -> Functions.and(m, earlier)).orElse(earlier));
    }

    /**
     * Long causal sequences come in blocks of queries, each of which meets the keys up to its last
     * query: of b blocks, (b + 1) / 2b of the scores are computed and kept for the gradient.
     */
    private Tensor inBlocks(Heads parts, Pass pass) {
        int t = parts.q().dim(2);
        int count = causal ? Math.min(MOST_BLOCKS, t / LEAST_BLOCK) : 1;
        if (count < 2) {
            return mix(parts, pass);
        }
        int size = (t - 1) / count + 1;
        var blocks = new Tensor[(t - 1) / size + 1];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = mix(parts.block(i * size, Math.min(t, (i + 1) * size)), pass);
        }
        return Shaping.concatenate(2, blocks);
    }

    /**
     * What each head of each query sees: (n, heads, t, d). Heads of one group are stacked as rows,
     * so that shared keys are multiplied without copies.
     */
    private Tensor mix(Heads parts, Pass pass) {
        Tensor q = parts.q();
        Tensor k = parts.k();
        int n = q.dim(0);
        int t = q.dim(2);
        int d = q.dim(3);
        int rows = heads / groups * t;
        Tensor raw = Attention.scores(q.reshape(n, groups, rows, d), k); // (n, groups, rows, s)
        Tensor scores =
                positions.bias(raw.reshape(n, heads, t, k.dim(2)), parts.at(), parts.there());
        Tensor weights =
                parts.allowed()
                        .map(m -> Attention.softmax(scores, m))
                        .orElseGet(() -> Attention.softmax(scores)); // (n, heads, t, s)
        Tensor dropped = dropout.apply(weights, pass).reshape(n, groups, rows, k.dim(2));
        return dropped.matmul(parts.v()).reshape(n, heads, t, d);
    }
}
