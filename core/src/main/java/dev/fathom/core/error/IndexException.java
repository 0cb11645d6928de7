package dev.fathom.core.error;

/** An index outside the axis it selects from. */
public final class IndexException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the operation, what it met and what to do; the caller's line is added. */
    public IndexException(String message) {
        super(located(message));
    }
}
