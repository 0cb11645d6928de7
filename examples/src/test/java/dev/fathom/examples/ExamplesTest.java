package dev.fathom.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.catalogue.Tables;
import dev.fathom.data.catalogue.Texts;
import dev.fathom.data.dataset.Folds;
import dev.fathom.nn.recurrent.Elman;
import dev.fathom.nn.recurrent.Gru;
import dev.fathom.nn.recurrent.Lstm;

import org.junit.jupiter.api.Test;

import java.util.Set;

/** The numbers that the examples promise in their first paragraphs. */
class ExamplesTest {
    @Test
    void derivatives() {
        assertThat(DerivativePlayground.thirdDerivativeOfSine(1))
                .isCloseTo(-Math.cos(1), within(1e-12));
        DerivativePlayground.main(new String[0]);
    }

    @Test
    void trainingLoop() {
        assertThat(TrainingLoop.train(20, 1)).isGreaterThan(0.9);
    }

    @Test
    void customLayer() {
        assertThat(CustomLayer.train(500)).isLessThan(0.001);
    }

    @Test
    void customOperation() {
        // the omega constant is the solution of w e^w = 1; W''(0) = -2 by the series W = x - x^2 +
        // ...
        assertThat(CustomOperation.lambertW(Tensor.scalar(1.0)).item())
                .isCloseTo(0.5671432904097838, within(1e-14));
        assertThat(CustomOperation.secondDerivative(0)).isCloseTo(-2, within(1e-12));
    }

    @Test
    void forecasting() {
        var errors = Forecasting.train(3, 1);
        assertThat(errors.network()).isLessThan(0.9 * errors.asAWeekAgo());
        assertThat(errors.asAWeekAgo()).isLessThan(errors.asYesterday());
    }

    /** Two of three words are known, "to" and "q" are too short; letters alone make few words. */
    @Test
    void tinyGpt() {
        var known = Set.of("the", "whale");
        assertThat(TinyGpt.share("The whale! qzx to q", known)).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(TinyGpt.share("1, 2.", known)).isZero();
        assertThat(TinyGpt.shuffled("letters", Key.of(1)).chars().sorted().toArray())
                .containsExactly("letters".chars().sorted().toArray());
        var novel = Texts.load("moby-dick").substring(0, 60_000);
        var outcome = TinyGpt.train(novel, 32, 1, 2, 120, 1);
        assertThat(outcome.held()).isBetween(0.7, 1.0);
        assertThat(outcome.shuffled()).isBetween(0.0, 0.2);
        assertThat(outcome.written()).isBetween(outcome.shuffled(), 1.0);
        assertThat(outcome.sample()).hasSizeGreaterThan(120);
    }

    @Test
    void tabular() {
        var penguins = Tabular.errors("penguins", 1, 1);
        assertThat(penguins).hasSize(5);
        double linear = penguins.stream().mapToDouble(Tabular.Errors::linear).sum() / 5;
        assertThat(linear).isBetween(0.08, 0.13);
        assertThat(penguins.stream().mapToDouble(Tabular.Errors::network).sum() / 5)
                .isLessThan(linear);
        var table = Tables.load("births-by-date");
        var fold = Folds.of(table.rowNumbers("births"), 5, 1).getFirst();
        var births = Tabular.fold(table, "births", fold, 0.15, 1);
        assertThat(births.network()).isLessThan(0.7 * births.linear());
    }

    @Test
    void longLag() {
        var key = Key.of(1);
        assertThat(LongLag.share(Elman.of(4, 32, key), 100)).isLessThan(1e-6);
        assertThat(LongLag.share(Lstm.of(4, 32, 4, key), 100)).isGreaterThan(0.01);
        assertThat(LongLag.share(LongLag.keeping(Gru.of(4, 32, key), 4), 100)).isGreaterThan(0.01);
    }
}
