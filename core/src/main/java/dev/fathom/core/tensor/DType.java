package dev.fathom.core.tensor;

/**
 * The type of a tensor's elements. Fathom never converts between them by itself: see {@link
 * Tensor#cast}.
 */
public enum DType {
    /** IEEE 754 single precision. */
    FLOAT32("float32", 4),
    /** IEEE 754 double precision. */
    FLOAT64("float64", 8),
    /** Two's complement, 32 bits; arithmetic wraps as in Java. */
    INT32("int32", 4),
    /** Two's complement, 64 bits; arithmetic wraps as in Java. */
    INT64("int64", 8),
    /** True or false, stored as one byte. */
    BOOL("bool", 1);

    private final String label;
    private final int bytes;

    DType(String label, int bytes) {
        this.label = label;
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** True for the two types that have derivatives. */
    public boolean isFloating() {
        return this == FLOAT32 || this == FLOAT64;
    }

    /** True for the two integer types. */
    public boolean isInteger() {
        return this == INT32 || this == INT64;
    }

    /** True for every type that has arithmetic: all but {@link #BOOL}. */
    public boolean isNumeric() {
        return this != BOOL;
    }

    @Override
    public String toString() {
        return label;
    }
}
