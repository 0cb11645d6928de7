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
    BOOL("bool", 1),
    /**
     * The upper half of a float32 ({@link BFloat16}), to keep numbers in half the memory. It is
     * made and read by {@link Tensor#cast} and moved like any other; there is no arithmetic on it.
     */
    BFLOAT16("bfloat16", 2);

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

    /** True for the types of real numbers, which have derivatives. */
    public boolean isFloating() {
        return this == FLOAT32 || this == FLOAT64 || this == BFLOAT16;
    }

    /** True for {@link #BFLOAT16}, which is only for keeping. */
    public boolean isStorage() {
        return this == BFLOAT16;
    }

    /** The type that derivatives of such numbers have: float32 for bfloat16, else the same. */
    public DType ofDerivative() {
        return this == BFLOAT16 ? FLOAT32 : this;
    }

    /** True for the two integer types. */
    public boolean isInteger() {
        return this == INT32 || this == INT64;
    }

    /** True for every type that has arithmetic: all but {@link #BOOL} and {@link #BFLOAT16}. */
    public boolean isNumeric() {
        return this != BOOL && this != BFLOAT16;
    }

    @Override
    public String toString() {
        return label;
    }
}
