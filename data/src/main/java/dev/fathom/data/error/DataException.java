package dev.fathom.data.error;

import dev.fathom.core.error.FathomException;

/** The root of everything that can be wrong with data. */
public abstract sealed class DataException extends FathomException
        permits ChecksumException,
                DataNotFoundException,
                DownloadException,
                MalformedDataException,
                UnreadableDataException {
    private static final long serialVersionUID = 1L;

    DataException(String message) {
        super(message);
    }

    DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
