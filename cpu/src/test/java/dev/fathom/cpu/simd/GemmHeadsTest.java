package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

/** Products of heads, which lie in groups. */
class GemmHeadsTest {
    private static final Workers[] POOLS = GemmTest.POOLS;

    private static float[] random(SplittableRandom random, int size) {
        return GemmTest.floats(GemmTest.random(random, size));
    }

    @Test
    void headsOfSequencesLieInGroups() {
        // (sequence, time, head, element): for each head of each sequence, time by time
        int heads = 3;
        int times = 9;
        int width = 8;
        int group = times * heads * width;
        SplittableRandom random = new SplittableRandom(11);
        float[] q = random(random, 5 * group);
        float[] k = random(random, 5 * group);
        Scratch scratch = Scratch.of();
        int size = times * times;
        float[] expected = new float[5 * heads * size];
        for (int i = 0; i < 5 * heads; i++) {
            int at = i / heads * group + i % heads * width;
            GemmF32.gemm(
                    times,
                    times,
                    width,
                    q,
                    at,
                    heads * width,
                    1,
                    k,
                    at,
                    1,
                    heads * width,
                    expected,
                    i * size,
                    times,
                    false,
                    POOLS[0],
                    scratch);
        }
        for (Workers workers : POOLS) {
            float[] c = new float[expected.length];
            GemmF32.batched(
                    5 * heads,
                    heads,
                    times,
                    times,
                    width,
                    q,
                    0,
                    group,
                    width,
                    heads * width,
                    1,
                    k,
                    0,
                    group,
                    width,
                    1,
                    heads * width,
                    c,
                    0,
                    heads * size,
                    size,
                    times,
                    false,
                    workers,
                    scratch);
            assertThat(c).isEqualTo(expected);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        GemmF32.batched(
                                15, 4, 9, 9, 8, q, 0, group, width, 24, 1, k, 0, group, width, 1,
                                24, expected, 0, 3 * size, size, times, false, POOLS[0], scratch))
                .withMessage("groups of 4 do not divide 15 products");
        assertThatThrownBy(() ->
                        GemmF32.batched(
                                15, 3, 9, 9, 8, q, 1, group, width, 24, 1, k, 0, group, width, 1,
                                24, expected, 0, 3 * size, size, times, false, POOLS[0], scratch))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("A reaches from element 1 to 1080 of an array of 1080");
    }

    @Test
    void headsAreJoinedWhereTheyAreMade() {
        // what head h of sequence s makes for time t goes to (s, t, h)
        int heads = 3;
        int times = 9;
        int width = 8;
        int size = times * width;
        SplittableRandom random = new SplittableRandom(12);
        float[] weights = random(random, 5 * heads * times * times);
        float[] values = random(random, 5 * heads * size);
        Scratch scratch = Scratch.of();
        float[] apart = new float[5 * heads * size];
        GemmF32.batched(
                15, times, width, times, weights, 0, 81, 9, 1, values, 0, size, width, 1, apart, 0,
                size, width, false, POOLS[0], scratch);
        float[] expected = new float[apart.length];
        for (int i = 0; i < apart.length; i++) {
            int t = i / width % times;
            int h = i / size % heads;
            int at = ((i / size / heads * times + t) * heads + h) * width + i % width;
            expected[at] = apart[i];
        }
        for (Workers workers : POOLS) {
            float[] c = new float[expected.length];
            GemmF32.batched(
                    15, 3, 9, 8, 9, weights, 0, 243, 81, 9, 1, values, 0, 216, 72, 8, 1, c, 0, 216,
                    8, 24, false, workers, scratch);
            assertThat(c).isEqualTo(expected);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        GemmF32.batched(
                                15, 3, 9, 8, 9, weights, 0, 243, 81, 9, 1, values, 0, 216, 72, 8, 1,
                                apart, 0, 216, 8, 23, false, POOLS[0], scratch))
                .withMessage(
                        "products overlap: batch stride 8 with 9 rows of stride 23, group stride"
                                + " 216");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        GemmF32.batched(
                                15, 3, 9, 8, 9, weights, 0, 243, 81, 9, 1, values, 0, 216, 72, 8, 1,
                                apart, 0, 215, 8, 24, false, POOLS[0], scratch))
                .withMessage(
                        "products overlap: batch stride 8 with 9 rows of stride 24, group stride"
                                + " 215");
    }
}
