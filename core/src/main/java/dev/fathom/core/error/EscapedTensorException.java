package dev.fathom.core.error;

/** A stand-in tensor was used after the transform that made it had ended. */
public final class EscapedTensorException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the operation, what it met and what to do; the caller's line is added. */
    public EscapedTensorException(String message) {
        super(located(message));
    }
}
