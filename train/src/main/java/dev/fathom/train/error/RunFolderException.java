package dev.fathom.train.error;

/** A folder that is not that of a run, or is already that of another one. */
public final class RunFolderException extends TrainingException {
    private static final long serialVersionUID = 1L;

    /** The message names the folder and what to do. */
    public RunFolderException(String message) {
        super(message);
    }
}
