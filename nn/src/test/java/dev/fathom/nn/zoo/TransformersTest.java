package dev.fathom.nn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.Pair;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.function.BiFunction;

/** GPT, ViT and MLP-Mixer: sizes of the papers, small ones that learn, and generation. */
final class TransformersTest {
    private static final Key KEY = Key.of(4);

    private static final Gpt.Config SMALL = Gpt.Config.of(7, 6, 8, 2, 2);

    private static Gpt gpt(Gpt.Config config) {
        return Gpt.of(config, KEY);
    }

    /** GPT-2 small, ViT-B/16 and Mixer-B/16; the formulas hold for small ones that are built. */
    @Test
    void parametersOfThePapers() {
        var photo = Shape.of(224, 224, 3);
        assertThat(Gpt.Config.gpt2().parameters()).isEqualTo(124_439_808);
        assertThat(VisionTransformer.Config.base16().parameters(photo, 1000)).isEqualTo(86_567_656);
        assertThat(MlpMixer.Config.base16().parameters(photo, 1000)).isEqualTo(59_880_472);

        assertThat(Tree.countTrained(gpt(SMALL))).isEqualTo(SMALL.parameters());
        var image = Shape.of(8, 12, 3);
        var vit = new VisionTransformer.Config(4, 8, 2, 2, 20);
        assertThat(Tree.countTrained(VisionTransformer.of(image, 5, vit, KEY)))
                .isEqualTo(vit.parameters(image, 5));
        var mixer = new MlpMixer.Config(4, 8, 2, 10, 20);
        assertThat(Tree.countTrained(MlpMixer.of(image, 5, mixer, KEY)))
                .isEqualTo(mixer.parameters(image, 5));
    }

    @Test
    void patchesAreSquares() {
        Tensor image = Creation.range(DType.FLOAT32, 16).reshape(1, 4, 4, 1);
        Tensor p = Patches.of(image, 2); // (1, 4, 4)
        assertThat(p.get(0).get(1).toFloats()).containsExactly(2, 3, 6, 7);
        assertThat(p.get(0).get(2).toFloats()).containsExactly(8, 9, 12, 13);
    }

    /** Token by token, past the context: the rows of whole windows; recorded once. */
    @Test
    void generationEqualsWholeWindows() {
        var model = Doubles.of(gpt(SMALL));
        int[] text = {3, 1, 4, 1, 5, 2, 6, 5, 3, 5};
        var step = Transforms.jit((Pair<Tensor, Gpt.State> p) -> model.step(p.first(), p.second()));
        var state = model.start(2);
        int from = 0;
        for (int t = 0; t < text.length; t++) {
            if (t - from == SMALL.context()) {
                from = t - SMALL.context() / 2; // the later half is kept
            }
            var next = step.apply(new Pair<>(Tensor.of(new int[] {text[t], 0}), state));
            state = next.state();
            var window = Arrays.copyOfRange(text, from, t + 1);
            Tensor whole = model.apply(Tensor.of(window, 1, window.length), Pass.eval());
            TreeAssert.assertClose(
                    "token " + t, next.logits().get(0), whole.get(0).get(t - from), 1e-12);
        }
        assertThat(step.traces()).isEqualTo(1);
    }

    /** The scale of what writes to the residual stream: 0.02 / √(2 · 2) = 0.01. */
    @Test
    void initialisation() {
        var model = gpt(Gpt.Config.of(100, 8, 64, 2, 2));
        Tensor last = model.blocks().get(1).attention().output().weight();
        Tensor other = model.blocks().get(1).attention().query().weight();
        assertThat(Functions.variance(last).sqrt().item()).isBetween(0.0094, 0.0106);
        assertThat(Functions.variance(other).sqrt().item()).isBetween(0.0188, 0.0212);
    }

