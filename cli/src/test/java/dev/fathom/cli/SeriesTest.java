package dev.fathom.cli;

import static dev.fathom.cli.Shell.fathom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Columns as series in time, from file to forecast. */
final class SeriesTest {
    private static final int ROWS = 240;

    @TempDir private Path folder = Path.of("");

    /** Seven days again and again, the weekend low, with a slow wave below. */
    private static double value(int day) {
        return 100 + (day % 7 < 5 ? 20 : -30) + 5 * Math.sin(day / 20.0);
    }

    private Path days(int rows) throws IOException {
        var lines = new ArrayList<>(List.of("births,weekday"));
        for (int day = 0; day < rows; day++) {
            lines.add(String.format(Locale.ROOT, "%.4f,day %d", value(day), day % 7));
        }
        return Files.write(folder.resolve("days.csv"), lines);
    }

    @Test
    void aSeriesIsLearnedSavedAndContinued() throws IOException {
        var file = days(ROWS);
        var run = folder.resolve("run");
        var trained =
                fathom(
                        "train",
                        file,
                        "--target",
                        "births",
                        "--forecast",
                        7,
                        "--context",
                        14,
                        "--epochs",
                        30,
                        "--batch",
                        16,
                        "--validation",
                        0.2,
                        "--out",
                        run);
        assertThat(trained.err()).isEmpty();
        assertThat(trained.code()).isZero();
        // 192 days to train: 172 windows, 34 of them kept back, and 6 in between left out
        assertThat(trained.out())
                .contains("132 to train, 34 to validate, 42 to test, each 14")
                .contains("series births: 7 values from the 14 before, mean 107, deviation")
                .contains("model  mlp");
        double error = number(trained.outLines(), "test RMSE");
        assertThat(error).isLessThan(number(trained.outLines(), "test naive RMSE") / 10);
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("Forecast of the last test example");

        assertThat(trained.out()) // the noise is small beside the season
                .contains("the forecast is no better than repeating what was last seen: seasonal");
        assertThat(fathom("train", "--resume", run, "--target", "weekday").err())
                .contains("--target weekday contradicts --resume: that run has births;");
        assertThat(fathom("predict", run, "nothing").err())
                .contains("this run's network takes .csv files with a column births, or a series");

        var measured = fathom("eval", run);
        assertThat(number(measured.outLines(), "test RMSE")).isEqualTo(error);
        assertThat(number(measured.outLines(), "test loss"))
                .isEqualTo(number(trained.outLines(), "test loss"));

        var out = folder.resolve("next.csv");
        assertThat(fathom("predict", run, file, "--out", out).code()).isZero();
        var lines = Files.readAllLines(out);
        assertThat(lines).hasSize(8).first().isEqualTo("file,row,predicted");
        for (int k = 0; k < 7; k++) {
            var cells = lines.get(1 + k).split(",", -1);
            assertThat(cells[1]).isEqualTo("" + (ROWS + 1 + k));
            assertThat(Double.parseDouble(cells[2])).isCloseTo(value(ROWS + k), within(5.0));
        }

        assertThat(fathom("predict", run, days(13)).errLines())
                .containsExactly(
                        "fathom: "
                                + file
                                + " has 13 values; the network needs the last 14 to go on from");
        var other = fathom("train", "--resume", run, "--forecast", 3);
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("--forecast 3 contradicts --resume: that run has 7");
    }

    private static double number(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> Double.parseDouble(line.substring(name.length()).strip()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aSeriesOfTheCatalogueHasAHorizon() {
        var run = folder.resolve("run");
        var trained = fathom("train", "sunspots", "--model", "linear", "--epochs", 2, "--out", run);
        assertThat(trained.err()).isEmpty();
        assertThat(trained.out()).contains("series SUNACTIVITY: 11 values from the 44 before");
        assertThat(fathom("eval", run, "--json").out())
                .contains("\"testRMSE\":")
                .contains("\"testNaiveRMSE\":")
                .contains("\"testSeasonalNaiveRMSE\":");
        assertThat(fathom("predict", run, "sunspots").outLines())
                .hasSize(12)
                .element(1)
                .asString()
                .startsWith("sunspots:310 ");
        assertThat(fathom("data", "show", "sunspots").out())
                .contains("Predicts SUNACTIVITY + 1, SUNACTIVITY + 2");
        assertThat(fathom("data", "list").out()).contains("Series: sunspots, sunspot numbers of");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "y/1/2/3/4/5/6         | column 'y': the series has 6 values, 5 to train and 1 to"
                    + " test; a window of 3 and a horizon of 2 need at least 5 and 2: take a longer"
                    + " series",
                "y/1/2/drei/4/5/6/7    | line 4, column 'y': 'drei' is not a number, which every"
                        + " value of a series must be",
                "a,y/1,1/2,/3,3/4,4    | line 3, column 'y': the cell is blank; a series needs a"
                        + " value at every time",
                "y/5/5/5/5/5/5/5/5/5/5 | the training part of the series is constant",
                "a,b/1,2/3,4           | has no column 'y'; its columns are a, b",
                "y/1,2/3               | line 2: 2 cells where the first line has 1",
            })
    void aSeriesThatCannotBeLearnedIsOneLineAndNothingIsWritten(String text, String message)
            throws IOException {
        var file = Files.writeString(folder.resolve("s.csv"), text.replace('/', '\n') + "\n");
        var run = folder.resolve("run");
        var answer =
                fathom(
                        "train",
                        file,
                        "--target",
                        "y",
                        "--forecast",
                        2,
                        "--context",
                        3,
                        "--out",
                        run);
        assertThat(answer.err()).contains(message);
        assertThat(answer.errLines()).hasSize(1).first().asString().startsWith("fathom: ");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(run).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "us-births --forecast 0           | --forecast is at least 1, not 0",
                "us-births --context -3           | --context is at least 1, not -3",
                "us-births --forecast x           | 'x' is not",
                "us-births --target births        | us-births is not one",
                "us-births --tokens bytes         | --tokens says how a text is cut; us-births is"
                        + " no text",
                "us-births --label-smoothing 0.1  | --label-smoothing needs examples that are"
                        + " classes",
                "us-births --model resnet         | --model resnet takes images; these examples are"
                        + " windows of a series; choose --model cnn, mlp or linear",
                "us-births --model gpt            | --model gpt takes a text; these examples are"
                        + " windows of a series",
                "digits --forecast 2              | --forecast continues a column of a .csv file,"
                        + " or a series of 'fathom data list'; digits is neither",
                "moby-dick --forecast 2           | moby-dick is neither",
                "--forecast 2                     | need --data with a series or a text",
                "digits --context 8               | --context is of texts and of series; digits is"
                        + " neither",
            })
    void optionsThatContradictEachOtherAreNamed(String line, String message) {
        var run = folder.resolve("run");
        var words = new ArrayList<Object>(List.of("train"));
        words.addAll(List.of((Object[]) line.split(" ")));
        words.addAll(List.of("--out", run));
        var answer = fathom(words.toArray());
        assertThat(answer.err()).contains(message);
        assertThat(answer.errLines()).hasSize(1);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(run).doesNotExist();
    }
}
