package dev.fathom.core.spi;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

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

    /**
     * Runs it once and says what each instruction cost, in the order of their first run; nothing is
     * donated.
     */
    List<Cost> profile(List<Buffer> inputs);

    /**
     * Runs it once and says how many bytes the calling thread allocated, besides the results; empty
     * if that is not known.
     */
    default OptionalLong allocated(List<Buffer> inputs) {
        return OptionalLong.empty();
    }

    /**
     * What an instruction cost in one run.
     *
     * @param name what it is; inside a loop with the loop's name before it, as {@code scan 64 >
     *     dot}
     * @param layer the layers it belongs to, {@code a > b}; empty outside every layer
     * @param calls how often it ran: once, or once per round of a loop
     * @param nanos time on the calling thread, in nanoseconds
     * @param idle how long the threads of the pool had nothing to do in this time, on average: at
     *     the end of parallel loops, and while one thread works alone
     * @param flop floating-point operations as {@link dev.fathom.core.graph.Work} counts them
     * @param bytes size of what it reads and writes, each array once per call
     */
    record Cost(
            String name, String layer, long calls, long nanos, long idle, long flop, long bytes) {
        /** The sum with another cost of the same. */
        public Cost plus(Cost other) {
            return new Cost(
                    name,
                    layer,
                    calls + other.calls,
                    nanos + other.nanos,
                    idle + other.idle,
                    flop + other.flop,
                    bytes + other.bytes);
        }
    }

    /** What was compiled, in words: instructions, buffers. */
    String describe();

    /** Counts that do not depend on the machine: kernels, planned bytes and so on, by name. */
    Map<String, Long> counts();
}
