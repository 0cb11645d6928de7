package dev.fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code fathom lab} from the outside. */
final class LabTest {
    @TempDir private Path folder;

    private Path file() {
        return folder.resolve("CoinTosses.java");
    }

    private Path scaffold() {
        var answer = Shell.fathom("lab", "new", "coin-tosses", "--to", folder);
        assertThat(answer.code()).isZero();
        assertThat(file()).exists();
        return file();
    }

    private void change(String from, String to) throws IOException {
        var text = Files.readString(file());
        assertThat(text).contains(from);
        Files.writeString(file(), text.replace(from, to));
    }

    private Shell.Answer run(Object... more) {
        var words = new Object[8 + more.length];
        Object[] first = {
            "lab", "run", file(), "--tier", "smoke", "--out", folder.resolve("out"), "--seed=42"
        };
        System.arraycopy(first, 0, words, 0, 8);
        System.arraycopy(more, 0, words, 8, more.length);
        return Shell.fathom(words);
    }

    @Test
    void aScaffoldIsShortAndHoldsAsItStands() throws IOException {
        scaffold();
        assertThat(Files.readAllLines(file())).hasSizeLessThan(60);
        var answer = run();
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        assertThat(answer.outLines().getFirst()).startsWith("HOLDS     X01 coin-tosses: heads is ");
        assertThat(folder.resolve("out/index.html")).exists();
        assertThat(folder.resolve("out/coin-tosses-smoke-42/index.html")).exists();
        assertThat(Shell.fathom("lab", "new", "coin-tosses", "--to", folder).code()).isEqualTo(2);
    }

