package dev.fathom.nn.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Embedding;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.zoo.CharRnn;

import org.junit.jupiter.api.Test;

class GenerationTest {
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
