package dev.fathom.core.error;

/** A derivative was asked for where there is none. */
public final class NotDifferentiableException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the operation, what it met and what to do; the caller's line is added. */
    public NotDifferentiableException(String message) {
        super(located(message));
    }
}
