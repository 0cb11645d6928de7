package dev.fathom.data.dataset;

/**
 * Where the features of examples come from when they are not held in memory. Called from whichever
 * thread prepares a batch, so it must be safe to call from several, and it must give the same
 * values every time.
 */
@FunctionalInterface
public interface Decoder {
    /**
     * Writes the features of example {@code index}, row-major, to {@code values} from {@code
     * offset}.
     */
    void decode(int index, float[] values, int offset);
}
