package dev.fathom.nn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Pass;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

final class NeuralNgramTest {
    /** The equation of the paper in plain loops. */
    @Test
    void theLogitsAreThoseOfTheEquation() {
        var model = NeuralNgram.of(5, 2, 3, 4, Key.of(1));
        var ids = new int[] {4, 0, 2, 2};
        var c = model.embedding().toFloats(); // (5, 2)
        var h = model.hidden().weight().toFloats(); // (6, 4)
        var u = model.output().weight().toFloats(); // (4, 5)
        var expected = new float[4 * 5]; // both biases are 0 at first
        for (int t = 0; t < 4; t++) {
            for (int unit = 0; unit < 4; unit++) {
                double sum = 0;
                for (int back = 0; back < 3 && back <= t; back++) {
                    for (int j = 0; j < 2; j++) {
                        sum += c[ids[t - back] * 2 + j] * h[(back * 2 + j) * 4 + unit];
                    }
                }
                for (int k = 0; k < 5; k++) {
                    expected[t * 5 + k] += (float) (Math.tanh(sum) * u[unit * 5 + k]);
                }
            }
        }
        Tensor logits = model.apply(Tensor.of(ids, 1, 4), Pass.eval());
        assertThat(logits.shape().dims()).containsExactly(1, 4, 5);
        assertThat(logits.toFloats()).containsExactly(expected, within(1e-5f));
    }

    @Test
    void laterTokensChangeNothing() {
        var model = NeuralNgram.of(5, Key.of(2));
        var a = model.apply(Tensor.of(new int[] {1, 2, 3, 4}, 1, 4), Pass.eval()).toFloats();
        var b = model.apply(Tensor.of(new int[] {1, 2, 0, 0}, 1, 4), Pass.eval()).toFloats();
        assertThat(Arrays.copyOf(a, 10)).containsExactly(Arrays.copyOf(b, 10));
    }
}
