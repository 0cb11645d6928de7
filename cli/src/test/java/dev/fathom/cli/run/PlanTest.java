package dev.fathom.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.run.Network.Input;
import dev.fathom.core.tensor.Shape;
import dev.fathom.data.dataset.Normalisation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;

/** What a run is made of before it starts, and the arithmetic of its result. */
class PlanTest {
    @TempDir private Path folder = Path.of("");

    private static final Settings SETTINGS = new Settings(10, 32, Descent.ADAMW, 0.1, 0.01, 0.2, 0);

    @ParameterizedTest
    @CsvSource({
        // two of ten steps rise to the highest rate, at 1/2 and 2/2; the other eight are half a
        // cosine
        "0, 0.05",
        "1, 0.1",
        "2, 0.1",
        "6, 0.05", // cos(4π/8) = 0
        "9, 0.003806", // (1 + cos(7π/8)) / 2 = 0.03806
    })
    void theLearningRateRisesAndFalls(int step, double rate) {
        assertThat(SETTINGS.schedule(10).at(step)).isCloseTo(rate, within(1e-6));
    }

    // ten steps, none of warm-up, highest rate 1: by hand from the formulas
    @ParameterizedTest
    @CsvSource({
        "CONSTANT, 9, 1",
        "LINEAR, 5, 0.5",
        "STEP, 3, 1", // a third of ten steps is four
        "STEP, 4, 0.1",
        "STEP, 8, 0.01",
        "EXPONENTIAL, 5, 0.0316228", // 1000^(-5/10)
        "INVERSE_SQRT, 3, 0.5", // 1/√4
        "POLYNOMIAL, 5, 0.25", // (1/2)²
        "RESTARTS, 1, 0.5", // cycles of 2, 4, 8: the middle of the first
        "RESTARTS, 2, 1",
        "RESTARTS, 4, 0.5",
        "ONE_CYCLE, 3, 1", // up for three of ten
    })
    void everyCourseHasItsFormula(Rate course, int step, double rate) {
        var settings = asked(new Settings(1, 1, Descent.ADAM, 1, 0, 0, 0), course);
        assertThat(settings.schedule(10).at(step)).isCloseTo(rate, within(1e-6));
    }

    @Test
    void theInverseRootFallsFromTheEndOfTheWarmUp() {
        // w = 2: 1/√(1 + t/2) after the rise; at t = 6 that is 1/2
        var schedule = asked(SETTINGS, Rate.INVERSE_SQRT).schedule(10);
        assertThat(schedule.at(1)).isCloseTo(1, within(1e-6));
        assertThat(schedule.at(2 + 6)).isCloseTo(0.5, within(1e-6));
    }

