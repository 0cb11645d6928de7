package dev.fathom.cli.error;

import dev.fathom.core.error.FathomException;

/** A run, or the folder of one, is not as it should be: exit code 1. */
public final class RunException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** An error whose message says what is wrong and what to do. */
    public RunException(String message) {
        super(message);
    }

    /** An error caused by another. */
    public RunException(String message, Throwable cause) {
        super(message, cause);
    }
}
