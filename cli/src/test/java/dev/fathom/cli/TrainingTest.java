package dev.fathom.cli;

import static dev.fathom.cli.Shell.fathom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.io.json.Json;
import dev.fathom.io.safetensors.SafeTensors;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Runs from the command line: what they print, what they leave, and that it can be used again. */
class TrainingTest {
    @TempDir private static Path shared = Path.of("");
    @TempDir private Path folder = Path.of("");

    private static Path digits = Path.of("");
    private static Shell.Answer trained = new Shell.Answer(-1, "", "");

    @BeforeAll
    static void trainOnce() {
        digits = shared.resolve("digits");
        trained =
                fathom(
                        "train",
                        "--data",
                        "digits",
                        "--model",
                        "linear",
                        "--epochs",
                        4,
                        "--out",
                        digits,
                        "--json");
    }

    private static Map<?, ?> json(Shell.Answer answer) {
        return Json.read(Path.of("output"), answer.outLines().getLast(), Map.class);
    }

    private static Map<String, Object> file(Path run, String name) {
        return Json.readMap(run.resolve(name));
    }

    // ---- remedies against learning by heart ----

    @Test
    void remediesAreSaidRecordedShownAndKeptOnResuming() {
        var run = folder.resolve("remedies");
        var answer =
                fathom(
                        "train",
                        "--data",
                        "digits",
                        "--model",
                        "linear",
                        "--epochs",
                        2,
                        "--augment",
                        "shift:1,noise",
                        "--label-smoothing",
                        0.1,
                        "--mixup",
                        0.2,
                        "--schedule",
                        "one-cycle",
                        "--out",
                        run);
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("with   images shift:1,noise:0.1, label smoothing 0.1, MixUp 0.2");
        var training = (Map<?, ?>) file(run, "config.json").get("training");
        assertThat(training.get("schedule")).isEqualTo("ONE_CYCLE");
        assertThat((Map<?, ?>) training.get("regularisation"))
                .extracting("augment")
                .isEqualTo("shift:1,noise:0.1");
        var shown = fathom("inspect", run).out();
        assertThat(shown).contains("images shift:1,noise:0.1").containsPattern("▁.*█.*▁ one-cycle");
        var other = fathom("train", "--resume", run, "--augment", "flip");
        assertThat(other.code()).isEqualTo(2);
    }

    @Test
    void theSameSeedGivesTheSameChangesOfImages() {
        var losses = new ArrayList<Object>();
        for (var name : List.of("one", "two")) {
            var answer =
                    fathom(
                            "train",
                            "--data",
                            "digits",
                            "--model",
                            "linear",
                            "--epochs",
                            1,
                            "--augment",
                            "crop,rotate",
                            "--out",
                            folder.resolve(name),
                            "--json");
            losses.add(json(answer).get("testLoss"));
        }
        assertThat(losses.get(0)).isEqualTo(losses.get(1));
    }

