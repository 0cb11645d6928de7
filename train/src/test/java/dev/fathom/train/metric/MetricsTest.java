package dev.fathom.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.train.error.SettingException;

import org.junit.jupiter.api.Test;

import java.util.List;

class MetricsTest {
    private static final float NAN = Float.NaN;

    // largest: 2, 0, 1 (first of equals), 0
    private static final Tensor OUTPUT =
            Tensor.of(new float[] {1, 2, 3, 9, 8, 7, -1, 5, 5, 4, 0, 2}, 4, 3);
    private static final Tensor LABELS = Tensor.of(new int[] {2, 1, 2, 1});

    private static double total(Metric metric, Tensor output, Tensor target) {
        double eager = metric.total(output, target).item();
        var jitted =
                Transforms.jit(
                        (Transforms.Pair<Tensor, Tensor> p) -> metric.total(p.first(), p.second()));
        assertThat(jitted.apply(new Transforms.Pair<>(output, target)).item()).isEqualTo(eager);
        return eager;
    }

    @Test
    void accuracyCountsTheLargest() {
        assertThat(total(Metrics.accuracy(), OUTPUT, LABELS)).isEqualTo(1); // only the first
        assertThat(total(Metrics.accuracy(), OUTPUT, Tensor.of(new int[] {2, 0, 1, 0})))
                .isEqualTo(4);
    }

    @Test
    void topKCountsThoseWithFewerThanKAbove() {
        // above the label: 0, 1, 0 (the equal one does not count), 2
        assertThat(total(Metrics.topK(1), OUTPUT, LABELS)).isEqualTo(2);
        assertThat(total(Metrics.topK(2), OUTPUT, LABELS)).isEqualTo(3);
        assertThat(total(Metrics.topK(3), OUTPUT, LABELS)).isEqualTo(4);
        Tensor broken = Tensor.of(new float[] {NAN, NAN, NAN}, 1, 3);
        assertThat(total(Metrics.topK(2), broken, Tensor.of(new int[] {0}))).isZero();
        assertThat(Metrics.topK(5).name()).isEqualTo("top5");
        assertThatThrownBy(() -> Metrics.topK(0)).isInstanceOf(SettingException.class);
    }

    @Test
    void binaryAccuracyLooksAtTheSign() {
        Tensor logits = Tensor.of(new float[] {0.1f, -3, 2, -0.5f}, 4, 1);
        Tensor truth = Tensor.of(new float[] {1, 0, 0, 1}, 4, 1);
        assertThat(total(Metrics.binaryAccuracy(), logits, truth)).isEqualTo(2);
    }

    @Test
    void errorsAreMeansOverOutputsSummedOverExamples() {
        Tensor y = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        Tensor t = Tensor.of(new float[] {1, 0, 0, 0}, 2, 2);
        // squares 0, 4, 9, 16: rows (0 + 4)/2 = 2 and (9 + 16)/2 = 12.5; absolutes 0, 2, 3, 4: 1
        // and 3.5
        assertThat(total(Metrics.mse(), y, t)).isEqualTo(14.5);
        assertThat(total(Metrics.mae(), y, t)).isEqualTo(4.5);
        assertThat(Metrics.rmse().shown(total(Metrics.rmse(), y, t) / 2))
                .isEqualTo(Math.sqrt(7.25));
        assertThat(Metrics.mae().shown(3)).isEqualTo(3);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> Metrics.accuracy().total(OUTPUT, OUTPUT))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("Metrics.mse()");
        assertThatThrownBy(() -> Metrics.accuracy().total(OUTPUT, Tensor.of(new int[3])))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Metrics.mae().total(OUTPUT, Tensor.of(new float[4])))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("mae");
    }

    @Test
    void theConfusionMatrixByHand() {
        var m =
                ConfusionMatrix.of(
                        new int[] {0, 0, 0, 1, 1, 2},
                        new int[] {0, 0, 1, 1, 0, 1},
                        List.of("ant", "bee", "cat"));
        assertThat(m.counts())
                .containsExactly(List.of(2, 1, 0), List.of(1, 1, 0), List.of(0, 1, 0));
        assertThat(m.total()).isEqualTo(6);
        assertThat(m.accuracy()).isEqualTo(0.5);
        assertThat(m.precision(0)).isEqualTo(2 / 3.0);
        assertThat(m.recall(0)).isEqualTo(2 / 3.0);
        assertThat(m.precision(1)).isEqualTo(1 / 3.0);
        assertThat(m.recall(1)).isEqualTo(0.5);
        assertThat(m.f1(1)).isEqualTo(2 * (1 / 3.0) * 0.5 / (1 / 3.0 + 0.5), within(1e-15));
        assertThat(m.precision(2)).isNaN();
        assertThat(m.recall(2)).isZero();
        assertThat(m.toString()).isEqualTo("    0 1 2\nant 2 1 0\nbee 1 1 0\ncat 0 1 0");
        assertThatThrownBy(() ->
                        ConfusionMatrix.of(new int[] {3}, new int[] {0}, List.of("a", "b", "c")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("classes 3 and 0 of 3");
    }
}
