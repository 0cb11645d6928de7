package dev.fathom.train.ensemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.nn.norm.SpectralNorm;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.recipe.WeightAverage;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.listener.CheckpointListener;
import dev.fathom.train.loop.Evaluator;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.Toy;
import dev.fathom.train.loop.Trainer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

final class EnsembleTest {
    /** The same logits for every example. */
    private record Fixed(Tensor logits) implements Layer {
        @Override
        public Tensor apply(Tensor x, Pass pass) {
            return logits.expandDims(0).broadcastTo(x.dim(0), logits.dim(0));
        }
    }

    private static Fixed saying(double... p) {
        return new Fixed(Tensor.of(p, p.length).log().plus(7)); // logits may have any offset
    }

    @Test
    void theProbabilitiesAreTheMean() {
        var both = new Ensemble<>(List.of(saying(0.9, 0.1), saying(0.5, 0.5)));
        var p = both.apply(Tensor.zeros(1, 1), Pass.eval()).exp().toDoubles();
        assertThat(p).containsExactly(new double[] {0.7, 0.3}, within(1e-12));
        assertThatThrownBy(() -> new Ensemble<>(List.<Fixed>of()))
                .isInstanceOf(SettingException.class);
    }

    private static Trainer<Toy.Net, ?> trainer(long seed) {
        return Trainer.of(Toy.Net.of(seed), Losses.crossEntropy(), Sgd.of(0.1)).seed(seed);
    }

    @Test
    void membersOfADeepEnsembleDifferAndTheEnsembleIsNoWorseThanTheirMean() {
        var train = Toy.clouds(60, 1);
        var test = Toy.clouds(300, 2);
        var ensemble =
                Ensemble.deep(
                        3,
                        Key.of(5),
                        k ->
                                trainer(k.bits().toInts()[0])
                                        .fit(train.batches(20).shuffled(k), Limit.epochs(5))
                                        .model());
        assertThat(ensemble.members().stream().map(Toy::bits).distinct()).hasSize(3);
        var measure = Evaluator.<Layer>of(Losses.crossEntropy());
        double mean =
                ensemble.members().stream()
                        .mapToDouble(m -> measure.evaluate(m, test).loss())
                        .average()
                        .orElseThrow();
        assertThat(measure.evaluate(ensemble, test).loss()).isLessThan(mean);
        assertThatThrownBy(() -> Ensemble.deep(0, Key.of(1), _ -> saying(1)))
                .isInstanceOf(SettingException.class);
    }

    @Test
    void snapshotsGoOnFromEachOther() {
        var train = Toy.clouds(60, 1).batches(20);
        var two = Ensemble.snapshots(trainer(1), train, 2, Limit.epochs(3)).members();
        var keys = Key.of(1).split(2);
        var first = trainer(1).key(keys[0]).fit(train.shuffled(keys[0]), Limit.epochs(3)).model();
        var second =
                trainer(1)
                        .model(first)
                        .key(keys[1])
                        .fit(train.shuffled(keys[1]), Limit.epochs(3))
                        .model();
        assertThat(Toy.bits(two)).isEqualTo(Toy.bits(List.of(first, second)));
        assertThat(Toy.bits(first)).isNotEqualTo(Toy.bits(second));
    }

