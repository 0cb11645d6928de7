package dev.fathom.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.nn.attention.DeepNorm;
import dev.fathom.nn.attention.EncoderBlock;
import dev.fathom.nn.layer.Pass;

import org.junit.jupiter.api.Test;

/** The examples about depth, at a smaller size than they run themselves. */
final class DepthExamplesTest {
    /** Three epochs in place of ten. */
    @Test
    void fortyPlainLayersTrainWorseThanEightAndFortyWithShortcutsDoNot() {
        var data = Datasets.load("fashion-mnist-small").normalised();
        double shallow = DepthAndShortcuts.train(data, 8, false, 3).trainingLoss();
        double plain = DepthAndShortcuts.train(data, 40, false, 3).trainingLoss();
        double residual = DepthAndShortcuts.train(data, 40, true, 3).trainingLoss();
        assertThat(plain).isGreaterThan(1.2);
        assertThat(shallow).isLessThan(0.5);
        assertThat(residual).isLessThan(0.5);
    }

    /** Both have forty dense layers, and the same number of parameters. */
    @Test
    void onlyTheShortcutsDiffer() {
        var plain = DepthAndShortcuts.network(40, false, 784, 10, Key.of(1));
        var residual = DepthAndShortcuts.network(40, true, 784, 10, Key.of(1));
        int expected = 784 * 64 + 38 * 64 * 64 + 39 * 2 * 64 + 64 * 10 + 10;
        assertThat(Tree.countTrained(plain)).isEqualTo(expected);
        assertThat(Tree.countTrained(residual)).isEqualTo(expected);
        assertThat(Tree.leaves(plain).stream().filter(t -> t.rank() == 2)).hasSize(40);
    }

    /** 60 blocks in place of 200; guessing among four tokens costs ln 4. */
    @Test
    void deepNormTrainsWherePostNormDoesNot() {
        int layers = 60;
        var deep = DeepNormStack.train(layers, b -> b.withDeepNorm(DeepNorm.stack(layers)), 50);
        var post = DeepNormStack.train(layers, EncoderBlock::withPostNorm, 50);
        assertThat(deep.last()).isLessThan(0.1);
        assertThat(deep.accuracy()).isGreaterThan(0.95);
        assertThat(post.last()).isCloseTo(Math.log(4), within(0.1));
        assertThat(post.accuracy()).isLessThan(0.4);
    }

    /** The loop over stacked blocks gives what the blocks give one after another. */
    @Test
    void theStackIsItsBlocks() {
        int layers = 3;
        var stack = DeepNormStack.Stack.of(layers, b -> b, Key.of(1));
        Tensor x = Key.of(3).integers(4, 2, 4);
        Tensor h = stack.apply(x, Pass.eval());
        Tensor rows = Shaping.take(stack.tokens(), x, 0).plus(stack.positions());
        for (int i = 0; i < layers; i++) {
            int at = i;
            var block = Tree.map(t -> t.get(at), stack.blocks());
            rows = block.apply(rows, Pass.eval());
        }
        float[] expected = stack.output().apply(rows, Pass.eval()).toFloats();
        assertThat(h.toFloats()).containsExactly(expected, within(1e-4f));
    }
}
