package dev.fathom.lab.study;

import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.between;
import static dev.fathom.lab.study.Expectation.near;
import static dev.fathom.lab.study.Expectation.oracle;
import static dev.fathom.lab.study.Expectation.yes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.Stream;

final class ExpectationTest {
    private static final double NONE = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    static Stream<Arguments> rows() {
        return Stream.of(
                // 2 % of 611 is 12.22
                Arguments.of(near(611).withinPercent(2), value(623.22), true, "611 ± 2 %"),
                Arguments.of(near(611).withinPercent(2), value(623.23), false, "611 ± 2 %"),
                Arguments.of(near(-2).within(0.5), value(-2.5), true, "-2 ± 0.5"),
                Arguments.of(near(-2).within(0.5), value(-1.4), false, "-2 ± 0.5"),
                Arguments.of(
                        near(1).withinErrors(4),
                        new Measurement(1.4, 0.1, NONE),
                        true,
                        "1 ± 4 standard errors"),
                Arguments.of(
                        near(1).withinErrors(4),
                        new Measurement(1.41, 0.1, NONE),
                        false,
                        "1 ± 4 standard errors"),
                // without an error nothing lies within errors
                Arguments.of(near(1).withinErrors(4), value(1), false, "1 ± 4 standard errors"),
                Arguments.of(near(3), value(3), true, "3"),
                Arguments.of(near(3), value(Math.nextUp(3.0)), false, "3"),
                Arguments.of(near(3).within(1), value(NONE), false, "3 ± 1"),
                Arguments.of(near(INF), value(INF), true, "∞"),
                Arguments.of(near(INF), value(1e300), false, "∞"),
                Arguments.of(
                        oracle("½σ²").within(0.01),
                        new Measurement(0.5, NONE, 0.505),
                        true,
                        "½σ² ± 0.01"),
                Arguments.of(
                        oracle("½σ²").within(0.01),
                        new Measurement(0.5, NONE, 0.52),
                        false,
                        "½σ² ± 0.01"),
                // the run brought no oracle
                Arguments.of(oracle("½σ²").within(9), value(0.5), false, "½σ² ± 9"),
                Arguments.of(atMost(4), value(4), true, "≤ 4"),
                Arguments.of(atMost(4), value(4.1), false, "≤ 4"),
                Arguments.of(atMost("L/2h"), new Measurement(1, NONE, 2), true, "≤ L/2h"),
                Arguments.of(atLeast(4), value(3.9), false, "≥ 4"),
                Arguments.of(atLeast("L/2h"), new Measurement(3, NONE, 2), true, "≥ L/2h"),
                Arguments.of(between(8, 12), value(12), true, "8 to 12"),
                Arguments.of(between(8, 12), value(12.5), false, "8 to 12"),
                Arguments.of(yes(), value(1), true, "yes"),
                Arguments.of(yes(), value(0), false, "yes"));
    }

    private static Measurement value(double value) {
        return new Measurement(value, NONE, NONE);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void allowsWhatItSays(Expectation expectation, Measurement measured, boolean met, String text) {
        assertThat(expectation.meets(measured)).isEqualTo(met);
        assertThat(expectation.text()).isEqualTo(text);
    }
}
