package dev.fathom.data.error;

/** A file, table or array that is damaged or does not have the form it should have. */
public final class MalformedDataException extends DataException {
    private static final long serialVersionUID = 1L;

    /** An error whose message names the data and says what to do. */
    public MalformedDataException(String message) {
        super(message);
    }

    /** The same, caused by another error. */
    public MalformedDataException(String message, Throwable cause) {
        super(message, cause);
    }
}
