package dev.fathom.core.error;

/** A recorded program that is not well formed. */
public final class GraphException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the operation, what it met and what to do; the caller's line is added. */
    public GraphException(String message) {
        super(located(message));
    }
}
