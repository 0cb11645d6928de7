package dev.fathom.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.lab.studies.Studies;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Verdict;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.stream.Stream;

/** Every study at its smallest: its claim holds, and its sabotaged variant does not. */
final class SmokeTest {
    private static final Order ORDER = Order.of(Tier.SMOKE);

    @TestFactory
    Stream<DynamicTest> everyStudyHolds(@TempDir Path out) {
        return Studies.all().stream()
                .map(study -> {
                    var card = study.card(Tier.SMOKE);
                    return DynamicTest.dynamicTest(
                            card.id() + " " + card.name(),
                            () -> {
                                var folder = Runner.folder(out, study, ORDER);
                                var run = Runner.run(study, ORDER, folder, Watcher.NONE);
                                var result = run.orElseThrow().result();
                                assertThat(result.predictions()).allMatch(Result.Row::asIntended);
                                assertThat(result.verdict())
                                        .as(result.reason())
                                        .isEqualTo(Verdict.HOLDS);
                            });
                });
    }
}
