package dev.fathom.train.loop;

import dev.fathom.train.history.EpochRecord;

import java.util.List;
import java.util.Optional;

/**
 * What a run gives.
 *
 * @param model the model after the last step
 * @param best the best model at the end of an epoch, by the trainer's monitor; {@code model} if no
 *     epoch ended
 * @param bestEpoch which epoch that was, from 1; 0 if none ended
 * @param history one record for each epoch
 * @param steps steps made since the beginning of the run
 * @param optimizer what the optimizer remembers after the last step
 * @param stopped why a listener ended the run early, if one did
 */
public record Fit<M>(
        M model,
        M best,
        int bestEpoch,
        List<EpochRecord> history,
        long steps,
        Object optimizer,
        Optional<String> stopped) {
    /** Copies the list. */
    public Fit {
        history = List.copyOf(history);
    }
}
