package dev.fathom.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.tensor.Shape;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.json.Json;
import dev.fathom.train.run.Environment;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;

/** Files that are JSON, but lack what they are for. */
final class DamagedRunTest {
    @Test
    void partsThatAreMissingAreDamage() {
        for (var type : new Class<?>[] {RunConfig.class, Environment.class}) {
            assertThatThrownBy(() -> Json.read(Path.of("run", "file.json"), "{}", type))
                    .isInstanceOf(CorruptFileException.class)
                    .hasMessageContaining("missing");
        }
    }

    @Test
    void amountsAreNamedAsTheyWereGiven() {
        assertThat(Changes.complete("rotate:1e30", Shape.of(8, 8, 1))).isEqualTo("rotate:1.0E30");
    }
}
