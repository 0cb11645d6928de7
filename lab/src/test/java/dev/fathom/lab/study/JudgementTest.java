package dev.fathom.lab.study;

import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.near;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.lab.error.StudyException;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class JudgementTest {
    private static Card card(Oracle oracle, Expectation expectation) {
        return Card.of("X01", "invented", oracle)
                .claim("Something is so.")
                .text("none")
                .story("none")
                .data("none")
                .predict("value", expectation)
                .positive("good", near(1))
                .sabotage("bad", near(1))
                .checked();
    }

    private static Judgement judge(
            Card card, double good, double bad, int wanted, double... values) {
        var seeds = Arrays.stream(values).mapToObj(v -> observed(Map.of("value", v))).toList();
        var controls = new LinkedHashMap<String, Double>();
        controls.put("good", good);
        controls.put("bad", bad);
        return Judgement.of(new Results(card, Tier.QUICK, seeds, observed(controls)), wanted);
    }

    private static Observations observed(Map<String, Double> values) {
        var all = new LinkedHashMap<String, Measurement>();
        values.forEach((name, v) -> all.put(name, new Measurement(v, Double.NaN, Double.NaN)));
        return new Observations(all, Map.of(), Map.of(), Map.of(), List.of());
    }

    @Test
    void anExactOracleAsksEverySeed() {
        var card = card(Oracle.EXACT, near(10).within(1));
        assertThat(judge(card, 1, 0, 3, 9.5, 10, 10.9).verdict()).isEqualTo(Verdict.HOLDS);
        var failed = judge(card, 1, 0, 3, 9.5, 10, 11.1);
        assertThat(failed.verdict()).isEqualTo(Verdict.FAILS);
        assertThat(failed.isAlarming()).isTrue();
        assertThat(failed.reason()).isEqualTo("value: 10.2 is not 10 ± 1");
        assertThat(failed.outcomes().getFirst().met()).isEqualTo(2);
    }

    @Test
    void aDirectionAsksTheIntervalOverTheSeeds() {
        var card = card(Oracle.DIRECTION, atLeast(0));
        // 2, 3, 4: 3 ± 2.48; 0, 1, 2: 1 ± 2.48; −4, −3, −2: −3 ± 2.48
        assertThat(judge(card, 1, 0, 3, 2, 3, 4).verdict()).isEqualTo(Verdict.HOLDS);
        var straddling = judge(card, 1, 0, 3, 0, 1, 2);
        assertThat(straddling.verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(straddling.reason()).isEqualTo("value: the interval straddles the edge of ≥ 0");
        var failed = judge(card, 1, 0, 3, -4, -3, -2);
        assertThat(failed.verdict()).isEqualTo(Verdict.FAILS);
        assertThat(failed.isAlarming()).as("no exact oracle").isFalse();
    }

    @Test
    void nothingHoldsWhereAControlMisbehaves() {
        var card = card(Oracle.EXACT, near(10));
        var broken = judge(card, 0.5, 0, 1, 10);
        assertThat(broken.verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(broken.reason()).isEqualTo("the control \"good\" should be 1 and is not");
        assertThat(broken.isAlarming()).isTrue();
        var blind = judge(card, 1, 1, 1, 10);
        assertThat(blind.verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(blind.reason())
                .isEqualTo("the sabotaged \"bad\" passes as 1: this study sees nothing");
        assertThat(blind.isAlarming()).isTrue();
    }

    @Test
    void missingSeedsLeaveItOpen() {
        var judgement = judge(card(Oracle.EXACT, near(10)), 1, 0, 5, 10, 10);
        assertThat(judgement.verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(judgement.reason()).isEqualTo("2 of 5 seeds are done");
        assertThat(judgement.isAlarming()).isFalse();
    }

    @Test
    void notANumberFails() {
        for (var oracle : Oracle.values()) {
            var judgement = judge(card(oracle, near(10)), 1, 0, 2, Double.NaN, Double.NaN);
            assertThat(judgement.verdict()).as("%s", oracle).isEqualTo(Verdict.FAILS);
        }
    }

    @Test
    void aCardWithoutAControlIsRefused() {
        var card =
                Card.of("X01", "invented", Oracle.EXACT)
                        .claim("Something is so.")
                        .text("none")
                        .story("none")
                        .data("none")
                        .predict("value", near(1))
                        .positive("good", near(1));
        assertThatThrownBy(card::checked)
                .isInstanceOf(StudyException.class)
                .hasMessage(
                        "study X01 (invented): the card lacks a control that must fail:"
                                + " .sabotage(..)");
        assertThatThrownBy(() -> card.sabotage("value", near(2)).checked())
                .hasMessage("study X01 (invented): the card lacks predictions whose names differ");
        var whole = card.sabotage("bad", near(1));
        assertThat(whole.checked()).isSameAs(whole);
        assertThatThrownBy(() -> whole.seeds(0).checked())
                .hasMessageEndingWith("the card lacks a seed: .seeds(1) or more");
        assertThatThrownBy(() -> whole.cost(0, 0, 0).checked())
                .hasMessageEndingWith(
                        "the card lacks a cost in seconds: .cost(seconds, bytes, flop)");
        assertThatThrownBy(() -> Card.of("X01", "invented", Oracle.EXACT).checked())
                .hasMessage("study X01 (invented): the card lacks its claim");
    }

    @Test
    void thePaperStandsBesideTheLastPrediction() {
        var card =
                Card.of("X01", "invented", Oracle.PAPER)
                        .predict("a", near(1))
                        .predict("b", near(2))
                        .paperSays(2.5);
        assertThat(card.prediction("b").orElseThrow().paper()).isEqualTo(2.5);
        assertThat(card.prediction("a").orElseThrow().paper()).isNaN();
    }
}