    @Test
    void aRunIsVerifiedAndADifferentOneIsNot() throws IOException {
        scaffold();
        run();
        var bundle = folder.resolve("out/coin-tosses-smoke-42");
        var again = folder.resolve("again");
        var same = Shell.fathom("lab", "verify", bundle, "--study", file(), "--out", again);
        assertThat(same.code()).as(same.err()).isZero();
        assertThat(same.outLines().getLast()).isEqualTo("verified: the same result, to the byte");
        change("pick(1_000,", "pick(1_001,");
        var other = Shell.fathom("lab", "verify", bundle, "--study", file(), "--out", again);
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.out()).contains("not verified: the results differ");
        var diff = Shell.fathom("lab", "diff", bundle, again.resolve("coin-tosses-smoke-42"));
        assertThat(diff.out()).contains("heads").doesNotContain("verdict");
        assertThat(Shell.fathom("lab", "diff", bundle, bundle).out())
                .isEqualToIgnoringNewLines("the same, to the byte");
        assertThat(
                        Shell.fathom(
                                        "lab",
                                        "verify",
                                        bundle,
                                        "--study",
                                        file(),
                                        "--out",
                                        bundle.getParent())
                                .code())
                .isEqualTo(2);
    }

    /** What is sent names a study; it does not say which file to compile and run. */
    @Test
    void aBundleDoesNotChooseTheFileThatIsRun() throws IOException {
        scaffold();
        run();
        var bundle = folder.resolve("out/coin-tosses-smoke-42");
        var result = bundle.resolve("result.json");
        var own = Shell.fathom("lab", "verify", bundle, "--out", folder.resolve("again"));
        assertThat(own.code()).isEqualTo(1);
        assertThat(own.err())
                .contains("there is no study \"coin-tosses\"", "give its source with --study");
        var named = Files.readString(result).replace("\"coin-tosses\"", "\"" + file() + "\"");
        Files.writeString(result, named);
        var other = Shell.fathom("lab", "verify", bundle, "--out", folder.resolve("again"));
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("there is no study \"" + file());
        assertThat(folder.resolve("again")).doesNotExist();
    }

    @Test
    void anExactOracleThatFailsEndsWithOne() throws IOException {
        scaffold();
        change("tosses(trial, 0.5)", "tosses(trial, 0.7)");
        var answer = run();
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.out()).startsWith("FAILS     X01 coin-tosses: heads is 0.7");
        assertThat(Shell.fathom("lab", "report", folder.resolve("out")).code()).isEqualTo(1);
    }

    @Test
    void aSabotageThatPassesEndsWithOne() throws IOException {
        scaffold();
        change("tosses(trial, 0.6)", "tosses(trial, 0.5)");
        var answer = run();
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.out())
                .startsWith("UNDECIDED X01 coin-tosses")
                .contains(
                        "the sabotaged \"a bent coin, p = 0.6\" passes as 0.5 ± 4 standard errors");
    }

    @Test
    void timeEndsARunAndResumeGoesOn() throws IOException {
        scaffold();
        var cut = run("--time", "0s", "--seeds", "2");
        assertThat(cut.code()).isZero();
        assertThat(cut.out())
                .contains("the time is over; './fathom lab resume ")
                .doesNotContain("VERDICT");
        var rest = Shell.fathom("lab", "resume", folder.resolve("out"));
        assertThat(rest.out()).startsWith("HOLDS     X01 coin-tosses");
        var result = Files.readString(folder.resolve("out/coin-tosses-smoke-42/result.json"));
        run("--seeds", "2");
        assertThat(folder.resolve("out/coin-tosses-smoke-42/result.json")).hasContent(result);
    }

    @Test
    void aStudyThatThrowsLeavesATraceAndTheOthersRun() throws IOException {
        scaffold();
        change("heads += tosses[i];", "heads += tosses[i + 1];");
        var answer = run("L09");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err())
                .contains("X01 coin-tosses: java.lang.ArrayIndexOutOfBoundsException", "error.txt");
        assertThat(folder.resolve("out/coin-tosses-smoke-42/error.txt"))
                .content()
                .contains("CoinTosses.run(CoinTosses.java:");
        assertThat(answer.out()).startsWith("HOLDS     L09 momentum-sqrt");
        change("tosses[i + 1];", "tosses[i];");
        assertThat(run().code()).isZero();
        assertThat(folder.resolve("out/coin-tosses-smoke-42/error.txt")).doesNotExist();
    }

    /**
     * Errors of the machine, not only exceptions: the next study runs, and the line says what to
     * do.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deep(); | the stack overflowed: a function that calls itself does not end",
                "System.out.print(new long[Integer.MAX_VALUE][9_999].length); | the Java heap of ",
                "throw new AssertionError(\"no such coin\"); | AssertionError: no such coin",
                "dev.fathom.core.tensor.Tensor.scalar(1).reshape(2); | reshape"
            })
    void anErrorEndsItsStudyOnly(String statement, String message) throws IOException {
        scaffold();
        change("double heads = 0;", "double heads = 0; if (heads == 0) { " + statement + " }");
        change("private static", "static void deep() { deep(); } private static");
        var answer = run("L09");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.errLines())
                .singleElement()
                .asString()
                .contains("X01 coin-tosses: ", message);
        assertThat(answer.err()).contains("(where: ", "error.txt)");
        assertThat(answer.out()).startsWith("HOLDS     L09 momentum-sqrt");
    }

    @Test
    void aCardThatThrowsEndsItsStudyOnly() throws IOException {
        scaffold();
        change("return Card.of(", "if (tier != null) { return card(tier); } return Card.of(");
        var answer = run("L09");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("CoinTosses: the stack overflowed");
        assertThat(answer.out()).startsWith("HOLDS     L09 momentum-sqrt");
    }

    @Test
    void aDamagedResultIsARowOfTheReport() throws IOException {
        scaffold();
        run();
        var out = folder.resolve("out");
        Files.createDirectories(out.resolve("broken"));
        Files.writeString(out.resolve("broken/result.json"), "{");
        Files.writeString(out.resolve("broken/env.json"), "{}");
        var report = Shell.fathom("lab", "report", out);
        assertThat(report.code()).isEqualTo(1);
        assertThat(report.out())
                .contains("HOLDS      X01 coin-tosses")
                .containsPattern(
                        "DAMAGED !  broken +result.json: it ends in the middle \\(line 1\\)");
        var resume = Shell.fathom("lab", "resume", out);
        assertThat(resume.code()).as("the damaged one is none of its own").isZero();
        assertThat(resume.err()).contains("broken is damaged: result.json: it ends in the middle");
    }

    @Test
    void aDamagedTrialIsDoneAgain() throws IOException {
        scaffold();
        run();
        var coins = folder.resolve("out/coin-tosses-smoke-42");
        var result = Files.readString(coins.resolve("result.json"));
        Files.writeString(coins.resolve("trials/seed-000.json"), "{");
        var answer = Shell.fathom("lab", "resume", folder.resolve("out"));
        assertThat(answer.code()).isZero();
        assertThat(answer.err())
                .contains(
                        "X01 coin-tosses: trials/seed-000.json was damaged (it ends in the middle"
                                + " (line 1)) and is done again");
        assertThat(coins.resolve("result.json")).hasContent(result);
    }

    @Test
    void aStudyThatDoesNotCompileIsToldByLine() throws IOException {
        scaffold();
        change("double heads = 0;", "double heads = nothing;");
        var answer = run();
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err())
                .contains("CoinTosses.java does not compile: line 31: cannot find symbol");
    }

    @Test
    void studiesAreListedPlannedAndExplained() {
        assertThat(Shell.fathom("lab", "list").out()).contains("L17", "ridgeless", "★");
        assertThat(Shell.fathom("lab", "plan", "all", "--declared").out()).contains("together");
        assertThat(Shell.fathom("lab", "explain", "L17").out())
                .contains("σ²p/(n−p−1)", "Deliberately broken: must fail");
    }

    @Test
    void whatIsNotWatchedIsNotCut() {
        assertThat(Shell.fathom("lab", "list").out())
                .doesNotContain("…")
                .contains(
                        "tuned gradient descent needs about κ steps and the tuned heavy ball about"
                                + " √κ.");
    }

    @Test
    void plansSayWhereTheirNumbersComeFrom() throws IOException {
        scaffold();
        var out = folder.resolve("out");
        change("cost(1, 1e6, 1e6)", "cost(tier.pick(1, 40, 90), 1e6, 1e6)");
        var declared = Shell.fathom("lab", "plan", file(), "--declared", "--out", out).outLines();
        assertThat(declared.get(1).split("  +"))
                .containsExactly(
                        "X01 coin-tosses", "3", "40.0 s", "–", "976.6 KiB", "–", "1e+06", "card");
        var measured = Shell.fathom("lab", "plan", file(), "--out", out).outLines();
        assertThat(measured.get(1)).containsPattern("smoke tier, [0-9.]+ s × 40$");
        assertThat(out).as("plans leave nothing").doesNotExist();
        run("--seeds", "4");
        var earlier =
                Shell.fathom("lab", "plan", file(), "--tier", "smoke", "--out", out).outLines();
        assertThat(earlier.get(1))
                .containsPattern("run of [-0-9]+ [:0-9]+ UTC × 0.25 \\(of 4 seeds\\)$");
        change("tosses[i];", "tosses[i + 1];");
        var broken = Shell.fathom("lab", "plan", file(), "--out", out);
        assertThat(broken.code()).isEqualTo(1);
        assertThat(broken.err()).contains("CoinTosses: java.lang.ArrayIndexOutOfBounds");
    }

    /** A copied file whose card still has the old name. */
    @Test
    void twoStudiesOfOneNameDoNotOverwriteEachOther() throws IOException {
        var copy = folder.resolve("copy").resolve("Coins.java");
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, Files.readString(scaffold()).replace("CoinTosses", "Coins"));
        var answer = run(copy);
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err())
                .contains("X01 coin-tosses: another study of this run has that name");
        assertThat(answer.out()).startsWith("HOLDS     X01 coin-tosses");
    }

    @Test
    void severalStudiesEndWithATableOfVerdicts() {
        scaffold();
        var answer = run("L09");
        assertThat(answer.out())
                .contains("page: " + folder.resolve("out/coin-tosses-smoke-42/index.html"))
                .contains("all of them: " + folder.resolve("out/index.html"))
                .containsPattern("VERDICT  STUDY +AS PREDICTED +TIME\\n")
                .containsPattern("HOLDS    X01 coin-tosses +3 of 3 +[0-9.]+ s\\n")
                .containsPattern("HOLDS    L09 momentum-sqrt +11 of 11 +[0-9.]+ s\\n");
    }

    @Test
    void aWrongCommandLineSaysWhatIsRight() {
        var study = Shell.fathom("lab", "run", "ridgless", "--out", folder);
        assertThat(study.code()).isEqualTo(2);
        assertThat(Shell.fathom("lab", "plan", "ridgless").code()).isEqualTo(2);
        assertThat(study.err()).contains("there is no study \"ridgless\"; did you mean ridgeless?");
        var tier = Shell.fathom("lab", "run", "L09", "--tier", "quik", "--out", folder);
        assertThat(tier.code()).isEqualTo(2);
        assertThat(tier.err()).contains("--tier is smoke, quick or full, not quik");
        var time = Shell.fathom("lab", "run", "L09", "--time", "soon", "--out", folder);
        assertThat(time.code()).isEqualTo(2);
        assertThat(time.err()).contains("--time is such as 90s, 10m or 2h, not soon");
        var resume = Shell.fathom("lab", "resume", folder.resolve("none"));
        assertThat(resume.code()).isEqualTo(1);
        assertThat(resume.err()).contains("nothing was begun in ");
        assertThat(Shell.fathom("lab").code()).isEqualTo(2);
    }

    @Test
    void aRunThatWasRegisteredDifferentlyIsNotVerified() throws IOException {
        scaffold();
        run();
        var bundle = folder.resolve("out/coin-tosses-smoke-42");
        var spec = bundle.resolve("spec.json");
        Files.writeString(spec, Files.readString(spec).replace("Bernoulli", "Rademacher"));
        var again = folder.resolve("again");
        var answer = Shell.fathom("lab", "verify", bundle, "--study", file(), "--out", again);
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.outLines().getLast()).isEqualTo("not verified: the registrations differ");
        assertThat(Shell.fathom("lab", "diff", bundle, again.resolve("coin-tosses-smoke-42")).out())
                .contains("registered differently");
    }

    @Test
    void noSeedsAreRefused() {
        var answer = Shell.fathom("lab", "run", "ridgeless", "--seeds", "0");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains("--seeds is a number from 1, not 0");
    }
}
