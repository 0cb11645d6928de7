package dev.fathom.core.error;

import java.util.Optional;

/**
 * The root of every error Fathom reports on purpose. Unchecked; the message names the operation,
 * what it was given, where the caller's code asked for it, and what to do.
 */
public class FathomException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An error with a message that already says what to do. */
    public FathomException(String message) {
        super(message);
    }

    /** An error caused by another. */
    public FathomException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * The line of the caller's own code nearest to the failing operation, such as {@code
     * Net.java:41}. Frames of Fathom's libraries are skipped.
     */
    public static Optional<String> callerLine() {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.filter(f -> !isLibrary(f.getClassName()))
                                .findFirst()
                                .map(f -> f.getFileName() + ":" + f.getLineNumber()));
    }

    /** {@code text} followed by the layer being run and the caller's line, where they are known. */
    public static String located(String text) {
        var where = text + Layers.where();
        return callerLine()
                .map(line -> " (" + line + ")")
                .filter(line -> !where.endsWith(line)) // an error passed on has it already
                .map(where::concat)
                .orElse(where);
    }

    private static boolean isLibrary(String name) {
        return name.startsWith("dev.fathom.core.")
                || name.startsWith("dev.fathom.cpu.")
                || name.startsWith("dev.fathom.nn.")
                || name.startsWith("dev.fathom.optim.")
                || name.startsWith("dev.fathom.train.")
                || name.startsWith("dev.fathom.data.")
                || name.startsWith("dev.fathom.io.")
                || name.startsWith("dev.fathom.lab.instrument.")
                || name.startsWith("java.")
                || name.startsWith("jdk.");
    }
}
