package dev.fathom.nn.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.error.LayerException;

import org.junit.jupiter.api.Test;

final class SamplerTest {
    /** ln of 0.1, 0.4, 0.2, 0.3: the softmax gives these back. */
    private static final Tensor LOGITS =
            Tensor.of(new double[] {Math.log(.1), Math.log(.4), Math.log(.2), Math.log(.3)});

    private static void assertProbabilities(Sampler sampler, double... expected) {
        assertThat(sampler.probabilities(LOGITS).toDoubles())
                .containsExactly(expected, within(1e-12));
    }

    @Test
    void theDistributionIsTheOneAskedFor() {
        assertProbabilities(Sampler.of(1), .1, .4, .2, .3);
        assertProbabilities(Sampler.greedy(), 0, 1, 0, 0);
        // T = 1/2 squares: .01, .16, .04, .09, of sum .3
        assertProbabilities(Sampler.of(.5), .01 / .3, .16 / .3, .04 / .3, .09 / .3);
        assertProbabilities(Sampler.of(1).withTopK(2), 0, .4 / .7, 0, .3 / .7);
        assertProbabilities(Sampler.of(1).withTopK(9), .1, .4, .2, .3);
        // .4 < .5 <= .4 + .3
        assertProbabilities(Sampler.of(1).withTopP(.5), 0, .4 / .7, 0, .3 / .7);
        assertProbabilities(Sampler.of(1).withTopP(.39), 0, 1, 0, 0);
        // of the three left, .4/.9 = .44 does not reach .5, .7/.9 does
        assertProbabilities(Sampler.of(1).withTopK(3).withTopP(.5), 0, .4 / .7, 0, .3 / .7);
    }

    @Test
    void ofEqualLogitsTheFirstStay() {
        Tensor flat = Tensor.of(new double[4]);
        assertThat(Sampler.of(1).withTopK(2).probabilities(flat).toDoubles())
                .containsExactly(.5, .5, 0, 0);
    }

    @Test
    void frequenciesFollowTheDistribution() {
        int n = 20_000;
        Tensor drawn = Sampler.of(1).withTopK(3).sample(LOGITS.broadcastTo(n, 4), Key.of(3)); // (n)
        var count = new double[4];
        for (int i : drawn.toInts()) {
            count[i] += 1.0 / n;
        }
        assertThat(count[0]).isZero();
        // five standard deviations of a frequency are below 5 / (2 √n) = 0.018
        assertThat(count)
                .containsExactly(new double[] {0, .4 / .9, .2 / .9, .3 / .9}, within(.018));
    }

    @Test
    void aSmallTemperatureDoesNotOverflow() {
        Tensor z = Tensor.of(new float[] {1000, 999, -1000});
        assertThat(Sampler.of(1e-30).probabilities(z).toFloats()).containsExactly(1, 0, 0);
    }

    @Test
    void compiledItDrawsTheSame() {
        var sampler = Sampler.of(.8).withTopK(3).withTopP(.9);
        var key = Key.of(5);
        Tensor z = Key.of(6).normal(7, 4);
        var fast = Transforms.jit((Tensor l) -> sampler.sample(l, key));
        assertThat(fast.apply(z).toInts()).isEqualTo(sampler.sample(z, key).toInts());
    }

    @Test
    void messages() {
        assertThatThrownBy(() -> Sampler.of(-1))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("temperature is -1.0")
                .hasMessageContaining("0 is greedy");
        assertThatThrownBy(() -> Sampler.of(1).withTopK(-1)).hasMessageContaining("topK is -1");
        assertThatThrownBy(() -> Sampler.of(1).withTopP(0)).hasMessageContaining("(0, 1]");
        assertThatThrownBy(() -> Sampler.greedy().sample(Tensor.of(new int[] {1}), Key.of(1)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("int32");
    }
}