    @Test
    void theTemperatureOfAClosedForm() {
        // logits (a, 0) are right in 3 of 4 cases: softmax(a/T) = 3/4, a/T = ln 3
        Tensor logits = Tensor.of(new double[] {5, 0, 5, 0, 5, 0, 5, 0}, 4, 2);
        assertThat(TemperatureScaling.fitted(logits, new int[] {0, 0, 1, 0}))
                .isCloseTo(5 / Math.log(3), within(1e-9));
        // always right: the colder the better; always wrong: the hotter
        assertThat(TemperatureScaling.fitted(logits, new int[4])).isCloseTo(0.001, within(1e-9));
        assertThat(TemperatureScaling.fitted(logits, new int[] {1, 1, 1, 1}))
                .isCloseTo(1000, within(1e-6));
        var scaled = new TemperatureScaling<>(saying(0.8, 0.2), 2);
        var z = scaled.apply(Tensor.zeros(1, 1), Pass.eval()).toDoubles();
        assertThat(z[0] - z[1]).isCloseTo(Math.log(4) / 2, within(1e-12));
        assertThatThrownBy(() -> new TemperatureScaling<>(saying(1), 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("temperature is 0.0");
        assertThatThrownBy(() -> TemperatureScaling.fitted(logits, new int[3]))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("3 labels");
    }

    @Test
    void theTemperatureMakesTheLossSmallerOnWhatItIsFittedTo() {
        var validation = Toy.clouds(150, 3);
        var model = trainer(2).fit(Toy.clouds(30, 4).batches(10), Limit.epochs(30)).model();
        var scaled = TemperatureScaling.of(model, validation);
        var measure = Evaluator.<Layer>of(Losses.crossEntropy());
        double best = measure.evaluate(scaled, validation).loss();
        assertThat(best).isLessThan(measure.evaluate(model, validation).loss());
        for (double factor : new double[] {0.9, 1.1}) {
            var other = new TemperatureScaling<>(model, factor * scaled.temperature());
            assertThat(measure.evaluate(other, validation).loss()).isGreaterThan(best);
        }
    }

    @Test
    void batchStatisticsAreTheMeansOverTheBatches() {
        var data = Toy.clouds(60, 1);
        var model = trainer(1).fit(data.batches(20), Limit.epochs(2)).model();
        var again = BatchStatistics.of(model, data.batches(20), Key.of(3));
        // by hand: mean and unbiased variance of the hidden layer in each of the three batches
        var mean = new double[6];
        var variance = new double[6];
        for (var batch : data.batches(20).epoch(0)) {
            var h = model.hidden().apply(batch.features(), Pass.eval()).toDoubles(); // (20, 6)
            for (int j = 0; j < 6; j++) {
                double mu = 0;
                for (int i = 0; i < 20; i++) {
                    mu += h[6 * i + j] / 20;
                }
                double squares = 0;
                for (int i = 0; i < 20; i++) {
                    squares += (h[6 * i + j] - mu) * (h[6 * i + j] - mu);
                }
                mean[j] += mu / 3;
                variance[j] += squares / 19 / 3;
            }
        }
        assertThat(again.norm().mean().value().toDoubles()).containsExactly(mean, within(1e-4));
        assertThat(again.norm().variance().value().toDoubles())
                .containsExactly(variance, within(1e-4));
        assertThat(Toy.bits(again.hidden())).isEqualTo(Toy.bits(model.hidden()));
        assertThat(Toy.bits(again.norm().gamma())).isEqualTo(Toy.bits(model.norm().gamma()));
        var plain =
                new Toy.Net(
                        model.hidden(),
                        model.norm().withMomentum(1),
                        model.dropout(),
                        model.output());
        assertThat(Toy.bits(BatchStatistics.of(plain, data.batches(20), Key.of(3))))
                .isEqualTo(Toy.bits(plain)); // statistics that never move stay
        var one = saying(0.5, 0.5);
        assertThat(BatchStatistics.of(one, data.batches(20), Key.of(3))).isSameAs(one);
    }

    /**
     * A spectral norm has a statistic too, which is no mean of batches: the vector of its power
     * method. The weights behind it are divided by its largest singular value, which a converged
     * vector gives, so that the statistics are those of the divided weights.
     */
    @Test
    void batchStatisticsBehindASpectralNorm() {
        var data = Toy.clouds(60, 1).batches(20);
        int in = data.epoch(0).iterator().next().features().dim(-1);
        var dense = Dense.of(in, 3, Key.of(5));
        var model = Sequential.of(SpectralNorm.of(dense, Key.of(6)), BatchNorm.of(3));
        var again = Tree.named(BatchStatistics.of(model, data, Key.of(3)));
        double sigma = Linalg.svd(dense.weight()).s().toDoubles()[0];
        var mean = new double[3];
        for (var batch : data.epoch(0)) {
            var h = batch.features().matmul(dense.weight()).mean(0).toDoubles();
            for (int j = 0; j < 3; j++) {
                mean[j] += h[j] / sigma / 3;
            }
        }
        assertThat(again.get("layers[1].mean").toDoubles()).containsExactly(mean, within(1e-3));
        assertThat(again.get("layers[0].vector").square().sum().item()).isCloseTo(1, within(1e-5));
    }

    @Test
    void averagedWeightsComeOutOfARunAndSurviveAResume(@TempDir Path folder) {
        var train = Toy.clouds(60, 1).batches(20);
        var trainer =
                Trainer.of(
                        Toy.Net.of(1), Losses.crossEntropy(), WeightAverage.swa(Sgd.of(0.1), 4, 3));
        var whole = trainer.fit(train, Limit.epochs(5));
        trainer.listeners(CheckpointListener.to(folder)).fit(train, Limit.epochs(2));
        var resumed = trainer.resume(folder).fit(train, Limit.epochs(5));
        var average = WeightAverage.of(whole.optimizer(), whole.model());
        assertThat(Toy.bits(WeightAverage.of(resumed.optimizer(), resumed.model())))
                .isEqualTo(Toy.bits(average));
        // the mean over steps 4, 7, 10 and 13, each from a run of that length
        double sum = 0;
        for (int steps : new int[] {4, 7, 10, 13}) {
            sum += trainer.fit(train, Limit.steps(steps)).model().output().weight().toDoubles()[0];
        }
        assertThat(average.output().weight().toDoubles()[0]).isCloseTo(sum / 4, within(1e-6));
    }
}
