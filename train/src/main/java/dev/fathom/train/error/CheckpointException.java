package dev.fathom.train.error;

/**
 * A run that cannot go on from its checkpoints: there are none, they are damaged, or they are of
 * another run.
 */
public final class CheckpointException extends TrainingException {
    private static final long serialVersionUID = 1L;

    /** The message names the folder or file and what to do. */
    public CheckpointException(String message) {
        super(message);
    }

    /** The same with the damage that was found. */
    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
