package dev.fathom.cli;

import static dev.fathom.cli.Shell.fathom;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Tables from file to prediction, and files that cannot be trained on. */
final class TablesTest {
    @TempDir private Path folder = Path.of("");

    @Test
    void categoriesAndBlanksAreLearnedSavedAndUsedAgain() throws IOException {
        var run = folder.resolve("run");
        var trained =
                fathom(
                        "train",
                        Samples.mixed(folder),
                        "--target",
                        "comes",
                        "--epochs",
                        "20",
                        "--batch",
                        "16",
                        "--out",
                        run);
        assertThat(trained.err()).isEmpty();
        assertThat(trained.code()).isZero();
        assertThat(trained.out())
                .contains("target comes: classification, 2 classes: no, yes")
                .contains("1 number: hour")
                .contains("1 category: day (4)")
                .contains("1 with blanks filled and marked: hour as ")
                .contains("left out: name, 96 different values in 96 rows are too many")
                .contains("left out: city, every cell is the same")
                .contains("test accuracy  1.0000");

        var measured = fathom("eval", run);
        assertThat(measured.out()).containsPattern("test accuracy +1\\.0000");
        assertThat(loss(measured.outLines())).isEqualTo(loss(trained.outLines()));

        // other order, no target, a day and a column never seen
        var rows =
                Files.writeString(
                        folder.resolve("new.csv"), "hour,more,day\n3,x,Tue\n,y,Mon\n5,z,Sun\n");
        var out = folder.resolve("predictions.csv");
        var predicted = fathom("predict", run, rows, "--out", out);
        assertThat(predicted.out()).isEqualTo("3 predictions written to " + out + "\n");
        assertThat(Files.readAllLines(out))
                .hasSize(4)
                .first()
                .isEqualTo("file,row,predicted,p(no),p(yes)");
        assertThat(Files.readAllLines(out).get(1)).startsWith(rows + ",1,yes,");
        assertThat(Files.readAllLines(out).get(2)).startsWith(rows + ",2,no,");

        var missing = Files.writeString(folder.resolve("bad.csv"), "hour,dya\n3,Tue\n");
        var refused = fathom("predict", run, missing, "--out", folder.resolve("none.csv"));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.errLines())
                .containsExactly(
                        "fathom: "
                                + missing
                                + " has no column 'day' (did you mean 'dya'?); its columns are"
                                + " hour, dya");
        assertThat(folder.resolve("none.csv")).doesNotExist();
        var words = Files.writeString(folder.resolve("words.csv"), "hour,day\nnoon,Tue\n");
        assertThat(fathom("predict", run, words).err())
                .contains("words.csv, line 2, column 'hour' is not a number");
        var picture = Files.writeString(folder.resolve("a.png"), "x");
        assertThat(fathom("predict", run, picture).err())
                .contains("a.png is an image; this run's network takes the rows of .csv files");
    }

    @Test
    void tablesOfTheCatalogueGoByTheirNames() {
        var run = folder.resolve("run");
        var trained = fathom("train", "penguins", "--epochs", 1, "--out", run);
        assertThat(trained.err()).isEmpty();
        assertThat(trained.out())
                .contains("data   penguins (built in, SHA-256 3f543b92")
                .contains("266 to train, 67 to test, each 10")
                .contains("target sex: classification, 2 classes: female, male")
                .contains("2 categories: species (3), island (3)")
                .contains("train  1 epoch of 5 steps, batches of 64");
        assertThat(fathom("eval", run).code()).isZero();
        var named = fathom("predict", run, "penguins");
        assertThat(named.code()).isEqualTo(2);
        assertThat(named.err())
                .contains(
                        "there is no file penguins; this run's network takes .csv files with the"
                                + " columns beak length (mm),")
                .contains(". How good it is on its own data says: fathom eval RUN");
        assertThat(fathom("train", "--resume", run, "--target", "island").err())
                .contains("--target island contradicts --resume: that run has sex; leave it out");
        assertThat(fathom("data", "list").out()).contains("Tables: penguins, species, island");
        assertThat(fathom("data", "show", "births-by-date").out()).contains("Predicts births.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a,y/1,2/3             | line 3: 1 cells where the first line has 2",
                "a,y                   | holds no rows of data",
                "a,y/1,x               | has only one row",
                "a,y/1,x/2,x/3,x       | all 3 rows have 'x'; there is nothing to tell apart",
                "a,y/1,5/2,5/3,5       | all 3 rows have '5'; there is nothing to tell apart",
                "a,y/1,x/2,/3,z        | line 3, column 'y': the cell is blank",
                "a,y/1,x/2,z/3,z       | has 3 rows; at least 5 are needed",
                "a,y/5,x/5,z/5,x/5,z/5,x/5,z | 'a' is left out, every cell is the same",
                "a,y/,x/,z/,x/,z/,x/,z | 'a' is left out, every cell is blank",
                "a,y/1,x/2,z/3o,x/4,z/5,x/6,z | line 4, column 'a': '3o' is not a number",
                "a,y/1,1.5/2,2/3,inf/4,4/5,5/6,6 | line 4, column 'y': 'inf' is not a number, as 5",
                "a,y/1,r/2,s/3,t/4,u/5,v/6,w | the largest of its 6 classes has 1",
                "a,a/1,x/2,z           | the header names column 'a' twice",
                "b,c/1,x/2,z           | has no column 'y'; its columns are b, c",
                "a,yy/1,x/2,z          | has no column 'y'",
                "y/1/2/3/4/5           | has no column to predict 'y' from",
                "a,y/`1,x/2,z          | t.csv",
            })
    void aFileThatCannotBeTrainedOnIsOneLineAndNothingIsWritten(String text, String message)
            throws IOException {
        var file = Files.writeString(folder.resolve("t.csv"), text.replace('/', '\n') + "\n");
        refused(file, message);
    }

    private void refused(Path file, String message) {
        var run = folder.resolve("run");
        var answer = fathom("train", file, "--target", "y", "--out", run, "--epochs", "1");
        assertThat(answer.err()).contains(message);
        assertThat(answer.errLines()).hasSize(1).first().asString().startsWith("fathom: ");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(run).doesNotExist();
    }

    @Test
    void binaryFilesAreRefused() throws IOException {
        refused(
                Files.write(folder.resolve("t.csv"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 0}),
                "is not UTF-8 text");
        refused(
                Files.write(folder.resolve("t.csv"), new byte[] {0x1f, (byte) 0x8b, 1, 2}),
                "the gzip data are damaged or cut short");
        refused(Files.write(folder.resolve("t.csv"), new byte[0]), "holds no rows of data");
    }

    /** A mark at the beginning, semicolons, quotes, other line ends, letters of other scripts. */
    @Test
    void filesOfOtherProgramsAreRead() throws IOException {
        var text = new StringBuilder("\ufeff\"größe; m\";\"名\";y\r\n");
        for (int i = 0; i < 20; i++) {
            text.append(i % 2 == 0 ? "1.5;\"ä \"\"b\"\"\";ja\r\n" : "2;\"海\";nein\r\n");
        }
        var file = Files.writeString(folder.resolve("t.csv"), text);
        var answer =
                fathom("train", file, "--target", "y", "--epochs", 1, "--out", folder.resolve("r"));
        assertThat(answer.err()).isEmpty();
        assertThat(answer.out()).contains("1 number: größe; m").contains("1 category: 名 (2)");
    }

    /** The number after the words, whatever the width of the column. */
    private static String loss(List<String> lines) {
        return lines.stream()
                .filter(l -> l.startsWith("test loss"))
                .map(l -> l.substring("test loss".length()).strip())
                .findFirst()
                .orElseThrow();
    }
}
