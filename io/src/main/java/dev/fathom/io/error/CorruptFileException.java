package dev.fathom.io.error;

import java.nio.file.Path;

/**
 * A file whose content contradicts itself or its format: cut off, changed, or something else
 * altogether.
 */
public final class CorruptFileException extends FileException {
    private static final long serialVersionUID = 1L;

    /** Names the file and the first contradiction found. */
    public CorruptFileException(Path file, String reason) {
        super(
                file,
                reason,
                file + " is damaged: " + reason + ". Use another copy of it, or make it again");
    }
}
