package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.AveragePool;
import dev.fathom.nn.conv.Conv1d;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.norm.BatchNorm;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.util.Optional;

/** What layers say when something does not fit. */
class MessagesTest {
    private static final Key KEY = Key.of(3);

    private static void says(Class<? extends Throwable> kind, String text, ThrowingCallable code) {
        assertThatThrownBy(code).isInstanceOf(kind).hasMessageStartingWith(text);
    }

    private static ThrowingCallable run(Layer layer, int... input) {
        return () -> layer.apply(Tensor.zeros(input), Pass.training(KEY));
    }

    @Test
    void dense() {
        var layer = Dense.of(784, 128, KEY);
        says(
                ShapeException.class,
                "Dense: input (64, 28, 28, 1) does not fit weight (784, 128): 1 ≠ 784. Flatten to"
                        + " (64, 784) first, with a Flatten layer? in layer Dense",
                run(layer, 64, 28, 28, 1));
        says(
                ShapeException.class,
                "Dense: input (1024,) does not fit weight (784, 128): 1024 ≠ 784. Flatten to 784"
                        + " first? Or did you mean Dense.of(1024, 128, key)?",
                run(layer, 1024));
        says(
                DTypeException.class,
                "Dense: the input is float64(2, 784), the parameters are float32; cast the input:"
                        + " x.cast(DType.FLOAT32)",
                () -> layer.apply(Tensor.full(DType.FLOAT64, 0, 2, 784), Pass.eval()));
        says(
                ShapeException.class,
                "Dense: the weight has shape (5, 784, 128); it must be (in, out). For a stack of"
                        + " models use vmap",
                () ->
                        new Dense(Tensor.zeros(5, 784, 128), Optional.empty())
                                .apply(Tensor.zeros(2, 784), Pass.eval()));
        says(
                LayerException.class,
                "Dense: out is -1; it must be at least 1",
                () -> Dense.of(3, -1, KEY));
    }

    @Test
    void convolution() {
        var layer = Conv2d.of(3, 8, 3, KEY);
        says(
                ShapeException.class,
                "Conv2d: input (16, 3, 32, 32) has 32 channels, the kernel (3, 3, 3, 8) takes 3."
                        + " Did you pass channels first? Fathom wants (n, height, width, channels):"
                        + " x.transpose(0, 2, 3, 1) in layer Conv2d",
                run(layer, 16, 3, 32, 32));
        says(
                ShapeException.class,
                "Conv2d: input (16, 32, 32, 4) has 4 channels, the kernel (3, 3, 3, 8) takes 3."
                        + " Channels come last: (n, height, width, channels)",
                run(layer, 16, 32, 32, 4));
        says(
                ShapeException.class,
                "Conv2d: input (16, 28, 28) is not (n, height, width, channels). Give it its one"
                        + " channel: x.expandDims(-1)",
                run(Conv2d.of(1, 8, 3, KEY), 16, 28, 28));
        says(
                ShapeException.class,
                "Conv2d: input (16, 784) is not (n, height, width, channels). Reshape it first",
                run(layer, 16, 784));
        says(
                ShapeException.class,
                "Conv2d: input (1, 8, 8, 2) has 2 channels, the kernel (3, 3, 2, 4) in 2 groups"
                        + " takes 4.",
                run(Conv2d.of(4, 4, 3, 2, Initializer.zeros(), KEY), 1, 8, 8, 2));
        says(
                ShapeException.class,
                "Conv1d: input (16, 2, 40) has 40 channels, the kernel (5, 2, 8) takes 2. Did you"
                    + " pass channels first? Fathom wants (n, time, channels): x.transpose(0, 2,"
                    + " 1)",
                run(Conv1d.of(2, 8, 5, KEY), 16, 2, 40));
        says(
                LayerException.class,
                "Conv2d: 3 channels in and 4 out do not fall into 2 equal groups",
                () -> Conv2d.of(3, 4, 3, 2, Initializer.zeros(), KEY));
        says(
                LayerException.class,
                "Conv2d: stride is 0; it must be at least 1",
                () -> layer.withStride(0));
        says(
                LayerException.class,
                "Conv2d: dilation is 0; it must be at least 1",
                () -> layer.withDilation(0));
    }

    @Test
    void pooling() {
        says(
                ShapeException.class,
                "MaxPool: a window of 2 does not fit input (4, 1, 5, 8): axis 1 has only 1. Pool"
                        + " less often, or use Padding.SAME",
                run(MaxPool.of(2), 4, 1, 5, 8));
        says(
                ShapeException.class,
                "AveragePool: input (4, 8) has no spatial axes; it takes (n, time, channels) or (n,"
                        + " height, width, channels). Put it before Flatten",
                run(AveragePool.of(2), 4, 8));
        says(
                LayerException.class,
                "MaxPool: size is 0; it must be at least 1",
                () -> MaxPool.of(0));
    }

    @Test
    void batchNorm() {
        says(
                ShapeException.class,
                "BatchNorm: input (4, 3, 8, 8) does not fit 3 features on its last axis. Did you"
                        + " pass channels first? Channels come last",
                run(BatchNorm.of(3), 4, 3, 8, 8));
        says(
                ShapeException.class,
                "BatchNorm: input (4, 5) does not fit 3 features on its last axis. It takes (n, ..,"
                        + " 3)",
                run(BatchNorm.of(3), 4, 5));
        says(
                ShapeException.class,
                "BatchNorm: input (1, 3) has 1 value per feature, which has no variance. Train on"
                        + " larger batches (drop a last batch of 1), or evaluate with Pass.eval()",
                run(BatchNorm.of(3), 1, 3));
        says(
                LayerException.class,
                "BatchNorm: momentum is 1.1; it is the weight of the past and lies in [0, 1]",
                () -> BatchNorm.of(3).withMomentum(1.1));
    }

    @Test
    void dropout() {
        for (double p : new double[] {1, -0.1, Double.NaN}) {
            says(
                    LayerException.class,
                    "Dropout: the probability of dropping an element is "
                            + p
                            + "; it must be in [0, 1)",
                    () -> Dropout.of(p));
        }
    }

    @Test
    void residual() {
        says(
                ShapeException.class,
                "Residual: the body gives (2, 5), the input is (2, 3); they cannot be added. Give a"
                        + " shortcut of the body's shape, such as Conv2d.of(in, out, 1,"
                        + " key).withStride(s)",
                run(Residual.of(Dense.of(3, 5, KEY)), 2, 3));
    }

    @Test
    void nestedPlacesAreNamed() {
        var net = Sequential.of(Activation.RELU, Residual.of(Sequential.of(Dense.of(4, 4, KEY))));
        assertThatThrownBy(run(net, 2, 3))
                .hasMessageContaining(
                        " in layer layers[1] Residual > body Sequential > layers[0] Dense");
    }

    @Test
    void evaluationHasNoKeys() {
        says(
                LayerException.class,
                "Pass.eval() has no random numbers; ask pass.training() first, or run the model"
                        + " with Pass.training(key)",
                () -> Pass.eval().key());
    }
}
