package dev.fathom.cpu.plan;

import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

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
    final Object[] arrays;
    final int[] offsets;
    final Workers workers;
    final Scratch scratch = Scratch.of();
    private final Tile[] tiles;
    private final List<Frame> children = new ArrayList<>();

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

    Tile tile(int worker) {
        return tiles[worker];
    }

    /** The frame of a plan inside this one's, made at first use. */
    Frame child(int number, Plan plan) {
        while (children.size() <= number) {
            children.add(null);
        }
        var child = children.get(number);
        if (child == null) {
            child = plan.frame(workers);
            children.set(number, child);
        }
        child.meter = meter;
        return child;
    }

    /** Registers of one worker: arrays of a tile's length, by dtype and number. */
    static final class Tile {
        private final List<List<Object>> registers = new ArrayList<>();
        Object[] current = {};

        /** Where in each register the tile begins. */
        int[] starts = {};

        /** What a loop of several operations reads and writes. */
        private Object[] arrays = {};

        int[] offsets = {};

        Tile() {
            for (int i = 0; i < DType.values().length; i++) {
                registers.add(new ArrayList<>());
            }
        }

        /** Room for the arrays of a loop, and as much for their offsets. */
        Object[] arrays(int count) {
            if (arrays.length < count) {
                arrays = new Object[count];
                offsets = new int[count];
            }
            return arrays;
        }

        /** Lays out registers of the given dtypes as {@link #current}. */
        void prepare(DType[] dtypes, int size) {
            if (current.length < dtypes.length) {
                current = new Object[dtypes.length];
                starts = new int[dtypes.length];
            }
            Arrays.fill(starts, 0);
            var next = new int[DType.values().length];
            for (int i = 0; i < dtypes.length; i++) {
                var known = registers.get(dtypes[i].ordinal());
                int k = next[dtypes[i].ordinal()]++;
                if (known.size() <= k) {
                    known.add(Memory.allocate(dtypes[i], size));
                }
                current[i] = known.get(k);
            }
        }
    }
}
