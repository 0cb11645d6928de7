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
}
