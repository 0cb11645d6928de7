package dev.fathom.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.Pair;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.Stream;

/** Losses by hand, at extremes, and what they say. */
class LossesTest {
    private static final Tensor LOGITS = Tensor.of(new double[] {1, 2, 3, 0.5, -1, 0.25}, 2, 3);
    private static final Tensor LABELS = Tensor.of(new int[] {2, 0});

    /** A loss with an output and a target that fit it. */
    record Row(String name, Loss loss, Tensor output, Tensor target, double expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        // ln(e + e² + e³) − 3, and ln(e^½ + e⁻¹ + e^¼) − ½
        double first = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 3;
        double second = Math.log(Math.exp(0.5) + Math.exp(-1) + Math.exp(0.25)) - 0.5;
        Tensor oneHot = Tensor.of(new double[] {0, 0, 1, 1, 0, 0}, 2, 3);
        Tensor half = Tensor.of(new double[] {0, 0.5, 0.5, 0.5, 0, 0.5}, 2, 3);
        Tensor z = Tensor.of(new double[] {0, 2, -1});
        Tensor t = Tensor.of(new double[] {1, 0, 0.25});
        double logistic =
                (Math.log(2) + Math.log(1 + Math.exp(2)) + Math.log(1 + Math.exp(-1)) + 0.25) / 3;
        return Stream.of(
                new Row(
                        "cross-entropy",
                        Losses.crossEntropy(),
                        LOGITS,
                        LABELS,
                        (first + second) / 2),
                new Row(
                        "cross-entropy of one-hot distributions",
                        Losses.crossEntropyOfDistributions(),
                        LOGITS,
                        oneHot,
                        (first + second) / 2),
                // moving half the weight to a logit lower by 1 and by 1/4 costs half of that
                new Row(
                        "cross-entropy of distributions",
                        Losses.crossEntropyOfDistributions(),
                        LOGITS,
                        half,
                        (first + 0.5 + second + 0.125) / 2),
                new Row("mse", Losses.mse(), z, t, (1 + 4 + 1.25 * 1.25) / 3),
                new Row("mae", Losses.mae(), z, t, (1 + 2 + 1.25) / 3),
                // r = −1, 2, −1¼ with δ = 1½: 1/2, 1½ (2 − ¾), 1¼²/2
                new Row("huber", Losses.huber(1.5), z, t, (0.5 + 1.5 * 1.25 + 1.25 * 1.25 / 2) / 3),
                // the mean logit is 1 below the label's in row 1, ½ + ¼/3 below in row 2
                new Row(
                        "smoothed cross-entropy",
                        Losses.smoothedCrossEntropy(0.1),
                        LOGITS,
                        LABELS,
                        (first + second + 0.1 * (1.5 + 0.25 / 3)) / 2),
                new Row(
                        "weighted cross-entropy",
                        (o, y) ->
                                Losses.weightedCrossEntropy(
                                        o, y, Tensor.of(new double[] {2, 1, 3}).cast(o.dtype())),
                        LOGITS,
                        LABELS,
                        (3 * first + 2 * second) / 5),
                // less the entropy ln 2 of two halves
                new Row(
                        "kl divergence",
                        Losses.klDivergence(),
                        LOGITS,
                        half,
                        (first + 0.5 + second + 0.125) / 2 - Math.log(2)),
                // 1 + 3 − 2 and 1 + ¼ − ½
                new Row(
                        "multi-class hinge",
                        Losses.multiClassHinge(),
                        LOGITS,
                        Tensor.of(new int[] {1, 0}),
                        (2 + 0.75) / 2),
                // p = ½, σ(−2), σ(−1)
                new Row(
                        "focal",
                        Losses.focal(2),
                        z,
                        Tensor.of(new double[] {1, 0, 1}),
                        (Math.log(2) / 4
                                        + Math.log(1 + Math.exp(2)) / Math.pow(1 + Math.exp(-2), 2)
                                        + Math.log(1 + Math.exp(1)) / Math.pow(1 + Math.exp(-1), 2))
                                / 3),
                // 1, 1 + 2, 1 + 1
                new Row("hinge", Losses.hinge(), z, Tensor.of(new double[] {1, -1, 1}), 2),
                new Row("logistic", Losses.logistic(), z, t, logistic));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void byHandInBothPrecisions(Row row) {
        assertThat(row.loss().apply(row.output(), row.target()).item())
                .isCloseTo(row.expected(), within(1e-14));
        Tensor single =
                row.target().dtype().isFloating() ? row.target().cast(DType.FLOAT32) : row.target();
        Tensor loss = row.loss().apply(row.output().cast(DType.FLOAT32), single);
        assertThat(loss.type()).isEqualTo(Tensor.scalar(1f).type());
        assertThat(loss.item()).isCloseTo(row.expected(), within(1e-6));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void derivativesJitAndTransforms(Row row) {
        GradientCheck.assertGradients(
                (Tensor z) -> row.loss().apply(z, row.target()), row.output());
        GradientCheck.assertSecondOrder(
                (Tensor z) -> row.loss().apply(z, row.target()), row.output());
        FunctionCheck.assertJit(
                (Pair<Tensor, Tensor> p) -> row.loss().apply(p.first(), p.second()),
                new Pair<>(row.output(), row.target()));
        FunctionCheck.assertVmap(
                (Pair<Tensor, Tensor> p) ->
                        row.loss().apply(p.first().expandDims(0), p.second().expandDims(0)),
                new Pair<>(row.output(), row.target()));
    }

    @Test
    void theGradientIsSoftmaxMinusOneHotOverN() {
        double[] g =
                Transforms.grad((Tensor z) -> Losses.crossEntropy(z, LABELS))
                        .apply(LOGITS)
                        .toDoubles();
        double sum = Math.exp(1) + Math.exp(2) + Math.exp(3);
        assertThat(g[0]).isCloseTo(Math.exp(1) / sum / 2, within(1e-15));
        assertThat(g[2]).isCloseTo((Math.exp(3) / sum - 1) / 2, within(1e-15));
    }

    /** At ±800 e^z overflows in both precisions; loss and gradient have closed forms. */
    @Test
    void extremeLogits() {
        for (var dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            Tensor z = Tensor.of(new double[] {800, -800, 0}, 1, 3).cast(dtype);
            for (int label = 0; label < 3; label++) {
                Tensor y = Tensor.of(new int[] {label});
                var r = Transforms.valueAndGrad((Tensor t) -> Losses.crossEntropy(t, y)).apply(z);
                assertThat(r.value().item()).isEqualTo(new double[] {0, 1600, 800}[label]);
                var expected = new double[] {1, 0, 0};
                expected[label] -= 1;
                assertThat(r.gradient().toDoubles()).containsExactly(expected);
            }
            Tensor p = Tensor.of(new double[] {0.5, 0.25, 0.25}, 1, 3).cast(dtype);
            var d =
                    Transforms.valueAndGrad((Tensor t) -> Losses.crossEntropyOfDistributions(t, p))
                            .apply(z);
            assertThat(d.value().item()).isEqualTo(0.25 * 1600 + 0.25 * 800);
            assertThat(d.gradient().toDoubles()).containsExactly(0.5, -0.25, -0.25);
            Tensor w = Tensor.of(new double[] {800, -800, 800, -800}).cast(dtype);
            Tensor t = Tensor.of(new double[] {1, 1, 0, 0}).cast(dtype);
            var l = Transforms.valueAndGrad((Tensor v) -> Losses.logistic(v, t)).apply(w);
            assertThat(l.value().item()).isEqualTo((0 + 800 + 800 + 0) / 4.0);
            assertThat(l.gradient().toDoubles()).containsExactly(0, -0.25, 0.25, 0);
        }
    }

    @Test
    void theLogisticGradientAtZeroIsHalf() {
        Tensor t = Tensor.of(new double[] {1, 0});
        double[] g =
                Transforms.grad((Tensor z) -> Losses.logistic(z, t))
                        .apply(Tensor.of(new double[] {0, 0}))
                        .toDoubles();
        assertThat(g).containsExactly(-0.25, 0.25);
    }

    @Test
    void oneClassCostsNothing() {
        assertThat(Losses.crossEntropy(Tensor.zeros(3, 1), Tensor.of(new int[3])).item()).isZero();
    }

    @Test
    void sequencesOfLabels() {
        Tensor z = LOGITS.reshape(2, 1, 3);
        assertThat(Losses.crossEntropy(z, LABELS.reshape(2, 1)).item())
                .isEqualTo(Losses.crossEntropy(LOGITS, LABELS).item());
    }

    @Test
    void labelsOutOfRange() {
        assertThatThrownBy(() -> Losses.crossEntropy(LOGITS, Tensor.of(new int[] {0, 3})))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith(
                        "crossEntropy: label 3 at position 1 is no class: the logits have 3"
                            + " classes, numbered 0 to 2. Do your labels start at 1? Subtract 1");
        assertThatThrownBy(() -> Losses.crossEntropy(LOGITS, Tensor.of(new int[] {-1, 0})))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith("crossEntropy: label -1 at position 0 is no class");
        var jitted = Transforms.jit((Tensor y) -> Losses.crossEntropy(LOGITS, y));
        assertThat(jitted.apply(Tensor.of(new int[] {0, 3})).item()).isNaN();
        assertThat(jitted.apply(LABELS).item()).isFinite();
    }

    @Test
    void misfits() {
        assertThatThrownBy(() -> Losses.crossEntropy(LOGITS, LOGITS))
                .isInstanceOf(DTypeException.class)
                .hasMessageStartingWith(
                        "crossEntropy: labels must be int32 class numbers, not float64(2, 3); for"
                                + " probabilities use crossEntropyOfDistributions");
        assertThatThrownBy(() -> Losses.crossEntropy(LOGITS, Tensor.of(new long[] {0, 1})))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("use cast(DType.INT32)");
        assertThatThrownBy(() -> Losses.crossEntropy(LOGITS, Tensor.of(new int[] {0, 1, 2})))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "crossEntropy: logits (2, 3) and labels (3,) do not fit: labels must have"
                                + " the shape of the logits without the last axis, the classes");
        assertThatThrownBy(() -> Losses.mse(Tensor.zeros(64, 1), Tensor.zeros(64)))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "mse: output (64, 1) and target (64,) must have one shape: broadcasting"
                                + " would compare every pair. Reshape one of them");
        assertThatThrownBy(() -> Losses.logistic(Tensor.zeros(4), LABELS))
                .isInstanceOf(DTypeException.class)
                .hasMessageStartingWith(
                        "logistic: logits float32(4,) and targets int32(2,) must have one dtype;"
                                + " use cast(DType.FLOAT32)");
        assertThatThrownBy(() -> Losses.mse(LABELS, LABELS)).isInstanceOf(DTypeException.class);
    }
}
