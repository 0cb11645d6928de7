package dev.fathom.train.loop;

import dev.fathom.train.history.EpochRecord;

/**
 * Is told what happens in a run, in the thread that trains. To be resumable a listener decides by
 * {@link Training#history} and keeps nothing of its own. An exception thrown here ends the run.
 */
public interface Listener {
    /** Before the first step; after a resume {@link Training#history} is that of the checkpoint. */
    default void fitStarted(Training training) {}

    /** Before the first step of an epoch, or, after a resume in its middle, before the next one. */
    default void epochStarted(Training training) {}

    /** After a step. */
    default void batchEnded(Training training, BatchResult result) {}

    /** After an epoch and its validation; also when a run ends within an epoch. */
    default void epochEnded(Training training, EpochRecord epoch) {}

    /** After the last step; not called when the run ends by an exception. */
    default void fitEnded(Training training) {}
}
