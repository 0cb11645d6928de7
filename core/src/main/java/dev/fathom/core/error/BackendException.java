package dev.fathom.core.error;

/** No backend, or one that cannot do what is asked. */
public final class BackendException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the operation, what it met and what to do; the caller's line is added. */
    public BackendException(String message) {
        super(located(message));
    }
}
