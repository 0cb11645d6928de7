package dev.fathom.train.loop;

import dev.fathom.train.checkpoint.Checkpoint;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.history.Monitor;

import java.util.List;

/** A run as its listeners see it, at the moment of the call. */
public interface Training {
    /** The epoch running or just ended, from 1. */
    int epoch();

    /** How many epochs are planned. */
    int epochs();

    /** Batches in a whole epoch. */
    int batches();

    /** Steps made since the beginning of the run. */
    long step();

    /** How many steps are planned. */
    long steps();

    /** Examples in an epoch. */
    int examples();

    /** The numbers of the epochs so far. */
    List<EpochRecord> history();

    /** The number by which epochs are compared. */
    Monitor monitor();

    /** Whether the run went on from a checkpoint. */
    boolean resumed();

    /**
     * Everything needed to go on from here. Its tensors are the running ones: valid during the
     * call, taken over by the next step. To keep it, write it to a file or copy it with {@link
     * dev.fathom.train.checkpoint.Copy}.
     */
    Checkpoint<?, ?> checkpoint();

    /**
     * Makes {@code factor} the multiple of the learning rate from the next step on, whatever it was
     * before; 1 at the beginning of a run. It is part of the checkpoint.
     *
     * @throws dev.fathom.train.error.SettingException if the optimizer is not {@code adjustable()}
     */
    void scaleLearningRate(double factor);

    /** Ends the run after this call; the first reason counts. */
    void stop(String reason);
}
