package dev.fathom.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.bench.measure.Measurement;
import dev.fathom.bench.measure.Protocol;
import dev.fathom.bench.workload.Workload;
import dev.fathom.bench.workload.Workloads;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Instant;
import java.util.List;

class WorkloadsTest {
    /** Those that a test has the time for. */
    static List<Workload> small() {
        return Workloads.all().stream().filter(w -> w.flop() < 1e9).toList();
    }

    @ParameterizedTest
    @MethodSource("small")
    void everyWorkloadRunsAndIsTheSameEachTime(Workload workload) {
        var first = measure(workload);
        assertThat(first.value()).isFinite().isNotZero();
        assertThat(first.stepsPerSecond()).isBetween(first.slowest(), first.fastest());
        assertThat(first.firstSeconds()).isPositive();
        assertThat(measure(workload).value()).isEqualTo(first.value());
    }

    private static Measurement measure(Workload workload) {
        return Measurement.of(
                workload.steps(workload.problem()), Protocol.of("smoke"), Instant.now());
    }

    @Test
    void aMeasurementSurvivesItsLine() {
        var m = new Measurement(1.5, -2.25, 1000, 900, 1100, 3.5, 1 << 20);
        assertThat(Measurement.parse(m.line())).isEqualTo(m);
        assertThat(Measurement.isLine(m.line())).isTrue();
        assertThat(Measurement.isLine("something else")).isFalse();
    }

    @Test
    void anUnknownNameSaysWhichThereAre() {
        assertThatThrownBy(() -> Workloads.named("mpl"))
                .hasMessageStartingWith("there is no workload 'mpl'; there are gemm-32, ");
    }
}
