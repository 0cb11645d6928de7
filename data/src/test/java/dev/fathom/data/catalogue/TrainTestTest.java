package dev.fathom.data.catalogue;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.tensor.Shape;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;

class TrainTestTest {
    private static Dataset points(int... labels) {
        return Dataset.ofFloats(new float[2 * labels.length], Shape.of(2), labels);
    }

    @Test
    void classesThatWereNeverShownAreRefused() {
        assertThatThrownBy(() -> new TrainTest(points(0, 1, 2), points(9)))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("the test labels reach 9 and the training labels only 2");
    }
}
