package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import static java.util.stream.Collectors.groupingBy;

import dev.fathom.core.error.Layers;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Jitted;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What the JDK's flight recorder is told. */
class FlightTest {
    private static final List<String> EVENTS =
            List.of("fathom.Trace", "fathom.Compile", "fathom.Step", "fathom.Kernel");

    @TempDir Path folder;

    private static Tensor layer(Tensor x) {
        return Layers.in("first", () -> x.matmul(x.transpose()).plus(1).tanh());
    }

    private Map<String, List<RecordedEvent>> recorded(Runnable body) throws IOException {
        var file = folder.resolve("flight.jfr");
        try (var recording = new Recording()) {
            EVENTS.forEach(e -> recording.enable(e).withThreshold(Duration.ZERO));
            recording.start();
            body.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(e -> EVENTS.contains(e.getEventType().getName()))
                .collect(groupingBy(e -> e.getEventType().getName()));
    }

    @Test
    void stepsKernelsCompilationsAndRecordingsAreEvents() throws IOException {
        Jitted<Tensor, Tensor> f = jit(FlightTest::layer);
        var x = Tensor.of(new float[12], 3, 4);
        var y = Tensor.of(new float[10], 5, 2);
        var events =
                recorded(() -> {
                    f.apply(x);
                    f.apply(x);
                    f.apply(y);
                });
        assertThat(events.get("fathom.Trace"))
                .extracting(e -> e.getInt("count"), e -> e.getString("reason"))
                .containsExactly(tuple(1, "it is the first time"), tuple(2, "the types are new"));
        assertThat(events.get("fathom.Trace").getLast().getString("types"))
                .isEqualTo("[float32(5, 2)]");
        assertThat(events.get("fathom.Compile"))
                .extracting(e -> e.getInt("lines"))
                .containsExactly(5, 5); // transpose, dot, broadcast, add, tanh
        assertThat(events.get("fathom.Step"))
                .hasSize(3)
                .allSatisfy(e -> assertThat(e.getInt("instructions")).isEqualTo(2));
        var dots =
                events.get("fathom.Kernel").stream()
                        .filter(e -> e.getString("kernel").startsWith("dot"))
                        .toList();
        assertThat(dots).hasSize(3);
        assertThat(dots.getFirst().getString("layer")).isEqualTo("first");
        assertThat(dots.getFirst().getLong("flop")).isEqualTo(2 * 3 * 4 * 3);
        assertThat(dots.getFirst().getLong("bytes")).isEqualTo(4 * (12 + 9));
    }

    @Test
    void withoutARecordingNothingIsMade() {
        assertThat(KernelEvent.isOn()).isFalse();
        assertThat(StepEvent.isOn()).isFalse();
    }
}