    @Test
    void amountsBeyondTheirLimitsAreWrongUsage() {
        var answer = fathom("train", "digits", "--augment", "rotate:400");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err())
                .contains("--augment rotate: the angle in degrees is 400.0; it must be above 0");
    }

    @Test
    void aPlaceWhereNoRunCanBeIsRefusedBeforeTheWork() throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        var inside = fathom("train", "digits", "--out", file.resolve("run"));
        assertThat(inside.code()).isEqualTo(2);
        assertThat(inside.errLines())
                .containsExactly(
                        "fathom: --out "
                                + file.resolve("run")
                                + ": no run can be written there; name another folder");
        assertThat(inside.out()).isEmpty();
        var deep = folder.resolve("a/b");
        assertThat(fathom("train", "digits", "--out", deep, "--batch", 100_000).code())
                .isEqualTo(2);
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void remediesThatDoNotFitTheDataAreRefused() throws IOException {
        var series = Samples.numbers(folder);
        assertThat(fathom("train", series, "--augment", "flip").err())
                .contains("--augment changes images");
        assertThat(fathom("train", series, "--mixup", 0.2).err())
                .contains("--mixup needs examples that are classes");
        assertThat(fathom("train", "digits", "--mixup", 0.2, "--cutmix", 1).err())
                .contains("--mixup and --cutmix exclude each other");
        assertThat(fathom("train", "digits", "--label-smoothing", 1).err())
                .contains("--label-smoothing is a share from 0 to below 1");
    }

    // ---- what it prints ----

    @Test
    void jsonIsTheOnlyLineOnStandardOutput() {
        assertThat(trained.code()).isZero();
        assertThat(trained.outLines()).hasSize(1);
        var result = json(trained);
        assertThat((Double) result.get("testAccuracy")).isBetween(0.8, 1.0);
        assertThat((Double) result.get("testLoss")).isBetween(0.0, 1.0);
        assertThat((Double) result.get("seconds")).isPositive();
        assertThat(result.get("run")).isEqualTo(digits.toString());
        assertThat(Path.of((String) result.get("report"))).isRegularFile();
    }

    @Test
    void progressNamesTheDataAndEveryEpoch() {
        assertThat(trained.err())
                .contains("data   digits (built in, SHA-256 6ebb3d2f")
                .contains("1,437 to train, 360 to test, each 8x8x1")
                .contains("model  linear, 650 parameters")
                .contains("4 epochs of 12 steps, batches of 128, adam, learning rate 0.01, seed 42")
                .contains("epoch 1/4")
                .contains("epoch 4/4")
                .contains("test accuracy")
                .doesNotContain("validation")
                .doesNotContain("\r");
    }

    @Test
    void quietPrintsTheResultOnly() {
        var answer =
                fathom(
                        "train",
                        "--data",
                        "digits",
                        "--model",
                        "linear",
                        "--quick",
                        "--quiet",
                        "--out",
                        folder.resolve("run"));
        assertThat(answer.err()).isEmpty();
        assertThat(answer.outLines())
                .hasSize(5)
                .anyMatch(line -> line.startsWith("test accuracy  0."))
                .anyMatch(line -> line.startsWith("run "));
    }

    @Test
    void quickSaysThatItTookAPart() {
        var answer =
                fathom(
                        "train",
                        "--data",
                        "fashion-mnist-small",
                        "--model",
                        "linear",
                        "--quick",
                        "--out",
                        folder.resolve("run"));
        assertThat(answer.out())
                .contains("1,000 to train, 500 to test, each 28x28x1 (--quick: a part of them)")
                .contains("2 epochs");
        assertThat(file(folder.resolve("run"), "config.json")).containsEntry("quick", true);
    }

    // ---- what it leaves ----

    @Test
    void theFolderHoldsEverything() throws IOException {
        for (var name :
                List.of(
                        "config.json",
                        "environment.json",
                        "history.jsonl",
                        "model.safetensors",
                        "result.json",
                        "report.html",
                        "checkpoints")) {
            assertThat(digits.resolve(name)).exists();
        }
        assertThat(Files.readAllLines(digits.resolve("history.jsonl"))).hasSize(4);
        assertThat(file(digits, "environment.json"))
                .containsKeys("java", "cpu", "device", "seed", "started")
                .containsEntry(
                        "dataSha256",
                        "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8");
        assertThat(file(digits, "config.json"))
                .containsEntry("model", "LINEAR")
                .containsEntry("seed", 42);
        assertThat(SafeTensors.read(digits.resolve("model.safetensors")).tensors())
                .containsOnlyKeys("output.weight", "output.bias");
    }

    @Test
    void theReportShowsTheRun() throws IOException {
        var html = Files.readString(digits.resolve("report.html"));
        assertThat(html)
                .startsWith("<!DOCTYPE html>")
                .contains("<h1>linear on digits</h1>")
                .contains("4 epochs over 1,437 examples")
                .contains("<h2>Confusion</h2>")
                .contains("<h2>Most wrong</h2>")
                .contains("10 units, each with a weight for every pixel")
                .contains("6ebb3d2fee246a4e")
                .doesNotContainPattern("(src|href)=\"?https?:");
        // 360 test examples stand in the matrix
        var cells = html.split("<td class=\"(hit|miss)\" style=\"[^\"]*\">");
        int sum = 0;
        for (int i = 1; i < cells.length; i++) {
            var count = cells[i].substring(0, cells[i].indexOf('<'));
            sum += count.isEmpty() ? 0 : Integer.parseInt(count);
        }
        assertThat(sum).isEqualTo(360);
    }

    @Test
    void aRunNeverOverwritesAnother() {
        var answer = fathom("train", "--data", "digits", "--out", digits);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains("is not empty; name a new or an empty folder");
    }

    @Test
    void theSameSeedGivesTheSameBits() throws IOException {
        var again = folder.resolve("again");
        fathom(
                "train",
                "--data",
                "digits",
                "--model",
                "linear",
                "--epochs",
                4,
                "--out",
                again,
                "--quiet");
        assertThat(again.resolve("model.safetensors"))
                .hasSameBinaryContentAs(digits.resolve("model.safetensors"));
        assertThat(untimed(again)).isEqualTo(untimed(digits));
        var other = folder.resolve("other");
        fathom(
                "train",
                "--data",
                "digits",
                "--model",
                "linear",
                "--epochs",
                4,
                "--out",
                other,
                "--quiet",
                "--seed",
                7);
        assertThat(untimed(other)).isNotEqualTo(untimed(digits));
    }

    private static List<String> untimed(Path run) throws IOException {
        return Files.readAllLines(run.resolve("history.jsonl")).stream()
                .map(line -> line.replaceAll("\"seconds\":[0-9.E-]+", ""))
                .toList();
    }

    // ---- using it again ----

    @Test
    void evalGivesTheNumbersOfTheRun() {
        var answer = fathom("eval", digits, "--json");
        assertThat(answer.code()).isZero();
        assertThat(json(answer).get("testAccuracy")).isEqualTo(json(trained).get("testAccuracy"));
        assertThat(json(answer).get("testLoss")).isEqualTo(json(trained).get("testLoss"));
        assertThat(json(answer).get("examples")).isEqualTo(360);
        for (var name : List.of("testMacroF1", "testAUROC", "testCalibrationError")) {
            assertThat(((Number) json(answer).get(name)).doubleValue())
                    .as(name)
                    .isBetween(0.0, 1.0);
        }
    }

    @Test
    void evalForPeopleListsTheClasses() {
        var answer = fathom("eval", digits);
        assertThat(answer.out())
                .contains("RECALL")
                .contains("test accuracy")
                .contains("test loss")
                .contains("test macro F1")
                .contains("test AUROC")
                .contains("test calibration error");
    }

    @Test
    void inspectTellsTheRun() {
        var answer = fathom("inspect", digits);
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("digits (built in")
                .contains("4 epochs, batches of 128, adam")
                .contains("650")
                .contains("model.safetensors")
                .containsPattern("result +test accuracy 0\\.");
        assertThat(json(fathom("inspect", digits, "--json")).get("finished")).isEqualTo(true);
    }

    @ParameterizedTest
    @CsvSource({
        "--model, mlp, --model mlp contradicts --resume: that run has linear",
        "--epochs, 9, --epochs 9 contradicts --resume: that run has 4",
        "--seed, 1, --seed 1 contradicts --resume: that run has 42",
        "--data, mnist-1d, --data mnist-1d contradicts --resume: that run has digits",
        "--lr, 0.5, --lr 0.5 contradicts --resume: that run has 0.01",
        "--out, elsewhere, --out contradicts --resume",
        "--model, linear, is finished"
    })
    void resumingAsSomethingElseIsRefused(String option, String value, String says) {
        var answer = fathom("train", "--resume", digits, option, value);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains(says);
        assertThat(answer.errLines()).hasSize(1);
    }

    @Test
    void aRunThatWasKilledGoesOnToTheSameBits() throws IOException {
        // what a run killed in its third epoch leaves: no result, and the checkpoint after the
        // second
        var killed = folder.resolve("killed");
        Files.createDirectories(killed.resolve("checkpoints"));
        for (var name : List.of("config.json", "environment.json", "history.jsonl")) {
            Files.copy(digits.resolve(name), killed.resolve(name));
        }
        var second = "checkpoints/checkpoint-00000024.safetensors";
        Files.copy(digits.resolve(second), killed.resolve(second));
        assertThat(fathom("inspect", killed).out()).contains("not finished; go on with");
        assertThat(fathom("eval", killed).err()).contains("has no trained network yet");
        var answer = fathom("train", "--resume", killed, "--threads", 2);
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("resuming")
                .contains("epoch 3/4")
                .doesNotContain("epoch 2/4");
        assertThat(killed.resolve("model.safetensors"))
                .hasSameBinaryContentAs(digits.resolve("model.safetensors"));
        assertThat(untimed(killed)).isEqualTo(untimed(digits));
    }

    @Test
    void aDamagedModelIsRefusedByName() throws IOException {
        var copy = folder.resolve("damaged");
        Files.createDirectories(copy);
        for (var name : List.of("config.json", "environment.json", "model.safetensors")) {
            Files.copy(digits.resolve(name), copy.resolve(name));
        }
        var model = copy.resolve("model.safetensors");
        var bytes = Files.readAllBytes(model);
        bytes[bytes.length - 5] ^= 1;
        Files.write(model, bytes);
        var answer = fathom("eval", copy);
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("model.safetensors").contains("checksum");
    }

    // ---- other kinds of data ----

    @Test
    void aTableOfClassesIsLearnedAndPredicted() throws IOException {
        var table = Samples.classes(folder);
        var run = folder.resolve("run");
        var answer =
                fathom(
                        "train",
                        "--data",
                        table,
                        "--epochs",
                        15,
                        "--validation",
                        0.25,
                        "--out",
                        run,
                        "--json");
        assertThat(answer.code()).isZero();
        assertThat(answer.err())
                .contains("72 to train, 24 to validate, 24 to test, each 2")
                .contains("model  mlp")
                .contains("validation");
        assertThat((Double) json(answer).get("testAccuracy")).isGreaterThan(0.95);
        var rows = Files.writeString(folder.resolve("new.csv"), "height,width\n50,3\n51,-3\n");
        var predicted = fathom("predict", run, rows);
        assertThat(predicted.code()).isZero();
        assertThat(predicted.outLines()).hasSize(3);
        assertThat(predicted.outLines().get(1)).contains("new.csv:1").contains("wide");
        assertThat(predicted.outLines().get(2)).contains("new.csv:2").contains("narrow");
        // with the target column beside it
        assertThat(fathom("predict", run, table).outLines().getFirst()).endsWith("TRUE");
        var lines = fathom("predict", run, rows, "--json").outLines();
        assertThat(lines).hasSize(2);
        assertThat(Json.read(Path.of("line"), lines.getFirst(), Map.class).get("predicted"))
                .isEqualTo("wide");
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("the network of epoch " + file(run, "result.json").get("kept"))
                .contains("validation")
                .doesNotContain("<h2>First layer</h2>");
    }

    @Test
    void aMissingColumnIsNamed() throws IOException {
        var run = folder.resolve("run");
        fathom(
                "train",
                "--data",
                Samples.classes(folder),
                "--model",
                "linear",
                "--epochs",
                1,
                "--out",
                run);
        var rows = Files.writeString(folder.resolve("new.csv"), "height,depth\n50,3\n");
        var answer = fathom("predict", run, rows);
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("no column 'width'");
    }

    @Test
    void dataThatChangedIsRefused() throws IOException {
        var table = Samples.classes(folder);
        var run = folder.resolve("run");
        fathom("train", "--data", table, "--model", "linear", "--epochs", 1, "--out", run);
        Files.writeString(table, Files.readString(table) + "1,2,wide\n");
        var answer = fathom("eval", run);
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("is not what this run was trained on");
    }

    @Test
    void aNumberIsPredictedInItsOwnUnits() throws IOException {
        var run = folder.resolve("run");
        var answer =
                fathom(
                        "train",
                        "--data",
                        Samples.numbers(folder),
                        "--target",
                        "price",
                        "--model",
                        "linear",
                        "--lr",
                        0.1,
                        "--batch",
                        32,
                        "--epochs",
                        40,
                        "--out",
                        run,
                        "--json");
        assertThat(answer.code()).isZero();
        assertThat((Double) json(answer).get("testR2")).isGreaterThan(0.999);
        assertThat(answer.err()).containsPattern("test RMSE +[0-9.]+\\n");
        var rows = Files.writeString(folder.resolve("new.csv"), "a,b\n1,1\n0,0\n");
        var lines = fathom("predict", run, rows, "--json").outLines();
        // price = 1000 a - 500 b + 7000
        assertThat((Double) Json.read(Path.of("1"), lines.get(0), Map.class).get("predicted"))
                .isCloseTo(7500, within(30.0));
        assertThat((Double) Json.read(Path.of("2"), lines.get(1), Map.class).get("predicted"))
                .isCloseTo(7000, within(30.0));
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("<h2>Predicted against true</h2>");
    }

    @Test
    void aFolderOfImagesIsLearnedAndPredicted() throws IOException {
        var images = Samples.images(folder.resolve("sides"));
        var run = folder.resolve("run");
        var answer =
                fathom(
                        "train",
                        "--data",
                        images,
                        "--model",
                        "lenet",
                        "--epochs",
                        6,
                        "--batch",
                        16,
                        "--out",
                        run,
                        "--json",
                        "--check-finite");
        assertThat(answer.code()).isZero();
        assertThat((Double) json(answer).get("testAccuracy")).isEqualTo(1.0);
        var left = folder.resolve("new-left.png");
        var right = folder.resolve("new-right.png");
        Samples.image(left, true, new Random(9));
        Samples.image(right, false, new Random(9));
        var predicted = fathom("predict", run, left, right);
        assertThat(predicted.outLines().get(1)).containsPattern("new-left.png +left");
        assertThat(predicted.outLines().get(2)).containsPattern("new-right.png +right");
        assertThat(Files.readString(run.resolve("report.html"))).contains("6 kernels of 5 by 5");
        var text = Files.writeString(folder.resolve("not-an-image.png"), "hello");
        assertThat(fathom("predict", run, text).code()).isEqualTo(1);
        assertThat(fathom("predict", run, folder.resolve("missing.png")).code()).isEqualTo(2);
    }

    @Test
    void sequencesAreTakenByAConvolution() {
        var run = folder.resolve("run");
        var answer = fathom("train", "--data", "mnist-1d", "--quick", "--epochs", 1, "--out", run);
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).contains("model  cnn").contains("each 40");
    }

    @Test
    void aRunThatDivergesSaysWhereAndEndsWith1() {
        var answer =
                fathom(
                        "train",
                        "--data",
                        "digits",
                        "--model",
                        "mlp",
                        "--optimizer",
                        "sgd",
                        "--lr",
                        "1e30",
                        "--quick",
                        "--out",
                        folder.resolve("run"));
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.errLines()).hasSize(1);
        assertThat(answer.err()).startsWith("fathom: the loss became").contains("learning rate");
    }
}
