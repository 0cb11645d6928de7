package dev.fathom.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.tensor.Shape;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

class TextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "3, 3",
        "-12, -12",
        "0.5, 0.5",
        "0.31415, 0.3142",
        "31.415, 31.42",
        "3141.5, 3142",
        "0.001, 0.001",
        "0.00012345, 0.000123",
        "1.5e-7, 1.50e-07",
        "2e9, 2.00e+09",
        "NaN, NaN"
    })
    void numbersHaveAboutFourDigits(double value, String text) {
        assertThat(Words.number(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0.04, 0.0 s", "8.44, 8.4 s", "125, 2 min 05 s", "4321, 1 h 12 min"})
    void timesHaveTheUnitThatFits(double seconds, String text) {
        assertThat(Words.time(seconds)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"12, 12 B", "1536, 1.5 KiB", "26421880, 25.2 MiB", "68719476736, 64.0 GiB"})
    void bytesHaveABinaryUnit(long bytes, String text) {
        assertThat(Words.bytes(bytes)).isEqualTo(text);
    }

    @Test
    void shapesAndCounts() {
        assertThat(Words.shape(Shape.of(28, 28, 1))).isEqualTo("28x28x1");
        assertThat(Words.count(60000)).isEqualTo("60,000");
        assertThat(Words.percent(0.9125)).isEqualTo("91.3 %");
    }

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        var table = Columns.of("NAME", ">SIZE").row("digits", "8").row("a", "1024");
        assertThat(table.lines()).containsExactly("NAME    SIZE", "digits     8", "a       1024");
    }

    @Test
    void aTableWithoutHeadingsHasOnlyItsRows() {
        assertThat(Columns.of("", "").row("a", "b").lines()).containsExactly("a  b");
    }

    @Test
    void anImageHasOneCharacterForTwoRows() {
        // bright on the left, dark on the right
        float[] pixels = {1, 0, 1, 0, 1, 0, 1, 0};
        assertThat(Picture.image(pixels, 4, 2, 1, false)).containsExactly("@ ", "@ ");
    }

    @Test
    void aTallImageIsMadeSmaller() {
        assertThat(Picture.image(new float[120 * 60], 120, 60, 1, false))
                .hasSize(20)
                .allMatch(line -> line.length() == 20);
    }

    @Test
    void coloursAreOnlyForTerminals() {
        float[] pixels = {0, 1};
        // the foreground draws the upper row, the background the lower: 232 is black, 255 white
        assertThat(Picture.image(pixels, 2, 1, 1, true))
                .containsExactly("\u001b[38;5;232;48;5;255m▀\u001b[0m");
    }

    @Test
    void barsGoFromTheSmallestToTheLargest() {
        assertThat(Picture.bars(new float[] {-1, 0, 1})).isEqualTo("▁▅█");
        assertThat(Picture.bars(new float[] {2, 2})).isEqualTo("▁▁");
    }

    @Test
    void picturesStandSideBySide() {
        assertThat(Picture.beside(List.of(List.of("a", "b"), List.of("c", "d"))))
                .containsExactly("a  c", "b  d");
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, 'progress result ', ''",
        "true, false, 'result ', ''",
        "false, true, 'json ', 'progress result '",
        "true, true, 'json ', ''"
    })
    void theVoiceDecidesWhatGoesWhere(boolean quiet, boolean json, String out, String err) {
        var o = new ByteArrayOutputStream();
        var e = new ByteArrayOutputStream();
        var console =
                new Console(
                        new PrintStream(o, true, StandardCharsets.UTF_8),
                        new PrintStream(e, true, StandardCharsets.UTF_8),
                        false);
        console.speak(Console.Voice.of(quiet, json));
        console.say("progress");
        console.draw("never without a terminal");
        console.tell("result");
        if (console.isJson()) {
            console.out().println("json");
        }
        assertThat(o.toString(StandardCharsets.UTF_8).replaceAll("\\R", " ")).isEqualTo(out);
        assertThat(e.toString(StandardCharsets.UTF_8).replaceAll("\\R", " ")).isEqualTo(err);
    }

    @Test
    void anErrorIsOneLine() {
        var e = new ByteArrayOutputStream();
        var err = new PrintStream(e, true, StandardCharsets.UTF_8);
        new Console(err, err, false).error("not found:\n  here\n  there");
        assertThat(e.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("fathom: not found: here there");
    }
}
