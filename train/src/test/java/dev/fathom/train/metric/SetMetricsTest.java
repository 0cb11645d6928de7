package dev.fathom.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.train.error.SettingException;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.SplittableRandom;

/** Metrics of predictions that were collected over a whole set. */
final class SetMetricsTest {
    private static final double EXACT = 1e-12;

    private static Tensor doubles(double[] values, int... dims) {
        return Tensor.of(values, dims);
    }

    @Test
    void aurocIsTheMannWhitneyCountWithTiesAsHalves() {
        // pairs (positive, negative): .9>.8 .9>.4 .9>.4, .4<.8 .4=.4 .4=.4: (3 + 0 + 1/2 + 1/2)/6
        var scores = new double[] {0.9, 0.8, 0.4, 0.4, 0.4};
        var positive = new boolean[] {true, false, true, false, false};
        assertThat(Ranking.auroc(scores, positive)).isEqualTo(4 / 6.0);
        for (long seed = 0; seed < 20; seed++) {
            var random = new SplittableRandom(seed);
            int n = 60;
            var s = new double[n];
            var p = new boolean[n];
            for (int i = 0; i < n; i++) {
                p[i] = i == 0 || i > 1 && random.nextInt(3) == 0;
                s[i] = random.nextInt(12) - (p[i] ? 0 : 3); // many ties
            }
            double pairs = 0;
            double wins = 0;
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    if (p[i] && !p[j]) {
                        pairs++;
                        wins += s[i] > s[j] ? 1 : s[i] == s[j] ? 0.5 : 0;
                    }
                }
            }
            assertThat(Ranking.auroc(s, p))
                    .as("seed %d", seed)
                    .isCloseTo(wins / pairs, within(EXACT));
        }
        assertThat(Ranking.auroc(new double[] {1, 1}, new boolean[] {true, false})).isEqualTo(0.5);
        assertThat(Ranking.auroc(new double[] {-0.0, 0.0}, new boolean[] {true, false}))
                .isEqualTo(0.5);
        assertThat(Ranking.auroc(new double[] {1, 2}, new boolean[] {true, true})).isNaN();
    }

    @Test
    void averagePrecisionAddsThePrecisionAtEachStepOfRecall() {
        // from the top: + (1/1), −, + (2/3), −: (1/2)(1) + (1/2)(2/3) = 5/6
        assertThat(
                        Ranking.averagePrecision(
                                new double[] {0.8, 0.7, 0.6, 0.5},
                                new boolean[] {true, false, true, false}))
                .isCloseTo(5 / 6.0, within(EXACT));
        // one threshold takes the tied pair at once: (1/2)(1/2) + (1/2)(2/4)
        assertThat(
                        Ranking.averagePrecision(
                                new double[] {0.8, 0.8, 0.1, 0.1},
                                new boolean[] {true, false, true, false}))
                .isCloseTo(0.5, within(EXACT));
        assertThat(
                        Ranking.averagePrecision(
                                new double[] {1, 1, 1}, new boolean[] {true, false, false}))
                .isCloseTo(1 / 3.0, within(EXACT));
        assertThat(Ranking.averagePrecision(new double[] {1}, new boolean[] {false})).isNaN();
    }

    @Test
    void oneAgainstTheRestTakesEachColumn() {
        Tensor outputs = doubles(new double[] {3, 1, 0, 2, 2, 0, 1, 3, 0}, 3, 3);
        var labels = new int[] {0, 1, 1};
        // column 0: 3 | 2 1 is 1; column 1: 2 3 | 1 is 1; class 2 has no example
        assertThat(Ranking.aurocOneVsRest(outputs, labels)).containsExactly(1, 1, Double.NaN);
        assertThat(Ranking.macro(Ranking.aurocOneVsRest(outputs, labels))).isEqualTo(1);
        assertThat(Ranking.averagePrecisionOneVsRest(outputs, labels))
                .containsExactly(1, 1, Double.NaN);
        assertThat(Ranking.macro(new double[] {Double.NaN})).isNaN();
    }

    @Test
    void averagesOverClassesByHand() {
        // rows are the truth; class d occurs nowhere and is left out
        var m =
                ConfusionMatrix.of(
                        new int[] {0, 0, 0, 1, 1, 2},
                        new int[] {0, 0, 1, 1, 0, 1},
                        List.of("a", "b", "c", "d"));
        // precision 2/3 1/3 0, recall 2/3 1/2 0, F1 2/3 2/5 0; 3, 2 and 1 examples
        assertThat(m.precision(Average.MACRO)).isCloseTo(1 / 3.0, within(EXACT));
        assertThat(m.recall(Average.MACRO)).isCloseTo(7 / 18.0, within(EXACT));
        assertThat(m.f1(Average.MACRO)).isCloseTo(16 / 45.0, within(EXACT));
        assertThat(m.f1(Average.WEIGHTED))
                .isCloseTo((3 * 2 / 3.0 + 2 * 2 / 5.0) / 6, within(EXACT));
        assertThat(m.recall(Average.WEIGHTED)).isCloseTo(m.accuracy(), within(EXACT));
        for (double micro :
                new double[] {
                    m.precision(Average.MICRO), m.recall(Average.MICRO), m.f1(Average.MICRO)
                }) {
            assertThat(micro).isEqualTo(0.5);
        }
    }

    @Test
    void theReliabilityTableByHand() {
        // confidences .9 right, .7 wrong, .6 right, .5 right; two bins (0, .5] and (.5, 1]
        Tensor p = doubles(new double[] {0.9, 0.1, 0.3, 0.7, 0.6, 0.4, 0.5, 0.5}, 4, 2);
        var table = Calibration.of(p, new int[] {0, 0, 0, 0}, 2);
        assertThat(table.bins().get(0).examples()).isEqualTo(1);
        assertThat(table.bins().get(0).accuracy()).isEqualTo(1);
        assertThat(table.bins().get(1).examples()).isEqualTo(3);
        assertThat(table.bins().get(1).confidence()).isCloseTo(2.2 / 3, within(EXACT));
        // 1/4 |1 − .5| + 3/4 |2/3 − 2.2/3|
        assertThat(table.ece()).isCloseTo(0.125 + 0.05, within(EXACT));
        assertThat(table.mce()).isCloseTo(0.5, within(EXACT));
        assertThat(table.toString().lines()).hasSize(3);
        assertThat(Calibration.of(p, new int[] {0, 0, 0, 0}).bins()).hasSize(15);
        assertThat(Calibration.of(p, new int[] {0, 0, 0, 0}, 15).toString().lines()).hasSize(5);
        assertThatThrownBy(() -> Calibration.of(doubles(new double[] {3, 1}, 1, 2), new int[1]))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("add up to 4.0, not to 1. Are they logits?");
        assertThatThrownBy(() -> Calibration.of(p, new int[] {0, 0, 0, 0}, 0))
                .isInstanceOf(SettingException.class);
    }

    @Test
    void aModelThatSaysTheTruthIsCalibrated() {
        var random = new SplittableRandom(5);
        int n = 40_000;
        var p = new double[2 * n];
        var labels = new int[n];
        for (int i = 0; i < n; i++) {
            p[2 * i] = random.nextDouble();
            p[2 * i + 1] = 1 - p[2 * i];
            labels[i] = random.nextDouble() < p[2 * i] ? 0 : 1;
        }
        // a bin of n/8 examples is off by about √(1/4 / 5000) = 0.007
        assertThat(Calibration.of(doubles(p, n, 2), labels).ece()).isLessThan(0.02);
        for (int i = 0; i < n; i++) {
            p[2 * i] = p[2 * i] > 0.5 ? 1 : 0; // over-confident: right in 3/4 of the cases
            p[2 * i + 1] = 1 - p[2 * i];
        }
        assertThat(Calibration.of(doubles(p, n, 2), labels).ece()).isCloseTo(0.25, within(0.01));
    }

    @Test
    void regressionByHand() {
        Tensor y = doubles(new double[] {1, 2, 4}, 3);
        Tensor t = doubles(new double[] {1, 3, 2}, 3);
        var r = Regression.of(y, t);
        assertThat(r.mse()).isCloseTo(5 / 3.0, within(EXACT)); // (0 + 1 + 4)/3
        assertThat(r.rmse()).isCloseTo(Math.sqrt(5 / 3.0), within(EXACT));
        assertThat(r.mae()).isCloseTo(1, within(EXACT)); // (0 + 1 + 2)/3
        assertThat(r.r2()).isCloseTo(1 - 5 / 2.0, within(EXACT)); // spread 1 + 1 + 0
        // two outputs: the mean of 1 and −1.5
        Tensor two = doubles(new double[] {1, 1, 3, 2, 2, 4}, 3, 2);
        Tensor both = doubles(new double[] {1, 1, 3, 3, 2, 2}, 3, 2);
        assertThat(Regression.of(two, both).r2()).isCloseTo(-0.25, within(EXACT));
        Tensor flat = doubles(new double[] {2, 2}, 2);
        assertThat(Regression.of(flat, flat).r2()).isEqualTo(1);
        assertThat(Regression.of(doubles(new double[] {2, 3}, 2), flat).r2()).isZero();
        assertThat(r.toString()).isEqualTo("RMSE 1.291, MAE 1.000, R² -1.5000");
        assertThatThrownBy(() -> Regression.of(y, flat))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("(3,) and targets (2,)");
    }

    @Test
    void logLossPerplexityAndBrierByHand() {
        double[] logits = {Math.log(0.5), Math.log(0.25), Math.log(0.25), 0, -1000, -1000};
        Tensor z = doubles(logits, 2, 3);
        Tensor y = Tensor.of(new int[] {1, 0});
        assertThat(Metrics.logLoss().total(z, y).item()).isCloseTo(Math.log(4), within(EXACT));
        // √4 for two examples, of which one is sure
        assertThat(Metrics.perplexity().shown(Metrics.perplexity().total(z, y).item() / 2))
                .isCloseTo(2, within(EXACT));
        // .25 + .5625 + .0625 and 0
        assertThat(Metrics.brier().total(z, y).item()).isCloseTo(0.875, within(EXACT));
        Tensor uniform = Tensor.full(DType.FLOAT32, 3, 4, 5, 7); // (n, t, vocabulary)
        Tensor tokens = Tensor.full(DType.INT32, 6, 4, 5);
        assertThat(
                        Metrics.perplexity()
                                .shown(Metrics.perplexity().total(uniform, tokens).item() / 4))
                .isCloseTo(7, within(EXACT));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> Ranking.auroc(new double[2], new boolean[3]))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("2 scores do not fit 3 examples");
        assertThatThrownBy(() -> Ranking.auroc(new double[] {Double.NaN}, new boolean[1]))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("example 0 is NaN");
        Tensor p = Functions.softmax(Tensor.full(DType.FLOAT64, 0, 2, 2), -1);
        assertThatThrownBy(() -> Ranking.aurocOneVsRest(p, new int[] {0, 2}))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("example 1 has label 2, but there are 2 classes");
        assertThatThrownBy(() -> Calibration.of(p, new int[3]))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("3 labels");
    }
}