    @Test
    void changesOfImagesAreWrittenOutForTheRun() {
        var image = Shape.of(28, 28, 1);
        assertThat(Changes.complete("crop, flip,rotate:7.5", image))
                .isEqualTo("crop:4,flip,rotate:7.5");
        var normal = new Normalisation(List.of(0.5f), List.of(0.25f));
        var all =
                "crop,flip,flip-vertically,erase,shift,rotate,shear,scale,elastic,colour,noise,"
                        + "randaugment";
        var said = Changes.of(all, image, normal).toString();
        assertThat(said.split(", ")).hasSizeGreaterThanOrEqualTo(Changes.values().length);
        assertThat(Changes.complete(Changes.complete(all, image), image))
                .isEqualTo(Changes.complete(all, image));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "crop,jump | 'jump' is none of crop, flip",
                "crop,,flip | '' is none of",
                "flip:2 | flip takes no amount",
                "rotate:x | the amount is a number above 0",
                "rotate:-1 | the amount is a number above 0",
                "crop:1.5 | a whole number of pixels",
                "crop:40 | 40 pixels is more than the images have (8)",
            })
    void aListOfChangesThatIsWrongSaysWhy(String list, String text) {
        var normal = new Normalisation(List.of(0f), List.of(1f));
        assertThatThrownBy(() -> Changes.of(list, Shape.of(8, 8, 1), normal))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(text);
    }

    /** The years 1700 to 2008; the last fifth is the test. */
    @Test
    void noValueOfTheValidationOfASeriesIsPredictedInTraining() {
        var windows =
                new Windows(Optional.of(20), Optional.empty(), Optional.empty(), Optional.of(5));
        var source = DataSource.of("sunspots", Optional.empty(), windows);
        var examples = Examples.load(source, 0.25, 1, Optional.empty());
        var whole = Examples.load(source, 0, 1, Optional.empty()).train();
        int first = whole.size() - examples.validation().orElseThrow().size();
        // window i predicts the values i + 20 to i + 24
        assertThat(examples.train().size() - 1 + 24).isLessThan(first + 20);
        assertThat(examples.train().size() + 24).isEqualTo(first + 20);
        var all = whole.all().labels().toFloats();
        var held = examples.validation().orElseThrow().all().labels().toFloats();
        assertThat(held[0]).isEqualTo(all[first * 5]);
        assertThat(examples.config().targets()).hasSize(5).last().isEqualTo("SUNACTIVITY + 5");
    }

    @Test
    void withoutWarmUpItOnlyFalls() {
        var schedule = new Settings(1, 1, Descent.ADAM, 0.1, 0, 0, 0).schedule(4);
        assertThat(schedule.at(0)).isCloseTo(0.1, within(1e-12));
        assertThat(schedule.at(2)).isCloseTo(0.05, within(1e-12));
    }

    @Test
    void anotherOptimizerComesWithItsOwnLearningRate() {
        assertThat(asked(Descent.SGD).learningRate()).isEqualTo(Defaults.learningRate(Descent.SGD));
        assertThat(asked(Descent.ADAMW)).isEqualTo(SETTINGS);
    }

    private static Settings asked(Descent optimizer) {
        return SETTINGS.with(
                new Settings.Asked(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(optimizer),
                        Optional.empty(),
                        Optional.empty()),
                Regularisation.NONE);
    }

    /** With the highest rate 1. */
    private static Settings asked(Settings settings, Rate course) {
        return settings.with(
                new Settings.Asked(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(1.0),
                        Optional.of(course)),
                Regularisation.NONE);
    }

    @ParameterizedTest
    @EnumSource
    void everyNetworkHasSettingsForEveryInput(Network network) {
        for (var input : Input.values()) {
            for (int examples : List.of(100, 60_000)) {
                assertThat(Defaults.of(network, input, examples).epochs()).isPositive();
            }
        }
    }

    @Test
    void theLinearFloorsAreMeasuredWithTheirRecipes() {
        var fashion = Defaults.of(Network.LINEAR, Input.IMAGE, 60_000);
        assertThat(fashion.epochs()).isEqualTo(5);
        assertThat(fashion.learningRate()).isEqualTo(1e-3);
        var digits = Defaults.of(Network.LINEAR, Input.IMAGE, 1437);
        assertThat(digits.epochs()).isEqualTo(40);
        assertThat(digits.learningRate()).isEqualTo(1e-2);
        var curves = Defaults.of(Network.LINEAR, Input.SEQUENCE, 4000);
        assertThat(curves.epochs()).isEqualTo(60);
        assertThat(curves.learningRate()).isEqualTo(1e-2);
    }

    @ParameterizedTest
    @CsvSource({
        "MLP, IMAGE, true",
        "LINEAR, TABLE, true",
        "CNN, IMAGE, true",
        "CNN, SEQUENCE, true",
        "CNN, TABLE, false",
        "LENET, SEQUENCE, false",
        "RESNET, TABLE, false",
        "RESNET, IMAGE, true",
        "RESNET20, IMAGE, true",
        "RESNET9, IMAGE, true",
        "RESNET9, SEQUENCE, false"
    })
    void aNetworkRefusesWhatItCannotTake(Network network, Input input, boolean fits) {
        var example = input == Input.IMAGE ? Shape.of(8, 8, 1) : Shape.of(40);
        if (fits) {
            network.require(example, input);
            assertThat(network.word()).isLowerCase();
        } else {
            assertThatThrownBy(() -> network.require(example, input))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("--model " + network.word())
                    .hasMessageContaining("mlp or linear");
        }
    }

    @Test
    void aNetworkSaysHowSmallImagesMayBe() {
        assertThatThrownBy(() -> Network.RESNET9.require(Shape.of(7, 9, 1), Input.IMAGE))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(
                        "--model resnet9 takes images of at least 8 by 8 pixels, not (7, 9, 1)");
        Network.RESNET20.require(Shape.of(7, 9, 1), Input.IMAGE);
        assertThatThrownBy(() -> Network.RESNET20.require(Shape.of(3, 9, 1), Input.IMAGE))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("of at least 4 by 4 pixels");
    }

    @Test
    void runsOfOneSecondGetNamesOfTheirOwn() throws IOException {
        var now = LocalDateTime.of(2026, 1, 2, 3, 4, 5);
        var first = Run.next(folder, now, "my data", Network.CNN);
        assertThat(first.getFileName()).hasToString("20260102-030405-my_data-cnn");
        Files.createDirectory(first);
        assertThat(Run.next(folder, now, "my data", Network.CNN).getFileName())
                .hasToString("20260102-030405-my_data-cnn-2");
    }

    // Three examples of two classes; softmax(0, ln 3) = (1/4, 3/4).
    private static final float LN3 = (float) Math.log(3);
    private static final Scores SCORES =
            new Scores(
                    List.of(new float[] {0, LN3}, new float[] {0, LN3}, new float[] {0, 0}),
                    List.of(new float[] {1}, new float[] {0}, new float[] {0}),
                    true);

    @Test
    void classesAreScoredByHand() {
        assertThat(SCORES.probabilities(0))
                .containsExactly(new double[] {0.25, 0.75}, within(1e-7));
        // -ln 3/4, -ln 1/4, -ln 1/2
        assertThat(SCORES.loss())
                .isCloseTo((Math.log(4.0 / 3) + Math.log(4) + Math.log(2)) / 3, within(1e-7));
        // the third is a tie, which the first class wins
        assertThat(SCORES.quality()).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(SCORES.confusion(2)).isEqualTo(List.of(List.of(1, 1), List.of(0, 1)));
        assertThat(SCORES.mistakes(5)).containsExactly(1);
        // class 1 is recalled 1/1 at precision 1/2, class 0 1/2 at 1/1: both have F1 2/3
        assertThat(SCORES.more(1).get("macro F1")).isCloseTo(2.0 / 3, within(1e-12));
        // scores ln 3 for the one of class 1, ln 3 and 0 for the others: (1/2 + 1)/2, both ways
        assertThat(SCORES.more(1).get("AUROC")).isCloseTo(0.75, within(1e-12));
        // 15 bins: two at 3/4 of which half is right, one at 1/2 that is right
        assertThat(SCORES.more(1).get("calibration error"))
                .isCloseTo((2 * 0.25 + 0.5) / 3, within(1e-6));
    }

    @Test
    void numbersAreScoredByHand() {
        var scores =
                new Scores(
                        List.of(new float[] {1}, new float[] {2}, new float[] {5}),
                        List.of(new float[] {1}, new float[] {3}, new float[] {5}),
                        false);
        assertThat(scores.loss()).isCloseTo(1.0 / 3, within(1e-12)); // (0 + 1 + 0) / 3
        assertThat(scores.quality()).isCloseTo(1 - 1.0 / 8, within(1e-12)); // 1 - 1 / (4 + 0 + 4)
        // errors 0, -1, 0 where 1 means 10 dollars
        assertThat(scores.more(10).get("RMSE")).isCloseTo(10 / Math.sqrt(3), within(1e-12));
        assertThat(scores.more(10).get("MAE")).isCloseTo(10 / 3.0, within(1e-12));
    }
}
