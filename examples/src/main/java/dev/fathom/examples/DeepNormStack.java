package dev.fathom.examples;

import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.valueAndGrad;
import static dev.fathom.core.transform.Transforms.vmap;

import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.attention.DeepNorm;
import dev.fathom.nn.attention.EncoderBlock;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A transformer of 200 blocks (400 sublayers), 32 numbers wide, learns to turn sequences of four
 * tokens round, which takes attention: the token to give stands in another place. With DeepNorm it
 * does; with the norm after the sum as first published (post-norm) it stays at ln 4 = 1.386, the
 * loss of guessing. H. Wang et al., "DeepNet: scaling transformers to 1,000 layers", 2022.
 *
 * <p>Run: {@code ./fathom example DeepNormStack}; under a minute on two free cores. Adam with a
 * learning rate of 0.002 after a warm-up of 20 steps. After 80 steps the loss is 0.004 with
 * DeepNorm, every token of a new batch right, and 1.41 with post-norm, a quarter right; there rates
 * of 0.0003 and 0.01 do not help either.
 */
public final class DeepNormStack {
    private static final int VOCABULARY = 4;
    private static final int TIME = 4;
    private static final int WIDTH = 32;
    private static final int HEADS = 2;
    private static final int BATCH = 32;

    private DeepNormStack() {}

    /**
     * A transformer whose blocks are one block with a first axis: they run in a loop that is
     * recorded once, however many they are.
     *
     * @param tokens (vocabulary, width)
     * @param positions (time, width)
     * @param blocks every tensor of theirs is (layers, ..)
     * @param output to logits
     */
    record Stack(Tensor tokens, Tensor positions, EncoderBlock blocks, Dense output)
            implements Layer {
        static Stack of(int layers, UnaryOperator<EncoderBlock> kind, Key key) {
            var keys = key.split(4);
            var each = Stream.of(keys[2].split(layers)).map(Key::bits).toArray(Tensor[]::new);
            var blocks =
                    vmap((Key k) -> kind.apply(EncoderBlock.of(WIDTH, HEADS, k)))
                            .apply(new Key(Shaping.stack(0, each)));
            return new Stack(
                    keys[0].normal(VOCABULARY, WIDTH),
                    keys[1].normal(TIME, WIDTH),
                    blocks,
                    Dense.of(WIDTH, VOCABULARY, keys[3]));
        }

        @Override
        public Tensor apply(Tensor x, Pass pass) { // x: (n, t)
            Tensor first = Shaping.take(tokens, x, 0).plus(positions); // (n, t, width)
            Tensor last =
                    Loops.scan(
                                    (Tensor h, EncoderBlock block) ->
                                            new Loops.Carried<>(
                                                    block.apply(h, pass), List.<Tensor>of()),
                                    first,
                                    blocks)
                            .carry(); // (n, t, width)
            return output.apply(last, pass); // (n, t, vocabulary)
        }
    }

    record State(Stack model, Chain.State optimizer) {}

    record Step(State state, Tensor loss) {}

    /** The losses of the first and the last step, and the share of new tokens that are right. */
    record Result(double first, double last, double accuracy) {}

    /**
     * Trains for some steps, each on a batch drawn anew.
     *
     * @param kind what becomes of a block: {@code b -> b.withDeepNorm(..)}, or post-norm
     */
    static Result train(int layers, UnaryOperator<EncoderBlock> kind, int steps) {
        var adam = Adam.of(Schedule.constant(2e-3).afterWarmUp(20));
        var step =
                jit((State s, Key key) -> {
                    Tensor x = key.integers(VOCABULARY, BATCH, TIME); // (n, t)
                    Tensor y = Shaping.reverse(x, 1); // (n, t)
                    var r =
                            valueAndGrad((Stack m) ->
                                            Losses.crossEntropy(m.apply(x, Pass.eval()), y))
                                    .apply(s.model());
                    var next = adam.update(r.gradient(), s.optimizer(), s.model());
                    return new Step(new State(next.params(), next.state()), r.value());
                });
        var model = Stack.of(layers, kind, Key.of(1));
        var state = new State(model, adam.init(model));
        double first = Double.NaN;
        double last = Double.NaN;
        for (int i = 0; i < steps; i++) {
            var result = step.apply(state, Key.of(2).fold(i));
            state = result.state();
            last = result.loss().item();
            first = i == 0 ? last : first;
        }
        Tensor x = Key.of(3).integers(VOCABULARY, 256, TIME);
        Tensor found = state.model().apply(x, Pass.eval()).argMax(-1);
        Tensor right = found.equalTo(Shaping.reverse(x, 1));
        return new Result(first, last, right.cast(DType.FLOAT32).mean().item());
    }

    /** Trains both. */
    public static void main(String[] arguments) {
        int layers = 200;
        System.out.println("200 blocks   first loss  last loss  accuracy");
        print("DeepNorm", train(layers, b -> b.withDeepNorm(DeepNorm.stack(layers)), 80));
        print("post-norm", train(layers, EncoderBlock::withPostNorm, 80));
    }

    private static void print(String name, Result r) {
        System.out.printf(
                Locale.ROOT,
                "%-11s  %10.3f  %9.3f  %8.3f%n",
                name,
                r.first(),
                r.last(),
                r.accuracy());
    }
}
