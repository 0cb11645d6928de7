package dev.fathom.train.loop;

import static dev.fathom.core.transform.Transforms.checkFinite;

import dev.fathom.core.error.NonFiniteException;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.dataset.Batch;
import dev.fathom.data.dataset.Batches;
import dev.fathom.nn.layer.Layer;
import dev.fathom.train.checkpoint.Copy;
import dev.fathom.train.checkpoint.Position;
import dev.fathom.train.checkpoint.State;

import java.util.Optional;

/**
 * Finds out where a loss that is not finite came from. A step takes over the memory of the state
 * before it, so a copy of the state is kept every few steps; the steps since are made again, and
 * the first that leaves finite numbers is run operation by operation.
 */
final class Diagnosis<M extends Layer, S> {
    /** Steps between copies. */
    static final int EVERY = 64;

    private final TrainStep<M, S> step;
    private final Batches batches;
    private State<M, S> kept;
    private Position at;

    Diagnosis(TrainStep<M, S> step, Batches batches, State<M, S> state, Position at) {
        this.step = step;
        this.batches = batches;
        this.kept = Copy.of(state);
        this.at = at;
    }

    /** To be told the state before every step. */
    void before(State<M, S> state, long number, Position position) {
        if (number % EVERY == 0) {
            kept = Copy.of(state);
            at = position;
        }
    }

    /** Looks for the origin among the steps up to step {@code last}, counted from 1. */
    Optional<String> search(long last) {
        var state = kept;
        var position = at;
        for (long number = (long) kept.step().item() + 1; number <= last; number++) {
            if (position.batch() == batches.count()) {
                position = new Position(position.epoch() + 1, 0);
            }
            var batch = batches.batch(position.epoch(), position.batch());
            var before = Copy.of(state);
            var after = step.run(new TrainStep.Input<>(state, batch.features(), batch.labels()));
            if (!finite(after.loss())
                    || !Tree.leaves(after.state()).stream().allMatch(Diagnosis::finite)) {
                var again = batches.batch(position.epoch(), position.batch());
                return Optional.of("It began in step " + number + ": " + explain(before, again));
            }
            state = after.state();
            position = new Position(position.epoch(), position.batch() + 1);
        }
        return Optional.empty();
    }

    private String explain(State<M, S> before, Batch batch) {
        if (!finite(batch.features()) || !finite(batch.labels())) {
            return "the batch itself contains NaN or infinity; clean the data";
        }
        try {
            var _ =
                    checkFinite(step::plain)
                            .apply(new TrainStep.Input<>(before, batch.features(), batch.labels()));
            return "no single operation makes it when they run one by one; the numbers are at the"
                    + " edge of their range";
        } catch (NonFiniteException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static boolean finite(Tensor t) {
        if (!t.dtype().isFloating()) {
            return true;
        }
        for (double v : t.toDoubles()) {
            if (!Double.isFinite(v)) {
                return false;
            }
        }
        return true;
    }
}
