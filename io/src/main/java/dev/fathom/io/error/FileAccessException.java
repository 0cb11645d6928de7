package dev.fathom.io.error;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The file system refused: no such file, no permission, no space. */
public final class FileAccessException extends FileException {
    private static final long serialVersionUID = 1L;

    /** Says what was tried ({@code read}, {@code write}) and what the system answered. */
    public FileAccessException(String what, Path file, IOException cause) {
        super(file, reason(cause), "cannot " + what + " " + file + ": " + reason(cause), cause);
    }

    private static String reason(IOException cause) {
        return switch (cause) {
            case NoSuchFileException missing -> "there is no " + missing.getFile();
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case FileAlreadyExistsException there -> there.getFile() + " is in the way";
            case IOException other ->
                    other.getMessage() == null
                            ? other.getClass().getSimpleName()
                            : other.getMessage();
        };
    }
}
