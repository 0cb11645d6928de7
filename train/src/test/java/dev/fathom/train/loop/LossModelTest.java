package dev.fathom.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.zoo.VariationalAutoencoder;
import dev.fathom.optim.recipe.Adam;

import org.junit.jupiter.api.Test;

final class LossModelTest {
    @Test
    void theTrainerTrainsAVariationalAutoencoder() {
        // two patterns of eight pixels: a code of one bit is enough, ln 2 nats
        var pixels = new float[64 * 8];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (i / 8 + i) % 2;
        }
        var data = Dataset.ofFloats(pixels, Shape.of(8), new int[64]);
        var vae = VariationalAutoencoder.of(Shape.of(8), 2, Key.of(1));
        var fit =
                Trainer.of(
                                LossModel.of(vae, VariationalAutoencoder::negativeElbo),
                                LossModel.loss(),
                                Adam.of(3e-3))
                        .fit(data.batches(16).shuffled(1), Limit.epochs(40), data);
        double first = 8 * Math.log(2); // what a model that knows nothing pays, about
        double last = fit.history().getLast().validation().get("loss");
        assertThat(last).isLessThan(first / 2);
        double measured =
                fit.model().model().negativeElbo(data.all().features(), Pass.eval()).item();
        assertThat(last).isCloseTo(measured, within(1e-4));
    }
}
