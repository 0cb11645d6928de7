package dev.fathom.data.error;

/** A data set, file, folder or column that is not there. */
public final class DataNotFoundException extends DataException {
    private static final long serialVersionUID = 1L;

    /** An error whose message names the data and says what to do. */
    public DataNotFoundException(String message) {
        super(message);
    }

    /** The same, caused by another error. */
    public DataNotFoundException(String message, Throwable cause) {
        super(message, cause);
    }
}
