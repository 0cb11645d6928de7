package dev.fathom.optim.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.optim.error.OptimizerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;

/** Schedules against their closed forms. */
class ScheduleTest {
    record Row(String name, Schedule schedule, IntToDoubleFunction closedForm) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static double cosine(double value, int steps, double floor, int t) {
        return floor
                + (value - floor) * (1 + Math.cos(Math.PI * Math.min(1, (double) t / steps))) / 2;
    }

    static Stream<Row> rows() {
        return Stream.of(
                new Row("constant", Schedule.constant(0.3), _ -> 0.3),
                new Row("step", Schedule.step(2, 10, 0.5), t -> 2 * Math.pow(0.5, t / 10)),
                new Row(
                        "exponential",
                        Schedule.exponential(2, 0.9, 5),
                        t -> 2 * Math.pow(0.9, t / 5.0)),
                new Row("cosine", Schedule.cosine(2, 30), t -> cosine(2, 30, 0, t)),
                new Row(
                        "cosine to a floor",
                        Schedule.cosine(2, 30, 0.5),
                        t -> cosine(2, 30, 0.5, t)),
                new Row("linear", Schedule.linear(1, 3, 20), t -> 1 + 2 * Math.min(1, t / 20.0)),
                new Row(
                        "warm-up and cosine",
                        Schedule.cosine(2, 30).afterWarmUp(8),
                        t -> t < 8 ? 2 * (t + 1) / 8.0 : cosine(2, 30, 0, t - 8)),
                new Row(
                        "one after another",
                        Schedule.constant(1).then(7, Schedule.linear(5, 6, 10)),
                        t -> t < 7 ? 1 : 5 + Math.min(1, (t - 7) / 10.0)),
                new Row(
                        "times",
                        Schedule.linear(1, 3, 20).times(-2),
                        t -> -2 - 4 * Math.min(1, t / 20.0)),
                new Row(
                        "written by a user",
                        t -> Tensor.scalar(1.0).dividedBy(t.cast(DType.FLOAT64).plus(1).sqrt()),
                        t -> 1 / Math.sqrt(t + 1)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isItsClosedFormEagerlyAndInsideJit(Row row) {
        var jitted = Transforms.jit((Tensor t) -> row.schedule().at(t));
        for (int t = 0; t < 60; t++) {
            double expected = row.closedForm().applyAsDouble(t);
            assertThat(row.schedule().at((long) t)).isCloseTo(expected, within(1e-14));
            Tensor value = jitted.apply(Tensor.scalar(t));
            assertThat(value.type()).isEqualTo(Tensor.scalar(1.0).type());
            assertThat(value.item()).isCloseTo(expected, within(1e-14));
        }
        assertThat(jitted.traces()).isEqualTo(1);
    }

    @Test
    void farBeyondTheEnd() {
        assertThat(Schedule.cosine(2, 30, 0.5).at(2_000_000_000L)).isCloseTo(0.5, within(1e-15));
        assertThat(Schedule.step(2, 10, 0.5).at(1_000_000)).isZero();
    }

    @Test
    void numbersOutOfRange() {
        assertThatThrownBy(() -> Schedule.cosine(1, 0))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith("Schedule.cosine: steps is 0; it must be at least 1");
        assertThatThrownBy(() -> Schedule.step(1, 0, 0.5))
                .hasMessageStartingWith("Schedule.step: every is 0; it must be at least 1");
        assertThatThrownBy(() -> Schedule.step(1, 10, 0))
                .hasMessageStartingWith("Schedule.step: factor is 0.0; it must be positive");
        assertThatThrownBy(() -> Schedule.exponential(1, -1, 1))
                .hasMessageStartingWith("Schedule.exponential: rate is -1.0; it must be positive");
        assertThatThrownBy(() -> Schedule.constant(1).afterWarmUp(0))
                .hasMessageStartingWith("Schedule.afterWarmUp: steps is 0; it must be at least 1");
    }

    @Test
    void inverseSquareRoot() {
        assertThat(Schedule.inverseSqrt(2).at(0)).isEqualTo(2);
        assertThat(Schedule.inverseSqrt(2).at(15)).isCloseTo(0.5, within(1e-15));
    }

    @Test
    void polynomial() {
        var s = Schedule.polynomial(1, 0.2, 10, 2);
        assertThat(s.at(0)).isCloseTo(1, within(1e-15));
        assertThat(s.at(5)).isCloseTo(0.2 + 0.8 * 0.25, within(1e-15));
        assertThat(s.at(25)).isCloseTo(0.2, within(1e-15));
    }

    /** Cycles of 4, 8 and 16 steps: beginnings at 0, 4, 12 and 28. */
    @Test
    void cosineRestarts() {
        var s = Schedule.cosineRestarts(1, 4, 2);
        for (long start : new long[] {0, 4, 12, 28}) {
            assertThat(s.at(start)).as("step %d", start).isCloseTo(1, within(1e-9));
        }
        assertThat(s.at(2)).isCloseTo(0.5, within(1e-12));
        assertThat(s.at(8)).isCloseTo(0.5, within(1e-12));
        assertThat(s.at(20)).isCloseTo(0.5, within(1e-12));
        assertThat(s.at(3)).isCloseTo((1 + Math.cos(0.75 * Math.PI)) / 2, within(1e-12));
        assertThat(Schedule.cosineRestarts(1, 4, 1).at(9))
                .isCloseTo((1 + Math.cos(0.25 * Math.PI)) / 2, within(1e-12));
    }

    @Test
    void triangular() {
        var s = Schedule.triangular(1, 5, 4);
        assertThat(new double[] {s.at(0), s.at(2), s.at(4), s.at(6), s.at(8), s.at(12)})
                .containsExactly(new double[] {1, 3, 5, 3, 1, 5}, within(1e-14));
    }

    @Test
    void oneCycle() {
        var s = Schedule.oneCycle(1, 100);
        assertThat(s.at(0)).isCloseTo(0.04, within(1e-12));
        assertThat(s.at(15)).isCloseTo(0.52, within(1e-12));
        assertThat(s.at(30)).isCloseTo(1, within(1e-12));
        assertThat(s.at(65)).isCloseTo(0.5, within(1e-5));
        assertThat(s.at(100)).isCloseTo(1 / 250_000.0, within(1e-12));
    }
}
