package dev.fathom.core.error;

/** Shapes or axes that do not fit the operation they were given to. */
public final class ShapeException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the operation, what it met and what to do; the caller's line is added. */
    public ShapeException(String message) {
        super(located(message));
    }
}
