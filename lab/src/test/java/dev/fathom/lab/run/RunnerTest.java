package dev.fathom.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.io.error.CorruptFileException;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Verdict;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

final class RunnerTest {
    private static final Order ORDER = Order.of(Tier.SMOKE);

    @TempDir private Path out;

    /** Every file of a run but the one that says where and how long. */
    private static Map<String, String> files(Path folder) throws IOException {
        var files = new TreeMap<String, String>();
        try (var all = Files.walk(folder)) {
            for (var file : all.filter(Files::isRegularFile).toList()) {
                var name = folder.relativize(file).toString();
                if (!name.equals("env.json") && !name.startsWith("trials")) {
                    files.put(name, Files.readString(file));
                }
            }
        }
        return files;
    }

    @Test
    void theSameOrderGivesTheSameBytes() throws IOException {
        var run = Runner.run(Invented.usual(), ORDER, out.resolve("a"), Watcher.NONE);
        Runner.run(Invented.usual(), ORDER, out.resolve("b"), Watcher.NONE);
        assertThat(files(out.resolve("a"))).isEqualTo(files(out.resolve("b")));
        assertThat(files(out.resolve("a")).keySet())
                .containsExactly(
                        "curves/field-grid.csv",
                        "curves/numbers.csv",
                        "figures/numbers.svg",
                        "index.html",
                        "result.json",
                        "spec.json");
        var result = run.orElseThrow().result();
        assertThat(result.verdict()).as(result.reason()).isEqualTo(Verdict.HOLDS);
        assertThat(result.seeds()).isEqualTo(4);
        assertThat(result.checksums().values()).hasSize(4).doesNotHaveDuplicates();
        assertThat(result.also()).extracting(Result.Also::name).containsExactly("largest");
        assertThat(result.notes()).containsExactly("Seeds see different numbers.");
    }

