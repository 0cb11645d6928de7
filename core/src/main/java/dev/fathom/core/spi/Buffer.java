package dev.fathom.core.spi;

/** Memory that a backend owns. */
@FunctionalInterface
public interface Buffer {
    /**
     * The elements as a Java array, row-major: {@code float[]}, {@code double[]}, {@code int[]},
     * {@code long[]}, or {@code byte[]} of 0 and 1 for bool. It may be the memory itself: read,
     * never write.
     */
    Object host();
}
