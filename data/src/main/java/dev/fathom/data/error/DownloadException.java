package dev.fathom.data.error;

/** A data set that could not be fetched. */
public final class DownloadException extends DataException {
    private static final long serialVersionUID = 1L;

    /** An error whose message names the data and says what to do. */
    public DownloadException(String message) {
        super(message);
    }

    /** The same, caused by another error. */
    public DownloadException(String message, Throwable cause) {
        super(message, cause);
    }
}
