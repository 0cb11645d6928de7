package dev.fathom.train.validation;

import static dev.fathom.train.loop.Limit.epochs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.dataset.Folds;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.loop.Toy;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.metric.Metrics;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

final class ValidationTest {
    @Test
    void meanAndDeviationByHand() {
        var cv = new CrossValidation(Map.of("accuracy", List.of(0.9, 0.8, 1.0)));
        assertThat(cv.mean("accuracy")).isCloseTo(0.9, within(1e-15));
        assertThat(cv.sd("accuracy")).isCloseTo(0.1, within(1e-15)); // √((0 + .01 + .01)/2)
        assertThat(cv).hasToString("accuracy 0.9000 ± 0.1000 (0.9000, 0.8000, 1.0000)");
        assertThatThrownBy(() -> cv.mean("loss"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("only [accuracy]");
    }

    @Test
    void eachSplitTrainsFromTheSameBeginning() {
        var folds = Folds.stratified(Toy.clouds(90, 1), 3, 42);
        var trainer =
                Trainer.of(Toy.Net.of(1), Losses.crossEntropy(), Sgd.of(0.1))
                        .metrics(Metrics.accuracy());
        var cv = CrossValidation.of(trainer, folds, 16, epochs(5));
        assertThat(cv.of("accuracy")).hasSize(3);
        assertThat(cv.mean("accuracy")).isGreaterThan(0.6); // chance is 1/3
        var last = folds.getLast();
        var alone = trainer.fit(last.train().batches(16).shuffled(2), epochs(5), last.validation());
        assertThat(cv.of("loss").getLast())
                .isEqualTo(alone.history().getLast().validation().get("loss"));
        assertThatThrownBy(() -> CrossValidation.of(trainer, folds, 16, epochs(0)))
                .isInstanceOf(SettingException.class);
    }

    @Test
    void ridgeWithoutRefittingIsLeavingOutOneByOne() {
        var random = new SplittableRandom(3);
        int n = 12;
        var x = new double[n][2];
        var y = new double[n];
        for (int i = 0; i < n; i++) {
            x[i][0] = 1;
            x[i][1] = Math.rint(8 * random.nextGaussian()) / 8;
            y[i] = Math.rint(8 * (2 * x[i][1] + random.nextGaussian())) / 8;
        }
        double lambda = 0.3;
        var flat = IntStream.range(0, 2 * n).mapToDouble(i -> x[i / 2][i % 2]).toArray();
        var errors =
                LeaveOneOut.ridgeErrors(Tensor.of(flat, n, 2), Tensor.of(y, n), lambda).toDoubles();
        // by refitting: the 2 x 2 normal equations by Cramer's rule; the values are exact in float
        var features = new float[2 * n];
        var targets = new float[n];
        for (int i = 0; i < n; i++) {
            features[2 * i] = (float) x[i][0];
            features[2 * i + 1] = (float) x[i][1];
            targets[i] = (float) y[i];
        }
        var data = Dataset.ofFloats(features, Shape.of(2), targets, 1);
        var cv =
                CrossValidation.of(
                        Folds.leaveOneOut(data),
                        split -> {
                            var all = split.train().all();
                            var f = all.features().toDoubles();
                            var t = all.labels().toDoubles();
                            double a = lambda;
                            double b = 0;
                            double d = lambda;
                            double p = 0;
                            double q = 0;
                            for (int i = 0; i < t.length; i++) {
                                a += f[2 * i] * f[2 * i];
                                b += f[2 * i] * f[2 * i + 1];
                                d += f[2 * i + 1] * f[2 * i + 1];
                                p += f[2 * i] * t[i];
                                q += f[2 * i + 1] * t[i];
                            }
                            double det = a * d - b * b;
                            double w0 = (d * p - b * q) / det;
                            double w1 = (a * q - b * p) / det;
                            var out = split.validation().all();
                            var g = out.features().toDoubles();
                            return Map.of("error", out.labels().item() - w0 * g[0] - w1 * g[1]);
                        });
        for (int i = 0; i < n; i++) {
            assertThat(errors[i]).isCloseTo(cv.of("error").get(i), within(1e-10));
        }
        assertThatThrownBy(() -> LeaveOneOut.ridgeErrors(Tensor.of(flat, n, 2), Tensor.of(y, n), 0))
                .isInstanceOf(SettingException.class);
        assertThatThrownBy(() -> LeaveOneOut.ridgeErrors(Tensor.of(flat, 2, n), Tensor.of(y, n), 1))
                .isInstanceOf(ShapeException.class);
    }

    @Test
    void theIntervalOfAMeanIsThatOfTheNormalLaw() {
        var random = new SplittableRandom(8);
        var values = random.doubles(400).toArray();
        var interval = Bootstrap.ofMean(values, 1);
        double mean = 0;
        for (double v : values) {
            mean += v / 400;
        }
        double squares = 0;
        for (double v : values) {
            squares += (v - mean) * (v - mean);
        }
        double half = 1.96 * Math.sqrt(squares / 400 / 400);
        assertThat(interval.estimate()).isCloseTo(mean, within(1e-12));
        // the ends are quantiles of 2000 draws: off by about 5 % of the width
        assertThat(interval.low()).isCloseTo(mean - half, within(0.1 * half));
        assertThat(interval.high()).isCloseTo(mean + half, within(0.1 * half));
        assertThat(Bootstrap.ofMean(values, 1)).isEqualTo(interval);
    }

    @Test
    void intervalsContainTheTruthAboutAsOftenAsTheySay() {
        var random = new SplittableRandom(9);
        int hits = 0;
        for (int i = 0; i < 300; i++) {
            var values = random.doubles(60).toArray();
            int seed = i;
            var in =
                    Bootstrap.interval(
                            60,
                            p ->
                                    IntStream.of(p)
                                            .mapToDouble(j -> values[j])
                                            .average()
                                            .orElseThrow(),
                            0.8,
                            300,
                            seed);
            hits += in.low() <= 0.5 && 0.5 <= in.high() ? 1 : 0;
        }
        assertThat(hits).isBetween(212, 268); // 240 ± 4 √(300 · 0.8 · 0.2)
    }

    @Test
    void whatCannotBeEstimatedIsRefused() {
        assertThatThrownBy(() -> Bootstrap.interval(3, _ -> Double.NaN, 0.95, 10, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("the statistic of a sample is NaN");
        assertThatThrownBy(() -> Bootstrap.interval(3, _ -> 1, 1, 10, 0))
                .isInstanceOf(SettingException.class);
        assertThat(Bootstrap.interval(3, _ -> 1, 0.9, 10, 0))
                .hasToString("1.0000 [1.0000, 1.0000] (90.0 %)");
    }
}
