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
    private static final String LARGE =
            "checkpoint-.*|start-.*|chain-.*000000|gemm-.*-cold|gemm-512|tiny-loop";

    /** The checkpoints and the sweep, smaller than anybody would measure. */
    static List<Workload> miniatures() {
        return Workloads.miniatures();
    }

    @ParameterizedTest
    @MethodSource("miniatures")
    void longWorkloadsRunInMiniature(Workload workload) {
        var steps = workload.steps(workload.problem());
        var protocol = Protocol.of(workload.protocol("smoke"));
        var first = Measurement.of(steps, protocol, Instant.now());
        assertThat(first.value()).isFinite().isPositive();
        assertThat(first.stepsPerSecond()).isPositive();
    }

    /** Those that a test has the time for; of equal ones that differ in a size, the smallest. */
    static List<Workload> small() {
        return Workloads.all().stream()
                .filter(w -> w.flop() < 1e9 && !w.name().matches(LARGE))
                .map(Workload::small)
                .toList();
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
                workload.steps(workload.problem()),
                Protocol.of(workload.protocol("smoke")),
                Instant.now());
    }

    @Test
    void protocolsOfLongStepsMakeFewOfThem() {
        assertThat(Protocol.of("full-long")).isEqualTo(new Protocol(2, 3, 2, 5, 10));
        assertThat(Protocol.of("once").seconds(7)).isEqualTo(7);
        assertThat(Protocol.of("thrice").seconds(7)).isEqualTo(28);
        // 50 and 20 steps of a tenth of a second, and five blocks of at least a fifth each
        assertThat(Protocol.QUICK.seconds(0.1)).isEqualTo(50 * 0.1 + 20 * 0.1 + 1);
    }

    @Test
    void namesAreUnique() {
        assertThat(Workloads.all()).extracting(Workload::name).doesNotHaveDuplicates();
        Workloads.all()
                .forEach(w -> {
                    var small = Workloads.named(w.small().name());
                    assertThat(small.small().name()).isEqualTo(small.name());
                });
    }

    @Test
    void aMeasurementSurvivesItsLine() {
        var m = new Measurement(1.5, -2.25, 1000, 900, 1100, 3.5, 1 << 20);
        assertThat(Measurement.parse(m.line())).isEqualTo(m);
        assertThat(Measurement.isLine(m.line())).isTrue();
        assertThat(Measurement.isLine("something else")).isFalse();
    }

    @Test
    void anUnknownNameSaysWhichIsSimilar() {
        assertThatThrownBy(() -> Workloads.named("mpl"))
                .hasMessageStartingWith(
                        "there is no workload 'mpl' (did you mean 'mlp'?); --list names what there"
                                + " is");
    }
}
