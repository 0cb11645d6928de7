package dev.fathom.train.checkpoint;

import static dev.fathom.train.loop.Limit.epochs;

import dev.fathom.core.spi.Backends;
import dev.fathom.data.dataset.Batches;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.transform.Chain;
import dev.fathom.train.listener.CheckpointListener;
import dev.fathom.train.loop.Fit;
import dev.fathom.train.loop.Toy;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.metric.Metrics;

import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** A program that trains for ever, to be killed. */
public final class KilledRun {
    private static final Batches BATCHES = Toy.clouds(50, 1).batches(16).shuffled(5);

    private KilledRun() {}

    /** Trains with a checkpoint after every step in the folder given. */
    public static void main(String[] args) {
        var save = CheckpointListener.to(Path.of(args[0])).everySteps(1);
        run(trainer -> trainer.listeners(save), Integer.MAX_VALUE / 8);
    }

    /** The same run with some changes, all of it on the reference backend, wherever it runs. */
    static Fit<Toy.Net> run(UnaryOperator<Trainer<Toy.Net, Chain.State>> changed, int epochs) {
        return Backends.with(
                Backends.named("reference"),
                () -> {
                    var trainer =
                            Trainer.of(Toy.Net.of(3), Losses.crossEntropy(), Adam.of(0.03))
                                    .metrics(Metrics.accuracy())
                                    .seed(3);
                    return changed.apply(trainer).fit(BATCHES, epochs(epochs), Toy.clouds(31, 2));
                });
    }
}
