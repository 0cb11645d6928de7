package dev.fathom.lab.studies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Set;
import java.util.stream.Collectors;

final class StudiesTest {
    @ParameterizedTest
    @EnumSource(Tier.class)
    void everyCardIsCompleteAndNoTwoAreAlike(Tier tier) {
        var cards = Studies.all().stream().map(study -> study.card(tier).checked()).toList();
        assertThat(cards).extracting(Card::id).doesNotHaveDuplicates();
        assertThat(cards).extracting(Card::name).doesNotHaveDuplicates();
        assertThat(cards).allMatch(card -> card.seeds() >= 1 && card.cost().seconds() > 0);
        if (tier == Tier.SMOKE) {
            assertThat(cards).allMatch(card -> card.cost().seconds() <= 10);
        }
    }

    @Test
    void theCardsOfTheTiersDifferInCostAndTolerance() {
        for (Study study : Studies.all()) {
            var heads =
                    Set.of(Tier.values()).stream()
                            .map(study::card)
                            .map(card -> card.id() + card.name() + card.claim() + card.starred())
                            .collect(Collectors.toSet());
            assertThat(heads).hasSize(1);
        }
    }

    @Test
    void studiesAreFoundByNameAndNumber() {
        assertThat(Studies.named("L17")).isSameAs(Studies.named("Ridgeless"));
        assertThat(Studies.tour()).contains(Studies.named("ridgeless"));
    }

    @ParameterizedTest
    @CsvSource({
        "ridgless, ridgeless",
        "momentum, momentum-sqrt",
        "Redundent, redundant-data",
        "L9, momentum-sqrt",
        "neurons, one-neuron-minima"
    })
    void aNearNameIsSuggested(String name, String meant) {
        assertThatThrownBy(() -> Studies.named(name))
                .isInstanceOf(StudyException.class)
                .hasMessageStartingWith("there is no study \"" + name + "\"; did you mean ")
                .hasMessageContaining(meant)
                .hasMessageEndingWith("? 'fathom lab list' shows all of them");
    }

    @Test
    void aNameLikeNoOtherIsNotGuessedAt() {
        assertThatThrownBy(() -> Studies.named("photosynthesis"))
                .hasMessage(
                        "there is no study \"photosynthesis\"; 'fathom lab list' shows all of"
                                + " them");
    }
}
