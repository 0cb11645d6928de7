package dev.fathom.cpu.plan;

import dev.fathom.cpu.simd.RowTaker;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.Stream;

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

    /** The layers it belongs to; empty if it belongs to none, or to several. */
    String layer();

    /** Floating-point operations of one run, loops inside not included. */
    long flop();

    /** The plans of the programs it runs: bodies of loops, branches. */
    default List<Plan> plans() {
        return List.of();
    }

    /** Bytes of what it reads and writes. */
    default long bytes() {
        return Stream.concat(reads().stream(), writes().stream())
                .distinct()
                .mapToLong(Storage::bytes)
                .sum();
    }

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

    /** One product of matrices, as they lie: C = A B, with the rows of C one after another. */
    record Product(
            int m, int n, int k, View a, int rsA, int csA, View b, int rsB, int csB, View c) {}

    /**
     * A result that can be handed on some rows at a time instead of being written.
     *
     * @param result what the rows are part of
     * @param row the elements of a row
     * @param parts how many times some rows are handed on
     * @param most the elements that are handed on at a time, at most
     * @param alike an operand of which no more is read for some rows than the same rows, if there
     *     is one
     */
    record Rows(View result, int row, int parts, int most, @Nullable View alike, Maker maker) {
        /** Makes all rows and hands them on. */
        @FunctionalInterface
        interface Maker {
            void make(Frame frame, RowTaker taker);
        }
    }

    /**
     * An instruction that calls a kernel.
     *
     * @param product what it multiplies, if that is all it does
     * @param rows its result by rows, if it can make it so
     */
    record Kernel(
            String name,
            String layer,
            List<Storage> reads,
            List<Storage> writes,
            long flop,
            List<Plan> plans,
            @Nullable Product product,
            @Nullable Rows rows,
            Body body)
            implements Instruction {
        @Override
        public void run(Frame frame) {
            body.run(frame);
        }
    }
}
