package dev.fathom.data.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.data.catalogue.Series;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

final class ForecastTest {
    private static final double[] TEN = IntStream.range(0, 10).asDoubleStream().toArray();

    /** 0 .. 6 to train: mean 3, variance (9 + 4 + 1) 2 / 7 = 4. */
    @Test
    void windowsAreDividedByTime() {
        var data = Forecast.of(TEN, 3, 2, 0.3);
        assertThat(data.mean()).isCloseTo(3, within(1e-12));
        assertThat(data.deviation()).isCloseTo(2, within(1e-12));
        assertThat(values(data, data.train().all().features().toFloats()))
                .containsExactly(0, 1, 2, 1, 2, 3, 2, 3, 4);
        assertThat(values(data, data.train().all().labels().toFloats()))
                .containsExactly(3, 4, 4, 5, 5, 6);
        assertThat(values(data, data.test().all().features().toFloats()))
                .containsExactly(4, 5, 6, 5, 6, 7);
        assertThat(values(data, data.test().all().labels().toFloats())).containsExactly(7, 8, 8, 9);
        assertThat(data.train().all().labels().shape().dims()).containsExactly(3, 2);
    }

    private static double[] values(Forecast data, float[] scaled) {
        return IntStream.range(0, scaled.length)
                .mapToDouble(i -> Math.rint(scaled[i] * data.deviation() + data.mean()))
                .toArray();
    }

    @Test
    void theFutureIsNotSeenInTraining() {
        var changed = TEN.clone();
        for (int t = 7; t < 10; t++) {
            changed[t] = 1e6;
        }
        var before = Forecast.of(TEN, 3, 2, 0.3);
        var after = Forecast.of(changed, 3, 2, 0.3);
        assertThat(after.mean()).isEqualTo(before.mean());
        assertThat(after.deviation()).isEqualTo(before.deviation());
        assertThat(after.train().sha256()).isEqualTo(before.train().sha256());
        assertThat(after.test().sha256()).isNotEqualTo(before.test().sha256());
    }

    @Test
    void windowsMayStandApart() {
        assertThat(Forecast.of(TEN, 3, 1, 2, 0.3).train().size()).isEqualTo(2); // 0 1 2, 2 3 4
    }

    /**
     * Test examples 4 5 6 → 7 8 and 5 6 7 → 8 9. Persistence says 6 6 and 7 7: errors 1 2 1 2, mean
     * square 2.5. With period 2 it says 5 6 and 6 7: errors 2 2 2 2.
     */
    @Test
    void theNaiveErrorIsThatOfTheHand() {
        var data = Forecast.of(TEN, 3, 2, 0.3);
        assertThat(data.naiveError(1)).isCloseTo(Math.sqrt(2.5), within(1e-6));
        assertThat(data.naiveError(2)).isCloseTo(2, within(1e-6));
        assertThatThrownBy(() -> data.naiveError(4))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage("a period of 4 is not within the window of 3 values");
    }

    @Test
    void aSeriesThatCannotBeCutIsRefused() {
        assertThatThrownBy(() -> Forecast.of(TEN, 6, 2, 0.3))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage(
                        "the series has 10 values, 7 to train and 3 to test; a window of 6 and a"
                                + " horizon of 2 need at least 8 and 2: take a longer series, or a"
                                + " shorter window or horizon");
        assertThatThrownBy(() -> Forecast.of(DoubleStream.of(1, 1, 1, 1, 5).toArray(), 1, 1, 0.2))
                .hasMessageContaining("the training part of the series is constant");
        assertThatThrownBy(() -> Forecast.of(new double[] {1, 2, Double.NaN, 3, 4}, 1, 1, 0.2))
                .hasMessage("value 3 of the series is NaN; fill in what is missing first");
        assertThatThrownBy(() -> Forecast.of(TEN, 0, 1, 0.3))
                .hasMessage("window, horizon and stride are at least 1, not 0, 1 and 1");
        assertThatThrownBy(() -> Forecast.of(TEN, 1, 1, 1.0))
                .hasMessage("the test share lies between 0 and 1, not at 1.0");
    }

    /** The first values of the files. */
    @Test
    void seriesShipWithTheLibrary() {
        assertThat(Series.load("us-births")).hasSize(7305).startsWith(8486, 9002);
        assertThat(Series.load("sunspots")).hasSize(309).startsWith(5, 11);
        assertThatThrownBy(() -> Series.load("births"))
                .hasMessage("there is no series called 'births'; there are us-births, sunspots");
    }
}
