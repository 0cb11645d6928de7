package dev.fathom.data.dataset;

import static dev.fathom.data.dataset.Examples.counting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;

import java.util.List;

class DatasetTest {
    @Test
    void bytesBecomeFractionsOfWhite() {
        var data =
                Dataset.ofBytes(
                        new byte[] {0, 51, (byte) 255, (byte) 204},
                        255,
                        Shape.of(1, 2, 1),
                        new int[] {1, 0});
        assertThat(data.size()).isEqualTo(2);
        assertThat(data.outputs()).isEqualTo(2);
        assertThat(data.example(0).features().shape()).isEqualTo(Shape.of(1, 2, 1));
        assertThat(data.example(0).features().toFloats()).containsExactly(0f, 0.2f);
        assertThat(data.example(1).features().toFloats()).containsExactly(1f, 0.8f);
        assertThat(data.example(0).label().item()).isEqualTo(1);
    }

    @Test
    void theCallersArraysAreCopied() {
        var features = new float[] {1, 2};
        var labels = new int[] {0, 1};
        var data = Dataset.ofFloats(features, Shape.of(1), labels);
        features[0] = 9;
        labels[0] = 1;
        assertThat(data.all().features().toFloats()).containsExactly(1f, 2f);
        assertThat(data.labels()).containsExactly(0, 1);
    }

