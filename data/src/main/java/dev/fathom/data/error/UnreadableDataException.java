package dev.fathom.data.error;

/** A file that exists but that the system would not let us read or write. */
public final class UnreadableDataException extends DataException {
    private static final long serialVersionUID = 1L;

    /** An error whose message names the data and says what to do. */
    public UnreadableDataException(String message) {
        super(message);
    }

    /** The same, caused by another error. */
    public UnreadableDataException(String message, Throwable cause) {
        super(message, cause);
    }
}
