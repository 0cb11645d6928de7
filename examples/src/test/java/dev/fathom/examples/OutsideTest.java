package dev.fathom.examples;

import static dev.fathom.core.transform.Transforms.grad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.generate.Generation;
import dev.fathom.nn.generate.Sampler;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Ctc;
import dev.fathom.nn.recurrent.Lstm;
import dev.fathom.nn.recurrent.Recurrent;
import dev.fathom.nn.zoo.CharRnn;

import org.junit.jupiter.api.Test;

/**
 * Loops whose carried values are private records, from a module of their own: core may look into
 * them only where the package is opened to it. Tests inside a module do not notice.
 */
final class OutsideTest {
    @Test
    void recurrentLayersTakeLengths() {
        var layer = Recurrent.of(Lstm.of(2, 3, Key.of(1)));
        Tensor x = Key.of(2).normal(DType.FLOAT32, 2, 5, 2);
        Tensor all = layer.apply(x, Tensor.of(new int[] {5, 2}), Pass.eval());
        assertThat(all.shape().dims()).containsExactly(2, 5, 3);
    }

    @Test
    void ctcHasAGradient() {
        Tensor logits = Key.of(1).normal(DType.FLOAT32, 1, 4, 3);
        var labels = Tensor.of(new int[] {1, 2}, 1, 2);
        var four = Tensor.of(new int[] {4});
        var two = Tensor.of(new int[] {2});
        Tensor gradient = grad((Tensor z) -> new Ctc(z, labels, four, two).mean()).apply(logits);
        assertThat(gradient.abs().sum().item()).isPositive().isFinite();
    }

    @Test
    void languageModelsWrite() {
        var model = CharRnn.gru(5, 4, 6, 1, Key.of(1));
        Tensor ids =
                Generation.generate(
                        model, Tensor.of(new int[] {1}, 1, 1), 4, Sampler.of(1), Key.of(2));
        assertThat(ids.shape().dims()).containsExactly(1, 4);
    }
}
