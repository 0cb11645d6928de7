package dev.fathom.core.spi;

import java.util.List;
import java.util.Map;

/** A compiled program. Safe to run from several threads at once. */
public interface Program {
    /** Runs it; the results are fresh memory that the program does not keep. */
    default List<Buffer> run(List<Buffer> inputs) {
        return run(inputs, new boolean[inputs.size()]);
    }

    /**
     * Runs it; inputs with {@code donated[i]} may be overwritten and returned as results, so that a
     * step which replaces its state allocates nothing.
     */
    List<Buffer> run(List<Buffer> inputs, boolean[] donated);

    /** What was compiled, in words: instructions, buffers. */
    String describe();

    /** Counts that do not depend on the machine: kernels, planned bytes and so on, by name. */
    Map<String, Long> counts();
}
