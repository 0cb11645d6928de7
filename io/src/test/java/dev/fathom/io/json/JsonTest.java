package dev.fathom.io.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.io.error.CorruptFileException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class JsonTest {
    @TempDir private Path folder;

    /** Inside another. */
    public record Inner(double x, Optional<Integer> maybe) {}

    /** Many kinds of components, not in alphabetical order. */
    public record Outer(
            String zebra, int apple, List<Inner> inner, Map<String, Double> map, boolean yes) {}

    private static Outer outer(double x) {
        return new Outer(
                "é \"q\"",
                3,
                List.of(new Inner(x, Optional.of(4)), new Inner(0.1, Optional.empty())),
                Map.of("a", 1e-300),
                true);
    }

    @Test
    void recordsComeBack() {
        var text = Json.write(outer(Math.PI));
        assertThat(Json.read(Path.of("t"), text, Outer.class)).isEqualTo(outer(Math.PI));
        assertThat(text).startsWith("{\"zebra\":\"é \\\"q\\\"\",\"apple\":3,").doesNotContain("\n");
        assertThat(Json.pretty(outer(1)).lines().count()).isGreaterThan(10);
    }

    @Test
    void numbersThatAreNoneComeBack() {
        for (double x :
                new double[] {Double.NaN, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE}) {
            assertThat(Json.read(Path.of("t"), Json.write(outer(x)), Outer.class))
                    .isEqualTo(outer(x));
        }
    }

    @Test
    void filesComeBackAndDamageIsNamed() throws IOException {
        var file = folder.resolve("sub").resolve("c.json");
        Json.writeFile(file, outer(2));
        assertThat(Json.readFile(file, Outer.class)).isEqualTo(outer(2));
        assertThat(Json.readMap(file)).containsEntry("apple", 3).containsKeys("inner", "map");
        for (var bad :
                List.of(
                        "",
                        "{",
                        "[]",
                        "null",
                        "{\"apple\":\"x\"}",
                        "{\"apple\":1,\"apple\":2}",
                        "{} {}")) {
            Files.writeString(file, bad);
            assertThatThrownBy(() -> Json.readFile(file, Outer.class))
                    .as(bad)
                    .isInstanceOf(CorruptFileException.class)
                    .hasMessageContaining("c.json");
        }
        Files.write(file, new byte[] {'"', (byte) 0xff, '"'});
        assertThatThrownBy(() -> Json.readFile(file, String.class)).hasMessageContaining("UTF-8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | it is empty",
                "{\"apple\":1, | it ends in the middle (line 1)",
                "{\"apple\" 1} | it is not JSON (line 1)",
                "{\"apple\":1,\"apple\":2} | \"apple\" stands there twice (line 1)",
                "{\"apple\":1} 2 | there is more after its end (line 1)",
                "{\"apple\":\"x\"} | apple: the value is of another kind (line 1)",
                "[] | the value is of another kind (line 1)",
                "{\"inner\":[{\"x\":1},{\"x\":[]}]} | inner[1].x: the value is of another kind"
                        + " (line 1)",
                "{\"inner\":[{\"x\":-1}]} | inner[0]: a length of -1",
            })
    void damageIsToldInTheWordsOfTheUser(String text, String reason) {
        assertThatThrownBy(() -> Json.read(Path.of("c.json"), text, Careful.class))
                .hasMessage(
                        "c.json is damaged: "
                                + reason
                                + ". Use another copy of it, or make it again");
    }

    /** Refuses some values. */
    public record Length(double x) {
        /** No length is negative. */
        public Length {
            if (x < 0) {
                throw new IllegalArgumentException("a length of " + Math.round(x));
            }
        }
    }

    /** Of such. */
    public record Careful(int apple, List<Length> inner) {}

    @Test
    void linesAreAppendedAndACutLastOneIsPassedOver() throws IOException {
        var file = folder.resolve("logs").resolve("h.jsonl");
        JsonLines.append(file, new Inner(1, Optional.empty()));
        JsonLines.append(file, new Inner(2, Optional.of(5)));
        assertThat(Files.readAllLines(file)).hasSize(2);
        Files.writeString(file, "{\"x\":3,\"may", StandardOpenOption.APPEND);
        assertThat(JsonLines.read(file, Inner.class))
                .containsExactly(new Inner(1, Optional.empty()), new Inner(2, Optional.of(5)));
        JsonLines.append(file, new Inner(4, Optional.empty()));
        assertThat(JsonLines.read(file, Inner.class))
                .extracting(Inner::x)
                .containsExactly(1.0, 2.0, 4.0);
    }

    @Test
    void aBadLineInTheMiddleIsNamed() throws IOException {
        var file = folder.resolve("h.jsonl");
        JsonLines.write(file, List.of(new Inner(1, Optional.empty())));
        Files.writeString(file, "{\"x\":\n{\"x\":2,\"maybe\":null}\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> JsonLines.read(file, Inner.class))
                .isInstanceOf(CorruptFileException.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void aFileWithoutAnyCompleteLineIsEmpty() throws IOException {
        var file = folder.resolve("h.jsonl");
        Files.writeString(file, "{\"x\":1");
        assertThat(JsonLines.read(file, Inner.class)).isEmpty();
        JsonLines.append(file, new Inner(7, Optional.empty()));
        assertThat(JsonLines.read(file, Inner.class)).hasSize(1);
    }
}
