package dev.fathom.cpu.plan;

import java.util.List;

/** One step of a plan: a kernel call or a fused region. */
interface Instruction {
    /** Does the work on the frame's memory. */
    void run(Frame frame);

    /** What it is, for people. */
    String name();

    /** Storages it reads. */
    List<Storage> reads();

    /** Storages it writes. */
    List<Storage> writes();

    /**
     * Whether {@code out} may use the memory of {@code in} although this instruction reads the one
     * and writes the other.
     */
    default boolean allowsInPlace(Storage in, Storage out) {
        return false;
    }

    /** Work on a frame. */
    @FunctionalInterface
    interface Body {
        void run(Frame frame);
    }

    /** An instruction that calls a kernel. */
    record Kernel(String name, List<Storage> reads, List<Storage> writes, Body body)
            implements Instruction {
        @Override
        public void run(Frame frame) {
            body.run(frame);
        }
    }
}
