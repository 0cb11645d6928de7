package dev.fathom.data.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.tensor.Shape;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

final class FoldsTest {
    /** Example i has the feature i. */
    private static Dataset data(int... labels) {
        var features = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            features[i] = i;
        }
        return Dataset.ofFloats(features, Shape.of(1), labels);
    }

    private static List<Integer> places(Dataset part) {
        var places = new ArrayList<Integer>();
        for (int i = 0; i < part.size(); i++) {
            places.add((int) part.example(i).features().item());
        }
        return places;
    }

    private static void checkPartition(Dataset whole, List<Split> folds) {
        var held = new ArrayList<Integer>();
        for (var fold : folds) {
            var train = places(fold.train());
            var validation = places(fold.validation());
            assertThat(train).doesNotContainAnyElementsOf(validation).isSorted();
            assertThat(train.size() + validation.size()).isEqualTo(whole.size());
            held.addAll(validation);
        }
        assertThat(held)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, whole.size()).boxed().toList());
        var sizes = folds.stream().mapToInt(f -> f.validation().size()).summaryStatistics();
        assertThat(sizes.getMax() - sizes.getMin()).isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"10, 5", "11, 5", "7, 2", "3, 3"})
    void everyExampleIsHeldOutOnce(int n, int k) {
        var whole = data(new int[n]);
        var folds = Folds.of(whole, k, 42);
        assertThat(folds).hasSize(k);
        checkPartition(whole, folds);
        var again = Folds.of(whole, k, 42);
        for (int f = 0; f < k; f++) {
            assertThat(places(again.get(f).validation()))
                    .isEqualTo(places(folds.get(f).validation()));
        }
    }

    @Test
    void anotherSeedGivesOtherFolds() {
        var whole = data(new int[50]);
        assertThat(places(Folds.of(whole, 5, 1).getFirst().validation()))
                .isNotEqualTo(places(Folds.of(whole, 5, 2).getFirst().validation()));
    }

    @Test
    void stratifiedFoldsHaveTheClassesInProportion() {
        var labels = new int[31];
        Arrays.fill(labels, 0, 14, 0);
        Arrays.fill(labels, 14, 25, 1);
        Arrays.fill(labels, 25, 31, 2);
        var whole = data(labels);
        var folds = Folds.stratified(whole, 4, 7);
        checkPartition(whole, folds);
        int[] most = {4, 3, 2}; // 14/4, 11/4 and 6/4, rounded up
        for (var fold : folds) {
            var counts = new int[3];
            for (int label : fold.validation().labels()) {
                counts[label]++;
            }
            for (int c = 0; c < 3; c++) {
                assertThat(counts[c]).isBetween(most[c] - 1, most[c]);
            }
        }
        assertThatThrownBy(() -> Folds.stratified(whole, 7, 7))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("class 2 has 6 examples, too few for each of 7 folds");
    }

    @Test
    void leaveOneOutIsTheCaseOfAsManyFolds() {
        var whole = data(new int[4]);
        var folds = Folds.leaveOneOut(whole);
        checkPartition(whole, folds);
        assertThat(folds.stream().map(f -> places(f.validation())))
                .containsExactly(List.of(0), List.of(1), List.of(2), List.of(3));
    }

    @Test
    void aBootstrapSampleLeavesOutAboutOneInE() {
        var whole = data(new int[3000]);
        var split = Folds.bootstrap(whole, 3);
        assertThat(split.train().size()).isEqualTo(3000);
        var drawn = places(split.train());
        assertThat(places(split.validation())).doesNotContainAnyElementsOf(drawn).isSorted();
        assertThat(drawn.stream().distinct().count() + split.validation().size()).isEqualTo(3000);
        // n/e = 1104 ± √(n (1/e)(1 − 2/e)) = 17: five deviations
        assertThat(split.validation().size()).isBetween(1019, 1189);
        assertThatThrownBy(() -> Folds.bootstrap(data(0), 1))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("leaves none");
    }

    @ParameterizedTest
    @CsvSource({"5, 1", "5, 6", "5, 0"})
    void impossibleNumbersOfFoldsAreRefused(int n, int k) {
        assertThatThrownBy(() -> Folds.of(data(new int[n]), k, 0))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("5 examples cannot be split into " + k + " folds");
    }
}
