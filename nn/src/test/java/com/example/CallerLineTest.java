package com.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;

import org.junit.jupiter.api.Test;

/** Lives outside Fathom's packages, as users do: messages name the user's line. */
class CallerLineTest {
    @Test
    void aMisfitNamesShapesLayerAndLine() {
        var net = Sequential.of(Flatten.of(), Activation.RELU, Dense.of(784, 128, Key.of(1)));
        int line = new Throwable().getStackTrace()[0].getLineNumber() + 1;
        var e = catchThrowable(() -> net.apply(Tensor.zeros(64, 1024), Pass.eval()));
        assertThat(e)
                .hasMessage(
                        "Dense: input (64, 1024) does not fit weight (784, 128): 1024 ≠ 784."
                            + " Flatten to 784 first? Or did you mean Dense.of(1024, 128, key)? in"
                            + " layer layers[2] Dense (CallerLineTest.java:"
                                + line
                                + ")");
    }

    @Test
    void aLayerMadeWronglyNamesTheLine() {
        int line = new Throwable().getStackTrace()[0].getLineNumber() + 1;
        var e = catchThrowable(() -> Dense.of(0, 128, Key.of(1)));
        assertThat(e)
                .hasMessage(
                        "Dense: in is 0; it must be at least 1 (CallerLineTest.java:" + line + ")");
    }
}
