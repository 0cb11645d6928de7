package dev.fathom.core.error;

/** A NaN or an infinity where finite values were demanded. */
public final class NonFiniteException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the operation, what it met and what to do; the caller's line is added. */
    public NonFiniteException(String message) {
        super(located(message));
    }
}
