package dev.fathom.bench.harness;

/** A comparison that could not be made. */
public final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With what went wrong. */
    public BenchException(String message) {
        super(message);
    }
}
