package dev.fathom.data.error;

/** A file whose contents are not the ones its name promises. */
public final class ChecksumException extends DataException {
    private static final long serialVersionUID = 1L;

    /** An error whose message names the data and says what to do. */
    public ChecksumException(String message) {
        super(message);
    }

    /** The same, caused by another error. */
    public ChecksumException(String message, Throwable cause) {
        super(message, cause);
    }
}
