package dev.fathom.io.error;

import java.nio.file.Path;

/**
 * A file, or something to be written to one, that is well formed but that Fathom or the format
 * cannot hold.
 */
public final class UnsupportedFileException extends FileException {
    private static final long serialVersionUID = 1L;

    /** Names the file, what in it is not supported, and what to do. */
    public UnsupportedFileException(Path file, String reason) {
        super(file, reason, file + ": " + reason);
    }
}