    /**
     * The last loss of Adam (0.9, 0.99), written out since the optimizers stand above this module.
     */
    private static <M> double train(
            M model, BiFunction<M, Tensor, Tensor> loss, int steps, double rate) {
        var gradient =
                Transforms.jit((Pair<M, Tensor> p) ->
                        Transforms.valueAndGrad((M m) -> loss.apply(m, p.second()))
                                .apply(p.first()));
        M net = model;
        M mean = Tree.zerosLike(model);
        M square = Tree.zerosLike(model);
        double last = Double.NaN;
        for (int i = 0; i < steps; i++) {
            var g = gradient.apply(new Pair<>(net, Tensor.scalar(i)));
            double first = 1 - Math.pow(0.9, i + 1);
            double second = 1 - Math.pow(0.99, i + 1);
            mean = Tree.plus(Tree.times(mean, 0.9), Tree.times(g.gradient(), 0.1));
            M squared = Tree.zip(Tensor::times, g.gradient(), g.gradient());
            square = Tree.plus(Tree.times(square, 0.99), Tree.times(squared, 0.01));
            M scale = Tree.map(t -> t.dividedBy(second).sqrt().plus(1e-8), square);
            M step = Tree.zip(Tensor::dividedBy, Tree.times(mean, rate / first), scale);
            net = Tree.minus(net, step);
            last = g.value().item();
        }
        return last;
    }

    /**
     * Copying: the second half of each sequence repeats the first, which only attention can see.
     */
    @Test
    void gptLearnsToCopy() {
        var config = Gpt.Config.of(5, 8, 32, 2, 2);
        double loss =
                train(
                        gpt(config),
                        (m, i) -> {
                            Tensor half = Key.of(9).fold(i).integers(5, 32, 4);
                            Tensor ids = Shaping.concatenate(1, half, half);
                            Tensor logits = m.apply(ids, Pass.eval()).slice(1, 3, 7);
                            return Losses.crossEntropy(logits.reshape(128, 5), half.reshape(128));
                        },
                        250,
                        0.01);
        assertThat(loss).isLessThan(0.1); // guessing gives ln 5 = 1.61
    }

    /** Plain, rows, columns or a chequered board, under noise: guessing gives ln 4 = 1.39. */
    private static double patterns(Layer net) {
        var boards = new float[4 * 64];
        for (int i = 0; i < 64; i++) {
            boards[64 + i] = i / 8 % 2;
            boards[128 + i] = i % 2;
            boards[192 + i] = (i / 8 + i) % 2;
        }
        Tensor kinds = Tensor.of(boards, 4, 8, 8, 1);
        return train(
                net,
                (m, i) -> {
                    Tensor labels = Key.of(9).fold(i).integers(4, 32);
                    Tensor noise = Key.of(10).fold(i).normal(32, 8, 8, 1).times(0.5);
                    Tensor images = Shaping.take(kinds, labels, 0).plus(noise);
                    return Losses.crossEntropy(m.apply(images, Pass.eval()), labels);
                },
                100,
                0.005);
    }

    @Test
    void visionTransformerLearns() {
        var config = new VisionTransformer.Config(4, 16, 2, 2, 32);
        assertThat(patterns(VisionTransformer.of(Shape.of(8, 8), 4, config, KEY))).isLessThan(0.1);
    }

    @Test
    void mixerLearns() {
        var config = new MlpMixer.Config(4, 16, 2, 16, 32);
        assertThat(patterns(MlpMixer.of(Shape.of(8, 8), 4, config, KEY))).isLessThan(0.1);
    }

    /** Patches in another order: another image with positions, the same without. */
    @Test
    void onlyPositionsTellPatchesApart() {
        var config = new VisionTransformer.Config(4, 16, 2, 2, 32);
        var net = Doubles.of(VisionTransformer.of(Shape.of(8, 8), 4, config, KEY));
        var blind = Tree.with(net, "positions.table", Tree.zerosLike(net.positions().table()));
        Tensor x = Doubles.normal(1, 1, 8, 8, 1);
        Tensor halves = Shaping.concatenate(1, x.slice(1, 4, 8), x.slice(1, 0, 4));
        TreeAssert.assertClose(
                "without positions",
                blind.apply(x, Pass.eval()),
                blind.apply(halves, Pass.eval()),
                1e-12);
        Tensor change = net.apply(x, Pass.eval()).minus(net.apply(halves, Pass.eval()));
        assertThat(change.abs().max().item()).isGreaterThan(1e-6);
    }

    @Test
    void saysWhatDoesNotFit() {
        var model = gpt(SMALL);
        assertThatThrownBy(() -> model.apply(Tensor.of(new int[7], 1, 7), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "Gpt: a sequence of 7 tokens is longer than the context of 6");
        assertThatThrownBy(() -> model.apply(Tensor.zeros(1, 5), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("are not int32 of shape (n, time)");
        var vit = new VisionTransformer.Config(3, 8, 1, 2, 8);
        assertThatThrownBy(() -> VisionTransformer.of(Shape.of(8, 8), 4, vit, KEY))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("images (8, 8) do not divide into patches of 3 by 3");
    }
}
