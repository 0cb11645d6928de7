package dev.fathom.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.bench.harness.Side.Measured;
import dev.fathom.bench.harness.Side.Nothing;
import dev.fathom.bench.measure.Measurement;
import dev.fathom.bench.measure.Unit;
import dev.fathom.bench.measure.Unit.Figure;
import dev.fathom.bench.workload.Workloads;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class HarnessTest {
    private static final Limits LIMITS = new Limits(1, 100, 10);

    /** A side that is a shell which prints {@code text}. */
    private static Side saying(String name, String text) {
        return new Side(name, List.of("sh", "-c", "printf '%s\\n' '" + text + "'"), Map.of());
    }

    private static Measurement measured(double value, double rate) {
        return new Measurement(1, value, rate, rate, rate, 2, 1 << 20);
    }

    private static Row row(Side... sides) {
        var said = new ArrayList<String>();
        var workload = Workloads.named("gemm-32");
        double expected = Harness.seconds(workload, sides.length, 2, "quick", LIMITS);
        var harness =
                new Harness(List.of(sides), 2, "quick", LIMITS, new Progress(expected, said::add));
        var row = harness.run(workload);
        assertThat(said.getFirst()).endsWith("left | gemm-32: Fathom, process 1 of 2");
        assertThat(harness.progress().left()).isEqualTo("0 s"); // nothing else was to be done
        return row;
    }

    @Test
    void aSideThatFailsOrComputesSomethingElseDoesNotLoseTheOthers() {
        var row =
                row(
                        saying("Fathom", measured(2, 1000).line()),
                        saying("good", measured(2.001, 500).line()),
                        saying("wrong", measured(2.01, 500).line()),
                        saying("without", "UNSUPPORTED has no products"),
                        saying("broken", "no such library"));
        assertThat(row.sides()).extracting(Summary::side).containsExactly("Fathom", "good");
        assertThat(row.ratio(row.sides().get(1))).isEqualTo(2);
        assertThat(row.notes())
                .containsEntry(
                        "wrong",
                        "does not compute the same: it arrives at 2.01000, Fathom at 2.00000")
                .containsEntry("without", "has no products")
                .containsEntry("broken", "failed:\nno such library");
        // 32·32·32·2 operations, 1000 a second, of 10¹¹
        assertThat(row.fathom().figure()).isCloseTo(0.065536, within(1e-12));
        assertThat(row.share()).isCloseTo(0.00065536, within(1e-12));
    }

    @Test
    void withoutFathomThereIsNoRow() {
        assertThatThrownBy(() -> row(saying("Fathom", "out of memory")))
                .isInstanceOf(BenchException.class)
                .hasMessage("gemm-32: Fathom failed:\nout of memory");
        var missing = new Side("Fathom", List.of("/no/such/java"), Map.of());
        assertThatThrownBy(() -> row(missing)).hasMessageContaining("could not be run: ");
    }

    @Test
    void outcomesAreReadFromTheLinesOfAProcess() {
        var m = measured(1, 2);
        assertThat(Side.outcome(List.of("WARNING: x", m.line()))).isEqualTo(new Measured(m));
        assertThat(Side.outcome(List.of("UNSUPPORTED no"))).isEqualTo(new Nothing("no", false));
        assertThat(Side.outcome(List.of("oh"))).isEqualTo(new Nothing("failed:\noh", true));
    }

    @Test
    void everythingInShortTakesHalfAnHour() {
        var limits = new Limits(2, 220, 31); // of the machine of docs/benchmarks.md
        double seconds = 0;
        for (var w : Workloads.all()) {
            seconds += Harness.seconds(w.small(), 3, 1, "quick", limits);
        }
        assertThat(seconds).isBetween(600.0, 1800.0);
    }

    @Test
    void theTimeLeftFollowsThePaceSoFar() {
        var said = new ArrayList<String>();
        var progress = new Progress(100, said::add);
        progress.begins("a");
        progress.ended(10, 20); // twice as slow as expected
        progress.begins("b");
        progress.ended(20, 40);
        progress.begins("c");
        progress.skipped(30); // what is not done is no pace
        progress.begins("d");
        progress.ended(40, 80);
        assertThat(said)
                .containsExactly(
                        "about 100 s left | a",
                        "about 3 min left | b",
                        "about 2 min left | c",
                        "about 80 s left | d");
        assertThat(progress.left()).isEqualTo("0 s");
    }

    @Test
    void threadsThatDoLessThanOneAreRemarked() {
        var one = new Limits(1, 100, 10);
        var remark = "- more threads did less than one: something else is running, ";
        assertThat(machine(one, new Limits(2, 90, 15))).contains(remark);
        assertThat(machine(one, new Limits(2, 150, 9))).doesNotContain(remark);
        assertThat(machine(one, one)).doesNotContain(remark);
    }

    private static String machine(Limits one, Limits all) {
        return new Machine("a cpu", 2, 8, "an os", "a java", "a backend", one, all).text();
    }

    @Test
    void figuresAreInTheUnitOfTheRow() {
        var m = new Measurement(3, 0, 4, 4, 4, 5, 7_000_000);
        assertThat(Unit.rate("samples/s", 128).of(m, 0)).isEqualTo(512);
        assertThat(Unit.of(Figure.STEP_TIME).of(m, 0)).isEqualTo(0.25);
        assertThat(Unit.of(Figure.FIRST_STEP).of(m, 0)).isEqualTo(3);
        assertThat(Unit.of(Figure.MEMORY).of(m, 2_000_000)).isEqualTo(5);
    }

    @Test
    void aPeerIsAModuleOfItsName() {
        assertThat(Peer.named(List.of("none"))).isEmpty();
        assertThat(Peer.named(List.of("libtorch", "none"))).containsExactly(Peer.LIBTORCH);
        assertThatThrownBy(() -> Peer.named(List.of("torch")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--peer torch is not known; there are ")
                .hasMessageEndingWith(", none");
        assertThatThrownBy(() -> Peer.LIBTORCH.built(Path.of("/nowhere"), 1))
                .isInstanceOf(BenchException.class)
                .hasMessage(
                        "libtorch has not been built; start this with"
                                + " ./fathom bench --peer libtorch");
    }
}
