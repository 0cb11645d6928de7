package dev.fathom.io.error;

import java.nio.file.Path;

/** A file of tensors that are not those of the model they were to be loaded into. */
public final class TreeMismatchException extends FileException {
    private static final long serialVersionUID = 1L;

    /** Names the file and the tensors that are missing, left over, or of another type. */
    public TreeMismatchException(Path file, String reason) {
        super(file, reason, file + " does not fit: " + reason);
    }
}
