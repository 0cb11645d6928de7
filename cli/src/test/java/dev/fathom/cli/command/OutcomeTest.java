package dev.fathom.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Map;

class OutcomeTest {
    @Test
    void aNaiveForecastThatIsAsGoodIsSaid() {
        var naive = Map.of("naive RMSE", 5.0, "seasonal naive RMSE", 3.0);
        assertThat(Outcome.beaten(naive, 4))
                .contains(
                        "the forecast is no better than repeating what was last seen: seasonal"
                                + " naive RMSE 3.0000, the network's 4.0000");
        assertThat(Outcome.beaten(naive, 3)).isPresent();
        assertThat(Outcome.beaten(naive, 2.9)).isEmpty();
        assertThat(Outcome.beaten(Map.of(), 2.9)).isEmpty();
    }
}
