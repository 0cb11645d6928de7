package dev.fathom.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.augment.Augmentation.Crop;
import dev.fathom.data.augment.Augmentation.Flip;
import dev.fathom.data.augment.Augmentation.Layout;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.dataset.Batches;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;

class AugmentationTest {
    private static float[] image() {
        return new float[] {9, 1, 2, 3, 4, 5, 6, 9}; // one element before and after
    }

    private static float[] moved(int down, int right) {
        var x = image();
        Crop.move(x, 1, new Layout(2, 3, 1), down, right);
        return x;
    }

    @Test
    void windowsByHand() {
        assertThat(moved(0, 0)).containsExactly(9, 1, 2, 3, 4, 5, 6, 9);
        assertThat(moved(1, 0)).containsExactly(9, 4, 5, 6, 0, 0, 0, 9);
        assertThat(moved(-1, 0)).containsExactly(9, 0, 0, 0, 1, 2, 3, 9);
        assertThat(moved(0, 1)).containsExactly(9, 2, 3, 0, 5, 6, 0, 9);
        assertThat(moved(0, -2)).containsExactly(9, 0, 0, 1, 0, 0, 4, 9);
        assertThat(moved(-1, 1)).containsExactly(9, 0, 0, 0, 2, 3, 0, 9);
        assertThat(moved(0, 3)).containsExactly(9, 0, 0, 0, 0, 0, 0, 9);
        assertThat(moved(0, -5)).containsExactly(9, 0, 0, 0, 0, 0, 0, 9);
    }

    @Test
    void aMirrorKeepsTheChannelsOfAPixelInOrder() {
        float[] x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        Flip.mirror(x, 0, new Layout(2, 3, 2));
        assertThat(x).containsExactly(5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8);
    }

    /**
     * All nine windows of a padding of 1 come, each about as often: 9000 draws, 4 standard
     * deviations.
     */
    @Test
    void everyWindowIsAsLikely() {
        var counts = new HashMap<List<Float>, Integer>();
        for (int i = 0; i < 9000; i++) {
            float[] x = {1, 2, 3, 4, 5, 6, 7, 8, 9};
            Augmentation.crop(1).apply(x, 0, new Layout(3, 3, 1), new SplittableRandom(i));
            var key = new ArrayList<Float>();
            for (float v : x) {
                key.add(v);
            }
            counts.merge(key, 1, Integer::sum);
        }
        assertThat(counts).hasSize(9);
        assertThat(counts.values()).allSatisfy(n -> assertThat(n).isBetween(880, 1120));
    }

    @Test
    void aSquareIsErased() {
        for (int seed = 0; seed < 50; seed++) {
            var x = new float[5 * 4 * 2];
            Arrays.fill(x, 1);
            Augmentation.erase(3).apply(x, 0, new Layout(5, 4, 2), new SplittableRandom(seed));
            int zeros = 0;
            for (float v : x) {
                zeros += v == 0 ? 1 : 0;
            }
            assertThat(zeros).isIn(8, 12, 18); // 2×2, 2×3 or 3×3 pixels of two channels
        }
    }

    private static Batches batches() {
        return Datasets.load("digits")
                .train()
                .batches(32)
                .shuffled(3)
                .augmented(Augmentation.crop(1).then(Augmentation.flip()));
    }

    private static float[] first(Batches b, int epoch) {
        return b.batch(epoch, 0).features().toFloats();
    }

    @Test
    void aBatchIsAFunctionOfSeedEpochAndIndex() {
        var b = batches();
        assertThat(first(b, 2)).containsExactly(first(b, 2));
        var ahead = b.prefetch(3).epoch(2).iterator().next().features().toFloats();
        assertThat(ahead).containsExactly(first(b, 2));
        var late = b.epoch(2, 5).iterator().next().features().toFloats();
        assertThat(late).containsExactly(b.batch(2, 5).features().toFloats());
        assertThat(first(b, 2)).isNotEqualTo(first(b.shuffled(4), 2));
    }

    @Test
    void anImageIsChangedAnewInEveryEpochWhateverTheBatches() {
        var data = Datasets.load("digits").train();
        var plain = data.batches(8).augmented(Augmentation.crop(1).then(Augmentation.flip()));
        var seen = new HashSet<String>();
        for (int epoch = 0; epoch < 20; epoch++) {
            seen.add(Arrays.toString(plain.batch(epoch, 0).features().slice(0, 0, 1).toFloats()));
        }
        assertThat(seen).hasSizeGreaterThan(8);
        var larger = data.batches(16).augmented(Augmentation.crop(1).then(Augmentation.flip()));
        assertThat(larger.batch(1, 0).features().slice(0, 0, 8).toFloats())
                .containsExactly(first(plain, 1));
    }

    @Test
    void viewsAreChangedEachForItself() {
        var data = Datasets.load("digits").train();
        var pairs = data.views(2).batches(8).shuffled(3);
        var plain = pairs.batch(0, 1).features();
        int[] dims = data.featureShape().dims();
        assertThat(plain.shape().dims()).containsExactly(8, 2, dims[0], dims[1], dims[2]);
        var one = data.batches(8).shuffled(3).batch(0, 1);
        Tensor again = one.features().expandDims(1);
        assertThat(plain.toFloats())
                .containsExactly(Shaping.concatenate(1, again, again).toFloats());
        var noisy = pairs.augmented(Augmentation.noise(0.1));
        Tensor x = noisy.batch(0, 1).features();
        assertThat(x.slice(1, 0, 1).toFloats()).isNotEqualTo(x.slice(1, 1, 2).toFloats());
        assertThat(noisy.batch(0, 1).labels().toInts()).containsExactly(one.labels().toInts());
        assertThat(noisy.prefetch(2).epoch(0, 1).iterator().next().features().toFloats())
                .containsExactly(x.toFloats());
        assertThatThrownBy(() -> data.views(0)).hasMessageContaining("views(0)");
    }

    @Test
    void messages() {
        assertThatThrownBy(() -> Augmentation.crop(0))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("crop: the padding is 0; it must be at least 1");
        assertThatThrownBy(() -> Augmentation.crop(1_200_000_000))
                .hasMessageContaining(
                        "crop: the padding is 1200000000; it must be at least 1 and at most 16384");
        var rows = Datasets.load("mnist-1d").train().batches(4);
        assertThatThrownBy(() -> rows.augmented(Augmentation.flip()))
                .hasMessageContaining(
                        "augmentation (flip) changes images (height, width, channels); these"
                                + " examples are (40,)");
        assertThat(Augmentation.crop(4).then(Augmentation.flip())).hasToString("crop 4, flip");
    }
}
