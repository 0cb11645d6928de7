package dev.fathom.io.error;

import dev.fathom.core.error.FathomException;

import java.nio.file.Path;

/** The root of everything that can be wrong with a file. */
public abstract sealed class FileException extends FathomException
        permits CorruptFileException,
                FileAccessException,
                TreeMismatchException,
                UnsupportedFileException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final String reason;

    FileException(Path file, String reason, String message) {
        super(message);
        this.file = file.toString();
        this.reason = reason;
    }

    FileException(Path file, String reason, String message, Throwable cause) {
        super(message, cause);
        this.file = file.toString();
        this.reason = reason;
    }

    /** The file. */
    public Path file() {
        return Path.of(file);
    }

    /** What is wrong with it, without the name of the file. */
    public String reason() {
        return reason;
    }
}
