package dev.fathom.cli;

import static dev.fathom.cli.Shell.fathom;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The command line itself: help, errors, exit codes, and the commands that need no run. */
class CommandLineTest {
    @TempDir private Path folder = Path.of("");

    /** The launcher runs them; who comes here has only the program. */
    @Test
    void whatTheLauncherDoesIsListed() {
        assertThat(fathom("--help").out())
                .contains("\n  example  ")
                .contains("\n  bench  ")
                .contains("\n  profile  ");
        var answer = fathom("bench", "mlp", "--peer", "libtorch");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.errLines())
                .containsExactly(
                        "fathom: bench needs the source: run ./fathom bench in a checkout");
    }

    /** What the help of train takes as examples can be tried as it stands, but for flowers/. */
    @Test
    void theExamplesOfTheHelpAreThere() {
        var lines =
                fathom("train", "--help").outLines().stream()
                        .filter(l -> l.startsWith("  ./fathom train "))
                        .map(l -> l.replace("--data ", "").strip().split(" ")[2])
                        .filter(word -> !word.startsWith("--") && !word.equals("flowers/"))
                        .toList();
        assertThat(lines).containsExactly("digits", "penguins", "us-births", "moby-dick");
        for (var name : lines) {
            assertThat(fathom("data", "show", name).code()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train",
                "eval",
                "predict",
                "generate",
                "data",
                "inspect",
                "doctor",
                "shell",
                "completion"
            })
    void everyCommandIsListedAndExplainsItself(String command) {
        assertThat(fathom("--help").out()).contains("\n  " + command);
        var help = fathom(command, "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Usage: fathom " + command).contains("--help");
        assertThat(help.err()).isEmpty();
        assertThat(fathom("help", command).out()).isEqualTo(help.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "show", "fetch"})
    void theCommandsBelowDataExplainThemselves(String command) {
        assertThat(fathom("data", command, "--help").out())
                .contains("Usage: fathom data " + command);
    }

    @Test
    void versionIsOneLine() {
        assertThat(fathom("--version").out()).matches("fathom \\S+\\R");
        assertThat(fathom("data", "list", "--version").out()).matches("fathom \\S+\\R");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "trian                           | did you mean train?",
                "train --epoch 3                 | --epochs",
                "train --epochs three            | '--epochs': 'three' is not an int",
                "train --epochs 0                | --epochs is at least 1",
                "train --batch 0                 | --batch is at least 1",
                "train --lr -1                   | --lr is a number above 0",
                "train --lr NaN                  | --lr is a number above 0",
                "train --threads 0               | --threads is a number from 1",
                "train --model transformer       | mlp, lenet, cnn, resnet, resnet20, resnet9,"
                        + " ngram, lstm, gru, gpt, linear",
                "train --optimizer sdg           | sgd, momentum, nesterov, adam, adamw",
                "train --data nowhere            | the data sets are fashion-mnist",
                "train --data digits --target x  | --target names a column of a .csv file",
                "train --data mnist-1d --model lenet | choose --model cnn, mlp or linear",
                "train --data digits --validation 1  | --validation is a share",
                "train --data digits --batch 5000 | --batch 5000 is more than the 1437 training"
                        + " examples",
                "eval                            | missing required parameter",
                "eval nowhere                    | there is no folder nowhere",
                "predict nowhere                 | missing required parameter",
                "inspect nowhere                 | there is no folder nowhere",
                "data                            | a command is missing",
                "data show nowhere               | there is no data set",
                "train extra                     | file called 'extra'",
            })
    void aWrongCommandLineIsOneLineAndExitCode2(String line, String says) {
        var answer = fathom((Object[]) line.split(" +"));
        assertThat(answer.err()).startsWith("fathom: ").contains(says);
        assertThat(answer.errLines()).hasSize(1);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.out()).isEmpty();
    }

    @Test
    void withoutACommandItNamesThem() {
        var answer = fathom();
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).startsWith("fathom: a command is missing: ").contains("train");
    }

    @Test
    void badDataIsOneLineAndExitCode1() throws IOException {
        var file = Files.writeString(folder.resolve("bad.csv"), "a,b\n1,2\n3\n");
        var answer = fathom("train", "--data", file, "--out", folder.resolve("run"));
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.errLines()).hasSize(1);
        assertThat(answer.err()).startsWith("fathom: ").contains("bad.csv").contains("line 3");
    }

    @Test
    void verboseAddsTheTrace() {
        var answer = fathom("--verbose", "eval", "nowhere");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.errLines().getFirst()).startsWith("fathom: there is no folder");
        assertThat(answer.err()).contains("\tat dev.fathom.cli");
    }

    @Test
    void verboseMayStandBehindTheCommand() {
        assertThat(fathom("eval", "nowhere", "--verbose").err()).contains("\tat dev.fathom.cli");
    }

    @Test
    void aMisusedOptionShowsNoTraceUnlessAsked() {
        assertThat(fathom("eval", "nowhere").err()).doesNotContain("\tat ");
    }

    @Test
    void completionIsAScriptThatKnowsTheOptions() {
        var answer = fathom("completion");
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).startsWith("#!").contains("--check-finite").contains("predict");
    }

    @Test
    void dataListNamesWhatThereIs() {
        var answer = fathom("data", "list");
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("fashion-mnist-small")
                .contains("mnist-1d")
                .containsPattern("digits +1,437 +360 +8x8x1 +10 +built in");
    }

    @Test
    void dataShowCountsAndDraws() {
        var answer = fathom("data", "show", "digits");
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("1,437 to train, 360 to test")
                .contains("6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8")
                .contains("@");
    }

    @Test
    void dataShowDrawsVectorsAsBars() {
        assertThat(fathom("data", "show", "mnist-1d").out()).containsPattern("[▁-█]{40}  0");
    }

    @Test
    void dataShowTakesTablesAndFolders() throws IOException {
        var table = fathom("data", "show", Samples.classes(folder));
        assertThat(table.out())
                .contains("96 to train, 24 to test (20 % chosen at random")
                .contains("narrow")
                .contains("width")
                .contains("height");
        var images = fathom("data", "show", Samples.images(folder.resolve("pictures")));
        assertThat(images.out()).contains("8x8x1").contains("left, right");
        var numbers = fathom("data", "show", Samples.numbers(folder), "--target", "price");
        assertThat(numbers.out()).contains("Predicts price.");
    }

    @Test
    void aFolderThatComesDividedIsNotDividedAgain() throws IOException {
        Samples.images(folder.resolve("set/train"));
        Samples.images(folder.resolve("set/test"));
        assertThat(fathom("data", "show", folder.resolve("set")).out())
                .contains("60 to train, 60 to test")
                .doesNotContain("chosen at random");
    }

    @Test
    void whatShipsNeedsNoFetching() {
        var answer = fathom("data", "fetch", "digits");
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).contains("nothing to fetch");
    }

    @Test
    void anUnknownNameCannotBeFetched() {
        var answer = fathom("data", "fetch", "imagenet");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("there is no data set called 'imagenet'");
    }

    @Test
    void theShellKnowsTheLibraryAndHasAModel() throws IOException {
        var script =
                Files.writeString(
                        folder.resolve("play.jsh"),
                        """
                        System.out.println("loss " + (loss.apply(model).item() > 1));
                        var g = grad(loss).apply(model);
                        System.out.println("bias " + g.output().bias().get().shape());
                        /exit 3
                        """);
        var before = System.out;
        var printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            assertThat(fathom("shell", script).code()).isEqualTo(3);
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("loss true", "bias (10,)");
    }
}