    @Test
    void tensorsMakeClassesOrNumbers() {
        var features = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        var classes = Dataset.of(features, Tensor.of(new int[] {0, 2, 1}));
        assertThat(classes.isClassification()).isTrue();
        assertThat(classes.classNames()).containsExactly("0", "1", "2");
        var numbers = Dataset.of(features, Tensor.of(new float[] {.5f, 1, 2}));
        assertThat(numbers.isClassification()).isFalse();
        assertThat(numbers.all().labels().shape()).isEqualTo(Shape.of(3, 1));
        assertThat(numbers.example(1).label().toFloats()).containsExactly(1f);
        assertThatThrownBy(() -> Dataset.of(features, Tensor.of(new int[] {0, 1})))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("do not belong together");
        assertThatThrownBy(() -> Dataset.of(features, Tensor.of(new double[] {0, 1, 2})))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("float32");
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> Dataset.ofFloats(new float[5], Shape.of(2), new int[] {0, 1}))
                .hasMessageContaining("5 feature values do not make 2 examples of shape (2,)");
        assertThatThrownBy(() -> Dataset.ofFloats(new float[0], Shape.of(2), new int[0]))
                .hasMessageContaining("at least one example");
        assertThatThrownBy(() -> Dataset.ofFloats(new float[1], Shape.of(1), new int[] {-1}))
                .hasMessageContaining("label -1");
        assertThatThrownBy(() -> Dataset.ofFloats(new float[1], Shape.of(1), new int[] {2_000_000}))
                .hasMessageContaining("greatest label");
        assertThatThrownBy(() -> counting(4, 2).withClassNames(List.of("only one")))
                .hasMessageContaining("label 1");
    }

    @Test
    void viewsChooseExamplesWithoutCopying() {
        var data = counting(10, 3);
        assertThat(Examples.places(data.take(4).all())).containsExactly(0, 1, 2, 3);
        assertThat(data.take(99).size()).isEqualTo(10);
        var chosen = data.subset(9, 1, 1).subset(0, 2);
        assertThat(Examples.places(chosen.all())).containsExactly(9, 1);
        assertThat(chosen.labels()).containsExactly(0, 1);
        assertThat(chosen.sha256()).isEqualTo(data.sha256());
        assertThatThrownBy(() -> data.subset(10)).hasMessageContaining("run from 0 to 9");
        assertThatThrownBy(() -> data.take(0)).hasMessageContaining("at least 1");
    }

    @Test
    void reshapingKeepsTheValues() {
        var data = counting(3, 3).reshaped(1, 2, 1);
        assertThat(data.all().features().shape()).isEqualTo(Shape.of(3, 1, 2, 1));
        assertThat(data.all().features().toFloats()).containsExactly(0f, 0f, 1f, -1f, 2f, -2f);
        assertThatThrownBy(() -> data.reshaped(3)).hasMessageContaining("cannot be seen as");
    }

    @Test
    void transformsApplyInOrderAndCanBeTakenOff() {
        Transform addOne = (v, from, n) -> v[from] += 1;
        Transform timesTen = (v, from, n) -> v[from] *= 10;
        var data = counting(3, 3).map(addOne).map(timesTen);
        assertThat(Examples.places(data.all())).containsExactly(10, 20, 30);
        assertThat(Examples.places(data.unmapped().all())).containsExactly(0, 1, 2);
    }

    /**
     * Channel 0 is 0, 2, 4, 6: mean 3, deviation sqrt((9+1+1+9)/4) = sqrt(5). Channel 1 is
     * constant.
     */
    @Test
    void normalisationIsPerChannel() {
        var data =
                Dataset.ofFloats(
                        new float[] {0, 7, 2, 7, 4, 7, 6, 7}, Shape.of(2, 2), new int[] {0, 1});
        var normalisation = Normalisation.of(data);
        assertThat(normalisation.mean()).containsExactly(3f, 7f);
        assertThat(normalisation.deviation()).containsExactly((float) Math.sqrt(5), 1f);
        var seen = data.normalisedBy(normalisation);
        float d = (float) Math.sqrt(5);
        assertThat(seen.all().features().toFloats())
                .containsExactly(-3 / d, 0f, -1 / d, 0f, 1 / d, 0f, 3 / d, 0f);
        assertThat(seen.normalisation()).contains(normalisation);
        assertThat(seen.unmapped().normalisation()).isEmpty();
    }

    /** Every byte, in three channels, exactly. */
    @Test
    void longExamplesAreNormalisedToTheirEnd() {
        var bytes = new byte[3 * 500];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (7 * i);
        }
        float[] mean = {0.1f, 0.2f, 0.3f};
        float[] deviation = {0.3f, 0.7f, 0.9f};
        var values =
                Dataset.ofBytes(bytes, 255, Shape.of(50, 10, 3), new int[1])
                        .normalisedBy(
                                new Normalisation(List.of(.1f, .2f, .3f), List.of(.3f, .7f, .9f)))
                        .example(0)
                        .features()
                        .toFloats();
        var expected = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            float x = (bytes[i] & 0xff) / 255f;
            expected[i] = (x - mean[i % 3]) / deviation[i % 3];
        }
        assertThat(values).isEqualTo(expected);
    }

    @Test
    void normalisationRefusesNonsense() {
        assertThatThrownBy(() -> new Normalisation(List.of(0f), List.of(0f)))
                .isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> new Normalisation(List.of(0f), List.of(1f, 1f)))
                .isInstanceOf(MalformedDataException.class);
        var wrong = new Normalisation(List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        assertThatThrownBy(() -> counting(3, 3).normalisedBy(wrong).example(0))
                .hasMessageContaining("3 channels");
    }

    @Test
    void splitsAreDisjointCompleteAndRepeatable() {
        var data = counting(103, 7);
        var split = data.split(0.2, 5);
        var train = Examples.places(split.train().all());
        var held = Examples.places(split.validation().all());
        assertThat(held).hasSize(21); // round(0.2 * 103)
        assertThat(train).hasSize(82).isSorted().doesNotContain(held);
        assertThat(held).isSorted().doesNotHaveDuplicates();
        assertThat(Examples.places(data.split(0.2, 5).validation().all())).isEqualTo(held);
        assertThat(Examples.places(data.split(0.2, 6).validation().all())).isNotEqualTo(held);
        assertThatThrownBy(() -> data.split(0, 1)).hasMessageContaining("between 0 and 1");
        assertThatThrownBy(() -> data.split(0.001, 1)).hasMessageContaining("one part empty");
    }

    @Test
    void stratifiedSplitsKeepTheProportions() {
        var labels = new int[100];
        for (int i = 0; i < 100; i++) {
            labels[i] = i < 60 ? 0 : i < 90 ? 1 : 2;
        }
        var data = Dataset.ofFloats(new float[100], Shape.of(1), labels);
        var split = data.splitStratified(0.1, 3);
        assertThat(split.validation().classCounts()).containsExactly(6, 3, 1);
        assertThat(split.train().classCounts()).containsExactly(54, 27, 9);
    }

    @Test
    void keysGiveSeeds() {
        var data = counting(50, 5);
        var a = Examples.places(data.split(0.5, Key.of(1)).validation().all());
        assertThat(Examples.places(data.split(0.5, Key.of(1)).validation().all())).isEqualTo(a);
        assertThat(Examples.places(data.split(0.5, Key.of(2)).validation().all())).isNotEqualTo(a);
        assertThat(Examples.places(data.splitStratified(0.5, Key.of(1)).train().all())).hasSize(25);
    }

    /** sha256 of 00 00 80 3f (1.0f) followed by 00 00 00 00 (label 0), from sha256sum. */
    @Test
    void valuesInMemoryAreHashedLittleEndian() {
        var data = Dataset.ofFloats(new float[] {1}, Shape.of(1), new int[] {0});
        assertThat(data.sha256())
                .isEqualTo("434b26042aff3fb844a4c4c6be0d81a079b0ce84cfb8190679024404e5dc4822");
        assertThat(data.describedAs("a", "b", "c").sha256()).isEqualTo("c");
        assertThat(data.toString()).isEqualTo("in-memory: 1 examples of (1,), 1 classes (memory)");
    }

    @Test
    void decodersAreAskedOnDemand() {
        var data =
                Dataset.decoded(
                        (i, into, offset) -> into[offset] = 100 + i,
                        Shape.of(1),
                        new int[] {0, 1},
                        "hash");
        assertThat(data.subset(1).all().features().toFloats()).containsExactly(101f);
        assertThat(data.sha256()).isEqualTo("hash");
        assertThat(data.all().features().dtype()).isEqualTo(DType.FLOAT32);
        assertThat(data.all().labels().dtype()).isEqualTo(DType.INT32);
    }
}
