package dev.fathom.lab.error;

import dev.fathom.core.error.FathomException;

/** A study that does not keep to its card, or a run that cannot be made. */
public final class StudyException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** Says what is wrong and what to do. */
    public StudyException(String message) {
        super(message);
    }
}
