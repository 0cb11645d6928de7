package dev.fathom.cpu.plan;

import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.simd.Script;
import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The memory of one run of a plan: an array and an offset per slot, registers for tiles, scratch
 * for kernels. Used by one caller at a time and kept for the next run, so that running again
 * allocates nothing.
 */
final class Frame {
    /** The most that an elementwise operation has. */
    private static final int OPERANDS = 3;

    private static final Workers ALONE = Workers.of(1);

    private static final Object NOTHING = new float[0];

    final Object[] arrays;
    final int[] offsets;
    final Workers workers;
    final Scratch scratch = Scratch.of();
    private final Tile[] tiles;
    private final List<@Nullable Frame[]> children = new ArrayList<>();

    /** Runs instructions that straight code leaves to the plan. */
    Script.Others others = _ -> {};

    /** Regions that have been handed parts so far. */
    long runs;

    /** Measures the instructions, in a run that is profiled. */
    Optional<Meter> meter = Optional.empty();

    Frame(int slots, Workers workers) {
        arrays = new Object[slots];
        offsets = new int[slots];
        this.workers = workers;
        scratch.reserve(workers.threads());
        tiles = new Tile[workers.threads()];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new Tile();
        }
    }

    void bind(int slot, Object array, int offset) {
        arrays[slot] = array;
        offsets[slot] = offset;
    }

    /** Exchanges what two slots are bound to. */
    void swap(int a, int b) {
        var array = arrays[a];
        int offset = offsets[a];
        arrays[a] = arrays[b];
        offsets[a] = offsets[b];
        arrays[b] = array;
        offsets[b] = offset;
    }

    Tile tile(int worker) {
        return tiles[worker];
    }

    /** The frame of a plan inside this one's, made at first use. */
    Frame child(int number, Plan plan) {
        return child(number, 0, plan, workers);
    }

    /**
     * The same for one of several workers that run the plan at the same time, each alone. A profile
     * looks at the first of them.
     */
    Frame child(int number, int worker, Plan plan) {
        var own = child(number, worker, plan, ALONE);
        if (worker > 0) {
            own.meter = Optional.empty();
        }
        return own;
    }

    private Frame child(int number, int worker, Plan plan, Workers who) {
        var own = children(number);
        if (own[worker] == null) {
            own[worker] = plan.frame(who);
        }
        own[worker].meter = meter;
        return own[worker];
    }

    private synchronized @Nullable Frame[] children(int number) {
        while (children.size() <= number) {
            children.add(new Frame[workers.threads()]);
        }
        return children.get(number);
    }

    /** Registers of one worker: arrays of a tile's length, by dtype and number. */
    static final class Tile {
        private final Object[][] registers = new Object[DType.values().length][0];
        Object[] current = {};

        /** Where in each register the tile begins. */
        int[] starts = {};

        /** What a loop of several operations reads and writes. */
        private Object[] arrays = {};

        int[] offsets = {};

        /** What was handed over of a value that is nowhere as a whole, and its first element. */
        Object part = NOTHING;

        int partStart;

        /**
         * For which run of parts ({@link #runs}) registers of repeated values are filled, if any.
         */
        long filledFor;

        /** For how many elements. */
        int room;

        /** How many elements of the registers of numbers. */
        int spread;

        /** Room for the arrays of a loop, and as much for their offsets. */
        Object[] arrays(int count) {
            if (arrays.length < count) {
                arrays = new Object[count];
                offsets = new int[count];
            }
            return arrays;
        }

        /** The operands of the operation that is run. */
        final Object[] x = new Object[OPERANDS];

        /** Where they begin. */
        final int[] at = new int[OPERANDS];

        /**
         * Lets go of arrays that are not the tile's own: whoever drops a result would keep it alive
         * until this worker runs such a step again.
         */
        void release() {
            Arrays.fill(x, NOTHING);
            Arrays.fill(arrays, NOTHING);
            part = NOTHING;
        }

        /**
         * Lays out registers of the given dtypes as {@link #current}.
         *
         * @param numbers of each: how many of its dtype come before it
         */
        void prepare(DType[] dtypes, int[] numbers, int size) {
            if (current.length < dtypes.length) {
                current = new Object[dtypes.length];
                starts = new int[dtypes.length];
            }
            for (int i = 0; i < dtypes.length; i++) {
                current[i] = register(dtypes[i], numbers[i], size);
                starts[i] = 0;
            }
        }

        private Object register(DType dtype, int number, int size) {
            var known = registers[dtype.ordinal()];
            if (known.length <= number) {
                known = Arrays.copyOf(known, number + 1);
                known[number] = Memory.allocate(dtype, size);
                registers[dtype.ordinal()] = known;
            }
            return known[number];
        }
    }
}
