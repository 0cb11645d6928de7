package dev.fathom.data.dataset;

/**
 * A change to the features of one example that keeps their shape, made in place while a batch is
 * put together. It must be a pure function of the values: batches are prepared on another thread
 * when they are prefetched, and any batch may be asked for again.
 */
@FunctionalInterface
public interface Transform {
    /** Changes {@code values[offset .. offset + length - 1]}, one example in row-major order. */
    void apply(float[] values, int offset, int length);
}
