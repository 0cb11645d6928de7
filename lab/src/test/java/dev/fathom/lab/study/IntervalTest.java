package dev.fathom.lab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class IntervalTest {
    @Test
    void theIntervalOfAMeanIsStudents() {
        // mean 3, s² = 10/4, t(0.975; 4) = 2.776445 by the tables: half = 2.776445·√(2.5/5)
        var interval = Interval.ofMean(1, 2, 3, 4, 5);
        assertThat(interval.low()).isCloseTo(3 - 1.963243, within(1e-6));
        assertThat(interval.high()).isCloseTo(3 + 1.963243, within(1e-6));
    }

    @Test
    void oneNumberIsItsOwnInterval() {
        assertThat(Interval.ofMean(7)).isEqualTo(new Interval(7, 7));
        assertThat(Interval.ofMean(0.1, 0.1, 0.1)).isEqualTo(new Interval(0.1, 0.1));
    }

    @Test
    void meansKeepInfinityAndReportNothing() {
        double inf = Double.POSITIVE_INFINITY;
        assertThat(Interval.mean(inf, inf)).isEqualTo(inf);
        assertThat(Interval.mean()).isNaN();
        assertThat(Interval.mean(1, 2, 6)).isEqualTo(3);
    }

    @Test
    void intervalsContainAndMissEachOther() {
        var one = new Interval(0, 2);
        assertThat(one.contains(new Interval(0, 2))).isTrue();
        assertThat(one.contains(new Interval(1, 3))).isFalse();
        assertThat(one.misses(new Interval(2.5, 3))).isTrue();
        assertThat(one.misses(new Interval(2, 3))).isFalse();
        assertThat(one.contains(Double.NaN)).isFalse();
    }

    @Test
    void anEstimateHasTheStandardErrorOfTheMean() {
        // s² = 5/3 over four samples: √(5/3/4) = 0.6454972
        var estimate = Estimate.of(1, 2, 3, 4);
        assertThat(estimate.value()).isEqualTo(2.5);
        assertThat(estimate.error()).isCloseTo(0.6454972243679028, within(1e-15));
        assertThat(Estimate.of(1).error()).isNaN();
    }
}
