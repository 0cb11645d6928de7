package dev.fathom.nn.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Embedding;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.zoo.CharRnn;

import org.junit.jupiter.api.Test;

class GenerationTest {
    private static Tensor logits() {
        return Tensor.of(new double[] {Math.log(0.5), Math.log(0.2), Math.log(0.3)}, 1, 3);
    }

    @Test
    void samplersCutWhatTheySay() {
        assertThat(Sampler.of(1).probabilities(logits()).toDoubles())
                .containsExactly(new double[] {0.5, 0.2, 0.3}, within(1e-12));
        assertThat(Sampler.of(1).withTopK(2).probabilities(logits()).toDoubles())
                .containsExactly(new double[] {0.625, 0, 0.375}, within(1e-12));
        assertThat(Sampler.of(1).withTopP(0.5).probabilities(logits()).toDoubles())
                .containsExactly(new double[] {1, 0, 0}, within(1e-12));
        assertThat(Sampler.of(1).withTopP(0.6).probabilities(logits()).toDoubles())
                .containsExactly(new double[] {0.625, 0, 0.375}, within(1e-12));
        assertThat(Sampler.greedy().probabilities(logits()).toDoubles()).containsExactly(1, 0, 0);
        // T = 1/2 squares the odds: 25 : 4 : 9
        assertThat(Sampler.of(0.5).probabilities(logits()).toDoubles())
                .containsExactly(new double[] {25 / 38.0, 4 / 38.0, 9 / 38.0}, within(1e-12));
    }

    @Test
    void samplesFollowTheDistribution() {
        Tensor many = logits().broadcastTo(20_000, 3);
        var counts = new int[3];
        for (int id : Sampler.of(1).sample(many, Key.of(3)).toInts()) {
            counts[id]++;
        }
        // four standard deviations of a share p of 20,000: 4 √(p (1 − p)/20,000) < 0.0142
        assertThat(counts[0] / 20_000.0).isCloseTo(0.5, within(0.0142));
        assertThat(counts[1] / 20_000.0).isCloseTo(0.2, within(0.0142));
    }

    @Test
    void samplersRefuse() {
        assertThatThrownBy(() -> Sampler.of(-1))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("the temperature is -1.0; it must be finite and at least 0");
        assertThatThrownBy(() -> Sampler.of(1).withTopP(0)).hasMessageContaining("topP is 0.0");
        assertThatThrownBy(() -> Sampler.of(1).withTopK(-2)).hasMessageContaining("topK is -2");
    }

    @Test
    void stepsGiveTheLogitsOfTheWhole() {
        var model = CharRnn.lstm(7, 5, 6, 2, Key.of(1));
        Tensor ids = Tensor.of(new int[] {1, 6, 0, 3, 3, 2}, 2, 3);
        Tensor all = model.apply(ids, Pass.eval()); // (2, 3, 7)
        var read = model.read(ids, model.start(2));
        assertThat(read.logits().toDoubles())
                .containsExactly(all.slice(1, 2, 3).toDoubles(), within(1e-6));
    }

    @Test
    void theSameKeyGivesTheSameTextAndALongerOneBeginsWithIt() {
        var model = CharRnn.gru(7, 5, 6, 1, Key.of(1));
        Tensor prompt = Tensor.of(new int[] {1, 2}, 1, 2);
        var sampler = Sampler.of(1);
        int[] shorter = Generation.generate(model, prompt, 5, sampler, Key.of(4)).toInts();
        int[] longer = Generation.generate(model, prompt, 9, sampler, Key.of(4)).toInts();
        assertThat(shorter).hasSize(5);
        assertThat(longer).startsWith(shorter);
        assertThat(Generation.generate(model, prompt, 9, sampler, Key.of(5)).toInts())
                .isNotEqualTo(longer);
        assertThatThrownBy(() ->
                        Generation.generate(model, Tensor.of(new int[] {1}), 3, sampler, Key.of(1)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("it must be int32(n, time)");
    }

    @Test
    void embeddingsAreRows() {
        var e = new Embedding(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
        assertThat(e.apply(Tensor.of(new int[] {2, 0}), Pass.eval()).toDoubles())
                .containsExactly(5, 6, 1, 2);
        assertThat(e.logits(Tensor.of(new float[] {1, 1}, 1, 2)).toDoubles())
                .containsExactly(3, 7, 11);
        assertThatThrownBy(() -> e.apply(Tensor.of(new float[] {1}), Pass.eval()))
                .hasMessageContaining("ids float32(1,) are not whole numbers");
        assertThatThrownBy(() -> e.apply(Tensor.of(new int[] {3}), Pass.eval()))
                .hasMessageContaining("3");
    }
}