    /** Ends after that many reports of progress; there are two a seed and one for the controls. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 8})
    void aRunEndedInTheMiddleContinuesToTheSameBytes(int reports) throws IOException {
        var whole = out.resolve("whole");
        var parted = out.resolve("parted");
        Runner.run(Invented.usual(), ORDER, whole, Watcher.NONE);
        var left = new int[] {reports};
        var begun = Invented.usual();
        Runner.run(begun, ORDER, parted, (_, _) -> left[0]-- > 0);
        assertThat(parted.resolve("trials/seed-003.json")).doesNotExist();
        var rest = Invented.usual();
        Runner.run(rest, ORDER, parted, Watcher.NONE);
        assertThat(files(parted)).isEqualTo(files(whole));
        // reports 1, 3, 5, .. end between two trials, the others inside one
        assertThat(begun.trials + rest.trials).isEqualTo(reports % 2 == 0 && reports > 0 ? 6 : 5);
    }

    @Test
    void aHalfWrittenTrialIsNotTakenForOne() throws IOException {
        var whole = out.resolve("whole");
        var torn = out.resolve("torn");
        Runner.run(Invented.usual(), ORDER, whole, Watcher.NONE);
        Runner.run(Invented.usual(), ORDER, torn, Watcher.NONE);
        var trials = torn.resolve("trials");
        // what a process leaves that is killed while it writes seed 2
        Files.writeString(trials.resolve(".seed-002.json.1f.tmp"), "{\"seconds\" : 0.1, ");
        Files.delete(trials.resolve("seed-002.json"));
        Files.delete(trials.resolve("seed-003.json"));
        Files.delete(torn.resolve("result.json"));
        Runner.run(Invented.usual(), ORDER, torn, Watcher.NONE);
        assertThat(files(torn)).isEqualTo(files(whole));
    }

    @Test
    void trialsOfAnotherCardAreNotMixedIn() {
        Runner.run(Invented.usual(), ORDER, out, Watcher.NONE);
        var same = Invented.usual();
        Runner.run(same, ORDER, out, Watcher.NONE);
        assertThat(same.trials).isZero();
        var other = new Invented("N(0, 2)", false);
        Runner.run(other, ORDER, out, Watcher.NONE);
        assertThat(other.trials).isEqualTo(5);
    }

    @Test
    void anEndedRunIsJudgedByWhatIsThere() {
        var reports = new int[] {5}; // the controls, and two seeds
        var run =
                Runner.run(Invented.usual(), ORDER, out, (_, _) -> reports[0]-- > 0).orElseThrow();
        assertThat(run.result().verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(run.result().reason()).isEqualTo("2 of 4 seeds are done");
        assertThat(Runner.run(Invented.usual(), ORDER, out.resolve("x"), (_, _) -> false))
                .isEmpty();
    }

    @Test
    void whatIsRegisteredHasToBeMeasured() {
        assertThatThrownBy(
                        () -> Runner.run(new Invented("N(0, 1)", true), ORDER, out, Watcher.NONE))
                .isInstanceOf(StudyException.class)
                .hasMessage(
                        "study X01 (invented) registered \"mean\" and did not measure it; it"
                                + " measured [avarage, largest]");
    }

    @Test
    void seedsChangeTheNumbersAndNothingElse() {
        var a = Runner.run(Invented.usual(), ORDER, out.resolve("a"), Watcher.NONE).orElseThrow();
        var other = new Order(Tier.SMOKE, 43, 0);
        var b = Runner.run(Invented.usual(), other, out.resolve("b"), Watcher.NONE).orElseThrow();
        assertThat(Difference.between(a.result(), b.result()))
                .extracting(Difference::what)
                .containsExactly(
                        "seed",
                        "mean",
                        "variance",
                        "mean of shifted numbers",
                        "largest",
                        "checksums");
        assertThat(Difference.between(a.result(), a.result())).isEmpty();
    }

    @Test
    void theReportShowsEveryRunAndTheTour() throws IOException {
        var study = Invented.usual();
        Runner.run(study, ORDER, out.resolve("invented-smoke-42"), Watcher.NONE);
        var summary = Reports.write(out, List.of(study));
        assertThat(summary.isAlarming()).isFalse();
        Reports.write(out.resolve("other"), List.of(study));
        assertThat(Files.readString(out.resolve("other/index.html")))
                .contains("not run yet: <code>./fathom lab run invented</code>");
        assertThat(Files.readString(out.resolve("index.html")))
                .contains("href=\"invented-smoke-42/index.html\"", "tour.html", "HOLDS")
                .contains("The mean of normal numbers is 0 &amp; no &lt;more&gt;.");
        assertThat(Files.readString(out.resolve("tour.html"))).contains("<svg", "HOLDS");
        assertThat(Files.readString(out.resolve("invented-smoke-42/index.html")))
                .as("a page of its own needs no network")
                .doesNotContain("src=\"http", "@import", "url(http", "<link");
    }

    private Path zip(Map<String, String> files) throws IOException {
        var zip = out.resolve("sent.zip");
        try (var stream = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (var file : files.entrySet()) {
                stream.putNextEntry(new ZipEntry(file.getKey()));
                stream.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return zip;
    }

    private static void assertRefused(Path origin, String message) {
        assertThatThrownBy(() -> Bundle.read(origin))
                .isInstanceOf(StudyException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aBundleIsAFolderOrAZip() throws IOException {
        var folder = out.resolve("invented-smoke-42");
        Runner.run(Invented.usual(), ORDER, folder, Watcher.NONE);
        var spec = Files.readString(folder.resolve("spec.json"));
        var result = Files.readString(folder.resolve("result.json"));
        var whole = Bundle.read(folder);
        assertThat(whole.text()).isEqualTo(result);
        assertThat(whole.order()).isEqualTo(new Order(Tier.SMOKE, 42, 4));
        assertThat(whole.version()).isEqualTo(Bundle.here());
        for (var top : List.of("", "invented-smoke-42/")) {
            var sent = zip(Map.of(top + "spec.json", spec, top + "result.json", result));
            assertThat(Bundle.read(sent))
                    .isEqualTo(new Bundle(sent, spec, result, whole.result(), ""));
        }
        assertRefused(
                zip(Map.of("../spec.json", spec, "../result.json", result)),
                "sent.zip holds \"../spec.json\", which would stand outside of it");
        assertRefused(
                zip(Map.of("a/spec.json", spec, "b/spec.json", spec)),
                "sent.zip holds spec.json more than once");
        assertRefused(
                zip(Map.of("readme.txt", "")),
                "holds no spec.json: it is not a finished run of 'fathom lab run'");
        assertRefused(
                zip(
                        Map.of(
                                "spec.json",
                                spec,
                                "result.json",
                                result.replace("\"notes\"", "\"remarks\""),
                                "env.json",
                                "{\"fathom\": \"9.9\"}")),
                "sent.zip was written by Fathom 9.9, and this is "
                        + Bundle.here()
                        + ", which reads its result otherwise: there is no \"notes\"");
        assertThatThrownBy(() ->
                        Bundle.read(
                                zip(
                                        Map.of(
                                                "spec.json",
                                                spec,
                                                "result.json",
                                                result.replace(
                                                        "\"wanted\" : 4", "\"wanted\" : -1")))))
                .isInstanceOf(CorruptFileException.class)
                .hasMessageContaining("4 of -1 seeds");
        Files.writeString(out.resolve("sent.zip"), "PK");
        assertRefused(out.resolve("sent.zip"), "neither the folder of a run nor a ZIP archive");
        assertRefused(out.resolve("none"), "none does not exist");
        Files.delete(folder.resolve("result.json"));
        assertRefused(folder, "holds no result.json");
    }

    /** A run of a study of one's own that has the name of a known one does not stop the report. */
    @Test
    void theReportLeavesRunsOfOtherCardsOutOfTheTour() {
        var folder = Runner.folder(out, Invented.usual(), ORDER);
        Runner.run(new Invented("another", false), ORDER, folder, Watcher.NONE);
        var summary = Reports.write(out, List.of(Invented.usual()));
        assertThat(summary.results()).hasSize(1);
        assertThat(out.resolve("tour.html")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"studies\":[],\"tier\":\"giga\",\"seed\":1,\"seeds\":1}"})
    void damagedSessionsAreNamed(String text) throws IOException {
        Files.writeString(out.resolve("session.json"), text);
        assertThatThrownBy(() -> Session.read(out))
                .isInstanceOf(CorruptFileException.class)
                .hasMessageContaining("session.json is damaged");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"seconds\" : 0.1, ",
                "{\"seconds\":1,\"observations\":{\"measurements\":{},\"curves\":{},\"grids\":{},"
                        + "\"checksums\":{},\"notes\":[]}}"
            })
    void aDamagedTrialIsDoneAgain(String text) throws IOException {
        var whole = out.resolve("whole");
        var torn = out.resolve("torn");
        Runner.run(Invented.usual(), ORDER, whole, Watcher.NONE);
        Runner.run(Invented.usual(), ORDER, torn, Watcher.NONE);
        Files.writeString(torn.resolve("trials").resolve("seed-002.json"), text);
        var again = Invented.usual();
        var run = Runner.run(again, ORDER, torn, Watcher.NONE).orElseThrow();
        assertThat(again.trials).isEqualTo(1);
        assertThat(run.redone())
                .singleElement()
                .asString()
                .startsWith("trials/seed-002.json was damaged (")
                .endsWith(") and is done again");
        assertThat(files(torn)).isEqualTo(files(whole));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "null",
                "{\"id\":\"X01\",\"name\":\"x\",\"claim\":\"\",\"tier\":\"smoke\",\"verdict\":\"HOLDS\","
                    + "\"reason\":\"\",\"also\":[],\"checksums\":{},\"notes\":[],\"predictions\":[null]}"
            })
    void oneDamagedResultDoesNotHideTheOthers(String text) throws IOException {
        var study = Invented.usual();
        Runner.run(study, ORDER, out.resolve("invented-smoke-42"), Watcher.NONE);
        Runner.run(study, new Order(Tier.SMOKE, 7, 0), out.resolve("bad"), Watcher.NONE);
        var file = out.resolve("bad").resolve("result.json");
        Files.writeString(file, text);
        assertThatThrownBy(() -> Bundle.read(out.resolve("bad")))
                .isInstanceOf(CorruptFileException.class)
                .hasMessageContaining("result.json is damaged");
        var summary = Reports.write(out, List.of(study));
        assertThat(summary.results()).hasSize(1);
        assertThat(summary.isAlarming()).isTrue();
        assertThat(summary.damaged())
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.folder()).isEqualTo("bad");
                    assertThat(one.reason()).startsWith("result.json: ").doesNotContain("REDACTED");
                });
        assertThat(Files.readString(out.resolve("index.html")))
                .contains("DAMAGED", "invented-smoke-42/index.html");
    }

    @Test
    void aDamagedTrialDoesNotHideTheOtherStops() throws IOException {
        var study = Invented.usual();
        for (long seed : new long[] {1, 2}) {
            var order = new Order(Tier.SMOKE, seed, 0);
            Runner.run(study, order, Runner.folder(out, study, order), Watcher.NONE);
        }
        Files.writeString(out.resolve("invented-smoke-1/trials/controls.json"), "{");
        var summary = Reports.write(out, List.of(study));
        assertThat(summary.results()).hasSize(2);
        assertThat(summary.damaged())
                .containsExactly(
                        new Reports.Damaged(
                                "invented-smoke-1",
                                "controls.json: it ends in the middle (line 1)"));
        assertThat(Files.readString(out.resolve("tour.html")))
                .contains("invented-smoke-2/index.html")
                .doesNotContain("invented-smoke-1/index.html");
    }

    /**
     * The watcher is called from inside the run: a second run begins while the first is at work.
     */
    @Test
    void twoRunsDoNotShareAFolder() {
        var refused = new ArrayList<String>();
        Runner.run(
                Invented.usual(),
                ORDER,
                out,
                (_, _) -> {
                    for (Runnable second :
                            List.<Runnable>of(
                                    () -> Runner.run(Invented.usual(), ORDER, out, Watcher.NONE),
                                    () -> Runner.forget(out))) {
                        assertThatThrownBy(second::run)
                                .isInstanceOf(StudyException.class)
                                .satisfies(e -> refused.add(e.getMessage()));
                    }
                    return false;
                });
        assertThat(refused)
                .hasSize(2)
                .containsOnly(
                        "another run is at work in %s; wait for it, or take another folder with --out"
                                .formatted(out));
        assertThat(Runner.run(Invented.usual(), ORDER, out, Watcher.NONE)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"X\"1", "", "X 1"})
    void scaffoldsRefuseNumbersThatWouldNotCompile(String id) {
        assertThatThrownBy(() -> Scaffold.of(id, "coins"))
                .isInstanceOf(StudyException.class)
                .hasMessageContaining("is no number for a study");
    }

    @ParameterizedTest
    @ValueSource(strings = {"study", "list", "ridgeless"})
    void scaffoldsRefuseNamesThatAreTaken(String name) {
        assertThatThrownBy(() -> Scaffold.of("X01", name))
                .isInstanceOf(StudyException.class)
                .hasMessageContaining("is taken");
    }
}
