package dev.fathom.train.error;

import dev.fathom.core.error.FathomException;

/** The root of everything that can be wrong with a training run. */
public abstract sealed class TrainingException extends FathomException
        permits CheckpointException, NonFiniteLossException, RunFolderException, SettingException {
    private static final long serialVersionUID = 1L;

    TrainingException(String message) {
        super(message);
    }

    TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
