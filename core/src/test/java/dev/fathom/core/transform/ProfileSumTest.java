package dev.fathom.core.transform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.spi.Program.Cost;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

class ProfileSumTest {
    private static List<Cost> run(long product, long other) {
        return List.of(
                new Cost("dot", "", 1, product, 0, 8, 4), new Cost("exp", "", 1, other, 0, 2, 2));
    }

    private static Profile of(LongStream products) {
        return Profile.sum(
                products.mapToObj(nanos -> run(nanos, 10)).toList(), OptionalLong.empty(), 1);
    }

    @Test
    void oneRunIsTheProfile() {
        assertThat(of(LongStream.of(7)).runs()).isEqualTo(1);
        assertThat(of(LongStream.of(7)).nanos()).isEqualTo(17);
    }

    @Test
    void ofThreeRunsAllCount() {
        assertThat(of(LongStream.of(1, 2, 90)).runs()).isEqualTo(3);
        assertThat(of(LongStream.of(1, 2, 90)).nanos()).isEqualTo((1 + 2 + 90 + 30) / 3.0);
    }

    /** Of 3, 5, 6, 7, 8, 9, 9 and 200 without the two fastest and the two slowest. */
    @Test
    void theFastestAndTheSlowestQuarterDoNotCount() {
        var p = of(LongStream.of(9, 5, 200, 7, 3, 8, 6, 9));
        assertThat(p.runs()).isEqualTo(4);
        assertThat(p.costs()).extracting(Cost::nanos).containsExactly(6L + 7 + 8 + 9, 40L);
        assertThat(p.costs()).extracting(Cost::calls).containsExactly(4L, 4L);
        assertThat(p.flop()).isEqualTo(10);
        assertThat(p.summary()).startsWith("0.000 ms a run (mean of the middle 4)");
    }

    /** What is inside a loop is part of the loop's time: 30 and 40, not 55 and 50. */
    @Test
    void runsAreOrderedByWhatIsOutsideLoops() {
        var quick =
                List.of(
                        new Cost("scan", "", 1, 30, 0, 0, 0),
                        new Cost("scan > dot", "", 1, 25, 0, 0, 0));
        var slow =
                List.of(
                        new Cost("scan", "", 1, 40, 0, 0, 0),
                        new Cost("scan > dot", "", 1, 10, 0, 0, 0));
        var middle = List.of(slow, quick, slow, quick, slow, slow, slow, slow);
        assertThat(Profile.sum(middle, OptionalLong.empty(), 1).nanos()).isEqualTo(40);
    }
}
