package dev.fathom.nn.zoo;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.attention.EncoderBlock;
import dev.fathom.nn.attention.MultiHeadAttention;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.generate.LanguageModel;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dropout;
import dev.fathom.nn.layer.Embedding;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.norm.Normalisation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A language model in the shape of GPT-2: token and learned position vectors, causal pre-norm
 * blocks, a normalisation, and logits by the token matrix again (tied). A. Radford et al.,
 * "Language models are unsupervised multitask learners", 2019, section 2.3; the tie: O. Press and
 * L. Wolf, EACL 2017. Weights are N(0, 0.02²), those of the 2N layers that write to the residual
 * stream smaller by √(2N) for N blocks; positions N(0, 0.01²); biases zero. We differ: GELU in its
 * exact form. GPT-2 small has 124,439,808 parameters.
 *
 * <p>Shapes: ids int32 (n, t), t at most the context, to logits (n, t, vocabulary).
 *
 * @param config the sizes
 * @param tokens vectors of the tokens, at both ends
 * @param positions (context, width)
 * @param blocks first to last
 * @param norm before the logits
 */
public record Gpt(
        Config config, Embedding tokens, Tensor positions, List<EncoderBlock> blocks, Layer norm)
        implements LanguageModel<Gpt.State> {

    /**
     * The sizes.
     *
     * @param vocabulary number of different tokens
     * @param context the longest sequence
     * @param width of the vectors, a multiple of {@code heads}
     * @param depth number of blocks
     * @param heads in each block
     * @param dropout probability, in training
     */
    public record Config(
            int vocabulary, int context, int width, int depth, int heads, double dropout) {
        /** Checks the sizes. */
        public Config {
            Checks.positive("Gpt", "vocabulary", vocabulary);
            Checks.positive("Gpt", "context", context);
            Checks.positive("Gpt", "width", width);
            Checks.positive("Gpt", "depth", depth);
            Checks.positive("Gpt", "heads", heads);
            Checks.probability("Gpt", dropout);
        }

        /** Without dropout. */
        public static Config of(int vocabulary, int context, int width, int depth, int heads) {
            return new Config(vocabulary, context, width, depth, heads, 0);
        }

        /** GPT-2 small. */
        public static Config gpt2() {
            return new Config(50_257, 1024, 768, 12, 12, 0.1);
        }

        /** The same with dropout. */
        public Config withDropout(double p) {
            return new Config(vocabulary, context, width, depth, heads, p);
        }

        /** Number of parameters, with norms of two numbers per feature. */
        public long parameters() {
            long c = width;
            return (vocabulary + context) * c + depth * (12 * c * c + 13 * c) + 2 * c;
        }
    }

    /**
     * What generation keeps: keys and values of every block, the tokens they came from, and how
     * many. Sizes do not change.
     *
     * @param caches one for each block
     * @param ids int32 (n, context), the first {@code length} of them read
     * @param length int32 ()
     */
    public record State(List<MultiHeadAttention.Cache> caches, Tensor ids, Tensor length) {}

    /** A new model with {@linkplain Normalisation#layer layer normalisation}. */
    public static Gpt of(Config config, Key key) {
        return of(config, Normalisation::layer, key);
    }

    /**
     * A new model.
     *
     * @param layerNorm the normalisation of vectors of a given width
     */
    public static Gpt of(Config config, IntFunction<Layer> layerNorm, Key key) {
        int c = config.width();
        var keys = key.split(2 + config.depth());
        var law = Initializer.normal(0.02);
        var last = Initializer.normal(0.02 / Math.sqrt(2.0 * config.depth()));
        var blocks = new ArrayList<EncoderBlock>();
        for (int i = 0; i < config.depth(); i++) {
            var block =
                    EncoderBlock.of(c, config.heads(), 4 * c, layerNorm, law, last, keys[2 + i]);
            blocks.add(
                    block.withAttention(block.attention().withCausal())
                            .withDropout(config.dropout()));
        }
        return new Gpt(
                config,
                new Embedding(law.of(keys[0], DType.FLOAT32, 1, 1, config.vocabulary(), c)),
                Initializer.normal(0.01).of(keys[1], DType.FLOAT32, 1, 1, config.context(), c),
                List.copyOf(blocks),
                layerNorm.apply(c));
    }

    @Override
    public int vocabulary() {
        return config.vocabulary();
    }

    /**
     * @throws ShapeException if ids are not int32 (n, t), or t is above the context
     */
    @Override
    public Tensor apply(Tensor ids, Pass pass) {
        return pass.in(
                this,
                () -> {
                    check(ids, 2);
                    if (ids.dim(1) > config.context()) {
                        throw new ShapeException(
                                "Gpt: a sequence of "
                                        + ids.dim(1)
                                        + " tokens is longer than the context of "
                                        + config.context()
                                        + ". Cut it into windows");
                    }
                    Tensor at = positions.slice(0, 0, ids.dim(1)); // (t, width)
                    Tensor in = pass.child("tokens", tokens, ids).plus(at); // (n, t, width)
                    Tensor x = Dropout.of(config.dropout()).apply(in, pass);
                    for (int i = 0; i < blocks.size(); i++) {
                        x = pass.child("blocks[" + i + "]", blocks.get(i), x);
                    }
                    return logits(x, pass); // (n, t, vocabulary)
                });
    }

    private Tensor logits(Tensor x, Pass pass) {
        return tokens.logits(pass.child("norm", norm, x));
    }

    private static void check(Tensor ids, int rank) {
        if (ids.dtype() != DType.INT32 || ids.rank() != rank) {
            throw new ShapeException(
                    "Gpt: ids "
                            + ids.type()
                            + " are not int32 of shape "
                            + (rank == 2 ? "(n, time)" : "(n), one token for each sequence"));
        }
    }

    // ---- generation ----------------------------------------------------------------------------

    @Override
    public State start(int batch) {
        Checks.positive("Gpt", "batch", batch);
        int context = config.context();
        return new State(
                blocks.stream().map(b -> b.attention().cache(batch, context)).toList(),
                Tensor.full(DType.INT32, 0, batch, context),
                Tensor.scalar(0));
    }

    /**
     * Reads one token of each sequence. Logits equal those of {@link #apply} on everything read so
     * far; when the context is full, the later half of it is read again from position 0 and the
     * rest forgotten, so that a text may be of any length.
     */
    @Override
    public Next<State> step(Tensor ids, State state) {
        check(ids, 1);
        State room =
                Loops.cond(
                        state.length().lessThan(Tensor.scalar(config.context())),
                        s -> s,
                        this::halve,
                        state);
        var read = read(ids.expandDims(1), room, Pass.eval());
        return new Next<>(read.logits().squeeze(1), read.state());
    }

    /** The state after reading only the later half of a full context. */
    private State halve(State state) {
        int context = config.context();
        int n = state.ids().dim(0);
        var empty = start(n);
        int kept = context / 2;
        if (kept == 0) {
            return empty;
        }
        Tensor late = state.ids().slice(1, context - kept, context);
        return read(late, empty, Pass.eval()).state();
    }

    /** ids (n, t) at positions length .. length + t − 1, which are there. */
    private Next<State> read(Tensor ids, State state, Pass pass) {
        Tensor length = state.length();
        Tensor zero = Ops.zeros(length.type());
        Tensor at = Creation.range(DType.INT32, ids.dim(1)).plus(length);
        Tensor x = pass.child("tokens", tokens, ids).plus(Shaping.take(positions, at, 0));
        var caches = new ArrayList<MultiHeadAttention.Cache>();
        for (int i = 0; i < blocks.size(); i++) {
            var next = blocks.get(i).step(x, state.caches().get(i), length, pass);
            x = next.output();
            caches.add(next.cache());
        }
        Tensor seen = Shaping.dynamicUpdate(state.ids(), ids, Shaping.stack(0, zero, length));
        return new Next<>(
                logits(x, pass),
                new State(List.copyOf(caches), seen, length.plus(Tensor.scalar(ids.dim(1)))));
    }
}
