package dev.fathom.core.error;

/** Element types that do not fit: Fathom never promotes a dtype by itself. */
public final class DTypeException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the operation, what it met and what to do; the caller's line is added. */
    public DTypeException(String message) {
        super(located(message));
    }
}
