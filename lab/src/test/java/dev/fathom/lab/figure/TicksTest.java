package dev.fathom.lab.figure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.lab.figure.Plot.Axis;
import dev.fathom.lab.figure.Plot.Scale;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.stream.Collectors;

final class TicksTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LINEAR | 0      | 1       | 5 | 0 0.2 0.4 0.6 0.8 1.0",
                "LINEAR | -4     | 4       | 5 | −4 −2 0 2 4",
                "LINEAR | -3     | 3       | 3 | −2 0 2",
                "LINEAR | 0.6    | 10.4    | 3 | 2 4 6 8 10",
                "LINEAR | 0      | 20000   | 4 | 0 5000 10\u2009000 15\u2009000 20\u2009000",
                "LINEAR | 0      | 3000000 | 3 | 0 10⁶ 2·10⁶ 3·10⁶",
                "LINEAR | 0      | 0.0004  | 4 | 0 10⁻⁴ 2·10⁻⁴ 3·10⁻⁴ 4·10⁻⁴",
                "LINEAR | 0.99   | 1.01    | 4 | 0.990 0.995 1.000 1.005 1.010",
                "LOG    | 1      | 1000    | 5 | 1 10 100 1000",
                "LOG    | 0.001  | 1e6     | 9 | 0.001 0.01 0.1 1 10 100 1000 10\u2009000 10⁵ 10⁶",
                "LOG    | 1e-8   | 1       | 4 | 10⁻⁸ 10⁻⁶ 10⁻⁴ 0.01 1",
                "LOG    | 10     | 60      | 5 | 10 20 50",
                "LOG    | 2      | 6       | 5 | 2 3 4 5 6",
            })
    void axesAreWrittenAsPeopleWriteThem(
            Scale scale, double from, double to, int wanted, String expected) {
        var axis = new Axis("", scale, from, to, List.of());
        var labels =
                Ticks.of(axis, List.of(), 0).ticks(wanted).stream()
                        .map(Ticks.Tick::label)
                        .filter(label -> !label.isEmpty())
                        .collect(Collectors.joining(" "));
        assertThat(labels).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.31415926 | 0.3142",
                "61031      | 61031",
                "1.5e-7     | 1.5e-07",
                "2          | 2",
                "1234567    | 1.23e+06",
                "NaN        | –",
                "Infinity   | ∞",
                "-Infinity  | −∞",
            })
    void numbersHaveFourDigits(double value, String expected) {
        assertThat(Numbers.text(value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.02134 | 0.01234 | 1.021 ± 0.012",
                "25.1    | 1.5     | 25.1 ± 1.5",
                "611     | 34      | 611 ± 34",
                "1e-5    | 2e-6    | 1e-05 ± 2e-06",
            })
    void uncertaintyHasTwoDigitsAndTheNumberAsMany(double value, double half, String expected) {
        assertThat(Numbers.spread(value, half)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"8.44 | 8.4 s", "125 | 2 min 05 s", "4320 | 1 h 12 min"})
    void timesAreShort(double seconds, String expected) {
        assertThat(Numbers.time(seconds)).isEqualTo(expected);
    }
}
