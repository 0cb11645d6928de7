package dev.fathom.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.error.LayerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.Stream;

/** At outputs of ±800, where e^z overflows, losses and gradients have their closed forms. */
final class LossExtremesTest {
    private static final double[] Z = {800, -800, 0};
    private static final double[] FOUR = {800, -800, 800, -800};

    /** A loss at an output: its value and its gradient by hand. */
    record Row(
            String name,
            Loss loss,
            Tensor output,
            Tensor target,
            double value,
            double... gradient) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        Tensor z = Tensor.of(Z, 1, 3);
        Tensor four = Tensor.of(FOUR);
        Tensor w = Tensor.of(new double[] {2, 1, 3});
        Tensor half = Tensor.of(new double[] {0.5, 0.5, 0}, 1, 3);
        Tensor ones = Tensor.of(new double[] {1, 1, 0, 0});
        return Stream.of(
                // losses 0, 1600, 800, of which each has a third of 0.3; softmax (1, 0, 0) less
                // (0.8, 0.1, 0.1)
                row(
                        "smoothed",
                        Losses.smoothedCrossEntropy(0.3),
                        z,
                        label(0),
                        240,
                        0.2,
                        -0.1,
                        -0.1),
                row(
                        "weighted",
                        (o, y) -> Losses.weightedCrossEntropy(o, y, w.cast(o.dtype())),
                        z,
                        label(1),
                        1600,
                        1,
                        -1,
                        0),
                row("kl", Losses.klDivergence(), z, half, 800 - Math.log(2), 0.5, -0.5, 0),
                row("multi-class hinge", Losses.multiClassHinge(), z, label(1), 1601, 1, -1, 0),
                row("multi-class hinge won", Losses.multiClassHinge(), z, label(0), 0, 0, 0, 0),
                row("focal", Losses.focal(2), four, ones, 400, 0, -0.25, 0.25, 0),
                row("focal 0.5", Losses.focal(0.5), four, ones, 400, 0, -0.25, 0.25, 0),
                row("focal 0", Losses.focal(0), four, ones, 400, 0, -0.25, 0.25, 0),
                row(
                        "hinge",
                        Losses.hinge(),
                        four,
                        ones.times(2).minus(1),
                        400.5,
                        0,
                        -0.25,
                        0.25,
                        0),
                row("huber", Losses.huber(1), z, z.times(0), 2 * 799.5 / 3, 1 / 3.0, -1 / 3.0, 0),
                row("mae", Losses.mae(), z, z.times(0), 1600 / 3.0, 1 / 3.0, -1 / 3.0, 0),
                row("mse", Losses.mse(), z, z.times(0), 1280000 / 3.0, 1600 / 3.0, -1600 / 3.0, 0));
    }

    private static Row row(
            String name, Loss loss, Tensor output, Tensor target, double v, double... gradient) {
        return new Row(name, loss, output, target, v, gradient);
    }

    private static Tensor label(int y) {
        return Tensor.of(new int[] {y});
    }

    @ParameterizedTest
    @MethodSource("rows")
    void valueAndGradient(Row row) {
        for (var dtype : new DType[] {DType.FLOAT64, DType.FLOAT32}) {
            Tensor target =
                    row.target().dtype().isFloating() ? row.target().cast(dtype) : row.target();
            var r =
                    Transforms.valueAndGrad((Tensor t) -> row.loss().apply(t, target))
                            .apply(row.output().cast(dtype));
            double rounding = dtype == DType.FLOAT64 ? 1e-14 : 1e-6;
            assertThat(r.value().item())
                    .isCloseTo(row.value(), within(rounding * (1 + row.value())));
            assertThat(r.gradient().toDoubles())
                    .containsExactly(row.gradient(), within(1000 * rounding));
        }
    }

    /** Backward of the losses as the notes print them: z − y, σ(t) − y, φ − e_y. */
    @Test
    void theGradientsOfTheText() {
        Tensor z = Tensor.of(new double[] {0.3, -1.2, 2});
        double[] softmax = new double[3];
        double sum = Math.exp(0.3) + Math.exp(-1.2) + Math.exp(2);
        for (int i = 0; i < 3; i++) {
            softmax[i] = Math.exp(z.toDoubles()[i]) / sum;
        }
        var ce = Transforms.grad((Tensor v) -> Losses.crossEntropy(v, Tensor.scalar(1))).apply(z);
        assertThat(ce.toDoubles())
                .containsExactly(
                        new double[] {softmax[0], softmax[1] - 1, softmax[2]}, within(1e-15));
        // half the squared error of one number; the mean of three gives a third of it
        Tensor y = Tensor.of(new double[] {1, 0, 1});
        var squared = Transforms.grad((Tensor v) -> Losses.mse(v, y).times(1.5)).apply(z);
        assertThat(squared.toDoubles())
                .containsExactly(new double[] {-0.7, -1.2, 1}, within(1e-15));
        var logistic = Transforms.grad((Tensor v) -> Losses.logistic(v, y).times(3)).apply(z);
        assertThat(logistic.toDoubles())
                .containsExactly(
                        new double[] {
                            1 / (1 + Math.exp(-0.3)) - 1,
                            1 / (1 + Math.exp(1.2)),
                            1 / (1 + Math.exp(-2)) - 1
                        },
                        within(1e-15));
    }

    @Test
    void specialCasesAreTheGeneralLoss() {
        Tensor z = Tensor.of(new double[] {1, 2, 3, 0.5, -1, 0.25}, 2, 3);
        Tensor y = Tensor.of(new int[] {2, 0});
        double plain = Losses.crossEntropy(z, y).item();
        assertThat(Losses.smoothedCrossEntropy(z, y, 0).item()).isCloseTo(plain, within(1e-15));
        Tensor equal = Tensor.full(DType.FLOAT64, 7, 3);
        assertThat(Losses.weightedCrossEntropy(z, y, equal).item()).isCloseTo(plain, within(1e-15));
        Tensor smooth = Tensor.of(new double[] {1, 1, 28, 28, 1, 1}, 2, 3).dividedBy(30);
        assertThat(Losses.smoothedCrossEntropy(z, y, 0.1).item())
                .isCloseTo(Losses.crossEntropyOfDistributions(z, smooth).item(), within(1e-15));
        Tensor t = Tensor.of(new double[] {1, 0, 1, 0, 1, 0}, 2, 3);
        assertThat(Losses.focal(z, t, 0).item())
                .isCloseTo(Losses.logistic(z, t).item(), within(1e-15));
        // the divergence of a distribution from itself is nothing
        Tensor p = z.exp().dividedBy(z.exp().sum(-1).expandDims(-1));
        assertThat(Losses.klDivergence(z, p).item()).isCloseTo(0, within(1e-15));
        // zeros in the target cost nothing and have no NaN in their gradient
        Tensor sure = Tensor.of(new double[] {0, 0, 1, 1, 0, 0}, 2, 3);
        assertThat(Losses.klDivergence(z, sure).item()).isCloseTo(plain, within(1e-15));
    }

    @Test
    void badTargets() {
        Tensor z = Tensor.of(Z, 1, 3);
        Tensor t = Tensor.of(new double[] {1, 0, 2}, 1, 3);
        assertThatThrownBy(() -> Losses.logistic(z, t))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith("logistic: target 2.0 at position 2 must be in [0, 1]");
        assertThatThrownBy(() -> Losses.focal(z, t, 2))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith("focal: target 2.0 at position 2 must be 0 or 1");
        assertThatThrownBy(() -> Losses.hinge(z, t))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith(
                        "hinge: target 0.0 at position 1 must be -1 or 1. For 0 and 1:"
                                + " t.times(2).minus(1)");
        assertThatThrownBy(() -> Losses.multiClassHinge(z, label(3)))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith(
                        "multiClassHinge: label 3 at position 0 is no class: the logits have 3"
                                + " classes, numbered 0 to 2");
        assertThatThrownBy(() -> Losses.smoothedCrossEntropy(z, label(-1), 0.1))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith("smoothedCrossEntropy: label -1 at position 0");
        assertThatThrownBy(() ->
                        Losses.weightedCrossEntropy(
                                z, label(0), Tensor.of(new double[] {1, -1, 1})))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith(
                        "weightedCrossEntropy: class weight -1.0 at position 1 must be at least 0");
        assertThatThrownBy(() -> Losses.weightedCrossEntropy(z, label(0), Tensor.zeros(2)))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "weightedCrossEntropy: the class weights are float32(2,); logits"
                                + " float64(1, 3) want float64(3,)");
        // where the numbers cannot be looked at the loss is NaN
        for (Loss loss : new Loss[] {Losses.logistic(), Losses.focal(2), Losses.hinge()}) {
            assertThat(Transforms.jit((Tensor v) -> loss.apply(z, v)).apply(t).item()).isNaN();
        }
        for (Loss loss : new Loss[] {Losses.multiClassHinge(), Losses.smoothedCrossEntropy(0.1)}) {
            var jitted = Transforms.jit((Tensor v) -> loss.apply(z, v));
            assertThat(jitted.apply(label(3)).item()).isNaN();
            assertThat(jitted.apply(label(2)).item()).isFinite();
        }
    }

    @Test
    void badNumbers() {
        assertThatThrownBy(() -> Losses.smoothedCrossEntropy(1.5))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "smoothedCrossEntropy: the smoothing is 1.5; it must be in [0, 1]");
        assertThatThrownBy(() -> Losses.huber(0)).isInstanceOf(LayerException.class);
        assertThatThrownBy(() -> Losses.focal(Double.NaN)).isInstanceOf(LayerException.class);
        assertThatThrownBy(() -> EmbeddingLosses.infoNce(0)).isInstanceOf(LayerException.class);
        assertThatThrownBy(() ->
                        Losses.multiClassHinge(Tensor.zeros(2, 1), Tensor.of(new int[] {0, 0})))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("multiClassHinge: logits (2, 1) have one class");
    }
}
