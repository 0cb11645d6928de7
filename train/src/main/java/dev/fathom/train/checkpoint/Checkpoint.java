package dev.fathom.train.checkpoint;

import dev.fathom.train.history.EpochRecord;

import java.util.List;
import java.util.Optional;

/**
 * A run at one moment.
 *
 * @param state what the next step begins with
 * @param position what data the next step takes
 * @param sums of the part of the epoch that is done
 * @param history the completed epochs
 * @param best the best model at the end of one of them
 * @param plan how the data is walked through
 * @param objective by what the loss and the mixing are known again; files of before they were noted
 *     have nothing
 */
public record Checkpoint<M, S>(
        State<M, S> state,
        Position position,
        Sums sums,
        List<EpochRecord> history,
        Optional<Best<M>> best,
        BatchPlan plan,
        Optional<String> objective) {
    /** Copies the list. */
    public Checkpoint {
        history = List.copyOf(history);
    }

    /** Steps made so far. */
    public long step() {
        return (long) state.step().item();
    }
}
