package dev.fathom.core.error;

/** A structure of tensors that cannot be taken apart, or two that differ. */
public final class TreeException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the operation, what it met and what to do; the caller's line is added. */
    public TreeException(String message) {
        super(located(message));
    }
}
