package dev.fathom.cpu.linalg;

/** A matrix does not have the property that a factorisation or a solution needs. */
public final class LinearAlgebraException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** An exception whose message says which property is missing and what to do. */
    public LinearAlgebraException(String message) {
        super(message);
    }
}
