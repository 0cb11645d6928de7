package dev.fathom.train.loop;

import static dev.fathom.train.loop.Limit.epochs;
import static dev.fathom.train.loop.Limit.steps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.random.Key;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.Descent;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.second.HessianFree;
import dev.fathom.optim.second.Kfac;
import dev.fathom.optim.second.Lbfgs;
import dev.fathom.optim.second.Likelihood;
import dev.fathom.optim.second.NaturalGradient;
import dev.fathom.optim.second.Shampoo;
import dev.fathom.optim.sharpness.Asam;
import dev.fathom.optim.sharpness.Gsam;
import dev.fathom.optim.sharpness.LpfSgd;
import dev.fathom.optim.sharpness.Sam;
import dev.fathom.optim.transform.LossScaling;
import dev.fathom.train.checkpoint.Checkpoints;
import dev.fathom.train.listener.CheckpointListener;
import dev.fathom.train.metric.Metrics;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.stream.Stream;

/** Training with rules that look at the loss more than once in a step. */
final class DescentTrainingTest {
    private static final Dataset TRAIN = Toy.clouds(48, 1);

    static Stream<Descent<?>> descents() {
        return Stream.of(
                Sam.of(Momentum.of(0.05), 0.05),
                Asam.of(Momentum.of(0.05)),
                Gsam.of(Momentum.of(0.05)),
                LpfSgd.of(Momentum.of(0.05), Key.of(2)).withSamples(2),
                Descent.scaled(new LossScaling<>(Momentum.of(0.05).transform(), 1024, 5)),
                Shampoo.of(0.05).every(3),
                Lbfgs.of().withMemory(3),
                HessianFree.of(),
                NaturalGradient.of(Likelihood.categorical(), 0.3).withDamping(0.1),
                Kfac.of(Momentum.of(0.05), Likelihood.categorical()).withDamping(0.1).every(1, 2),
                Kfac.of(Sgd.of(0.3), Likelihood.categorical()).withDamping(0.1).exactly());
    }

    private static <S> Trainer<Toy.Net, S> trainer(Descent<S> descent) {
        return Trainer.of(Toy.Net.of(7), Losses.crossEntropy(), descent)
                .metrics(Metrics.accuracy())
                .seed(3);
    }

    @ParameterizedTest
    @MethodSource("descents")
    void learns(Descent<?> descent) {
        // those that trust the curvature of one batch are made for whole sets
        boolean whole = descent instanceof Lbfgs || descent instanceof HessianFree;
        var batches = TRAIN.batches(whole ? 48 : 16).shuffled(5);
        var fit = trainer(descent).fit(batches, epochs(whole ? 30 : 15));
        var history = fit.history();
        assertThat(history.getLast().train().get("loss"))
                .isLessThan(0.6 * history.getFirst().train().get("loss"));
        var evaluation =
                Evaluator.<Toy.Net>of(Losses.crossEntropy(), Metrics.accuracy())
                        .evaluate(fit.model(), Toy.clouds(60, 2).batches(60));
        assertThat(evaluation.values().get("accuracy")).isGreaterThan(0.75);
    }

    /** After one step running statistics are those of one pass, whatever else was looked at. */
    @ParameterizedTest
    @MethodSource("descents")
    void runningStatisticsAreThoseOfASinglePass(Descent<?> descent) {
        var single = trainer(Sgd.of(0.05)).fit(TRAIN.batches(16), steps(1)).model().norm();
        var looked = trainer(descent).fit(TRAIN.batches(16), steps(1)).model().norm();
        assertThat(Toy.bits(looked.mean())).isEqualTo(Toy.bits(single.mean()));
        assertThat(Toy.bits(looked.variance())).isEqualTo(Toy.bits(single.variance()));
    }

    @ParameterizedTest
    @MethodSource("descents")
    void aResumedRunHasTheBitsOfOneThatWasNot(Descent<?> descent, @TempDir Path folder) {
        var batches = TRAIN.batches(16).shuffled(5);
        var whole = trainer(descent).fit(batches, epochs(4));
        trainer(descent).listeners(CheckpointListener.to(folder)).fit(batches, epochs(2));
        var rest = trainer(descent).resume(Checkpoints.in(folder)).fit(batches, epochs(4));
        assertThat(Toy.bits(rest.model())).isEqualTo(Toy.bits(whole.model()));
    }
}
