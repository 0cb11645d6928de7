package dev.fathom.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.op.Window;
import dev.fathom.core.op.Window.Frame;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.Test;

class ReferenceWindowTest {
    private static final float NAN = Float.NaN;
    // windows of 2 every 2, one element of padding in front: [·, 0], [1, 2], [3, 4]
    private static final Frame PADDED = new Frame(Axes.of(2), Axes.of(2), Axes.of(1), Axes.of(0));
    // overlapping windows of 2: [0, 1], [1, 2], [2, 3]
    private static final Frame OVERLAP = new Frame(Axes.of(2), Axes.of(1), Axes.of(0), Axes.of(0));

    private static final Tensor ONE = Tensor.of(new float[] {1}, 1);

    private static Tensor line(float... v) {
        return Tensor.of(v, 1, v.length, 1);
    }

    @Test
    void sumsSkipThePadding() {
        Tensor x = line(1, 2, 3, 4, 5);
        assertThat(Oracle.of(new Window.SumPool(PADDED), x).toFloats()).containsExactly(1, 5, 9);
        assertThat(Oracle.of(new Window.Spread(PADDED, Shape.of(5)), line(1, 10, 100)).toFloats())
                .containsExactly(1, 10, 10, 100, 100);
        assertThat(Oracle.of(new Window.Spread(OVERLAP, Shape.of(4)), line(1, 10, 100)).toFloats())
                .containsExactly(1, 11, 110, 100);
    }

    @Test
    void maximaIgnorePaddingAndLetNanWin() {
        assertThat(Oracle.of(new Window.MaxPool(PADDED), line(-1, -2, -3, NAN, 5)).toFloats())
                .containsExactly(-1, -2, NAN);
    }

    @Test
    void pickAndUnpickUseTheFirstMaximum() {
        Tensor x = line(1, 7, 7, 2);
        Tensor v = line(10, 20, 30, 40);
        // first maxima of the three windows: elements 1, 1, 2
        assertThat(Oracle.of(new Window.Pick(OVERLAP), x, ONE, v).toFloats())
                .containsExactly(20, 20, 30);
        assertThat(Oracle.of(new Window.Unpick(OVERLAP), x, ONE, line(1, 10, 100)).toFloats())
                .containsExactly(0, 11, 100, 0);
        Tensor broken = line(9, NAN, NAN, 2);
        assertThat(Oracle.of(new Window.Pick(OVERLAP), broken, ONE, v).toFloats())
                .containsExactly(20, 20, 30);
    }

    @Test
    void planesWithChannelsRunRowMajor() {
        // channel 0: 5 5 / 5 5, channel 1: 1 2 / 4 3
        Tensor x = Tensor.of(new double[] {5, 1, 5, 2, 5, 4, 5, 3}, 1, 2, 2, 2);
        Tensor v = Tensor.of(new double[] {0, 1, 2, 3, 4, 5, 6, 7}, 1, 2, 2, 2);
        Tensor k = Tensor.of(new double[] {3, -2}, 2); // of channel 1 the smallest
        var frame = new Frame(Axes.of(2, 2), Axes.of(2, 2), Axes.of(0, 0), Axes.of(0, 0));
        assertThat(Oracle.of(new Window.MaxPool(frame), x).toDoubles()).containsExactly(5, 4);
        assertThat(Oracle.of(new Window.Pick(frame), x, k, v).toDoubles()).containsExactly(0, 1);
        assertThat(Oracle.of(new Window.SumPool(frame), x).toDoubles()).containsExactly(20, 10);
    }

    @Test
    void thereIsAFactorForEachChannel() {
        Tensor x = Tensor.of(new float[16], 1, 2, 4, 2);
        var frame = new Frame(Axes.of(2, 2), Axes.of(2, 2), Axes.of(0, 0), Axes.of(0, 0));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Oracle.of(new Window.Pick(frame), x, ONE, x))
                .withMessageContaining(
                        "pick: float32(1, 2, 4, 2) wants a factor for each channel, float32(2,),"
                                + " not float32(1,)");
        Tensor two = Tensor.of(new float[] {1, 2}, 2);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Oracle.of(new Window.Unpick(frame), x, two, x))
                .withMessageContaining(
                        "unpick: windows of float32(1, 2, 4, 2) give float32(1, 1, 2, 2), not");
    }

    @Test
    void anEmptyBatchGivesAnEmptyResult() {
        Tensor x = Tensor.of(new float[0], 0, 4, 1);
        assertThat(Oracle.of(new Window.MaxPool(OVERLAP), x).shape()).isEqualTo(Shape.of(0, 3, 1));
        Tensor y = Tensor.of(new float[0], 0, 3, 1);
        assertThat(Oracle.of(new Window.Unpick(OVERLAP), x, ONE, y).size()).isZero();
    }
}
