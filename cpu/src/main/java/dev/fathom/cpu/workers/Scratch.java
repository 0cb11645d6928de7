package dev.fathom.cpu.workers;

import java.util.Arrays;

/**
 * Reusable buffers of one thread of control: they grow to the largest request and are then kept.
 *
 * <p>A buffer is named by a small number, its <em>use</em>. Asking again for the same use may
 * return the same array, so a kernel gives each of its buffers a use of its own, and contents do
 * not survive from one kernel to the next. What a fresh or kept buffer contains is unspecified.
 *
 * <p>A scratch is confined to one caller at a time. A parallel loop takes {@link #slot(int)} for
 * the slot it runs on: these children must have been made by {@link #reserve} before the loop
 * starts.
 *
 * {@snippet :
 * scratch.reserve(workers.threads());
 * workers.run(tiles, (tile, slot) -> {
 *     float[] packed = scratch.slot(slot).floats(0, 4096);
 * });
 * }
 */
public final class Scratch {
    private static final int USES = 8;

    private static final float[] NO_FLOATS = {};
    private static final double[] NO_DOUBLES = {};
    private static final int[] NO_INTS = {};

    private final float[][] floats = new float[USES][];
    private final double[][] doubles = new double[USES][];
    private final int[][] ints = new int[USES][];
    private Scratch[] children = {};

    private Scratch() {
        Arrays.fill(floats, NO_FLOATS);
        Arrays.fill(doubles, NO_DOUBLES);
        Arrays.fill(ints, NO_INTS);
    }

    /** A scratch without buffers. */
    public static Scratch of() {
        return new Scratch();
    }

    /**
     * An array of at least {@code length} elements.
     *
     * @param use which buffer, in {@code [0, 8)}
     */
    public float[] floats(int use, int length) {
        if (floats[use].length < length) {
            floats[use] = new float[grown(length)];
        }
        return floats[use];
    }

    /**
     * An array of at least {@code length} elements.
     *
     * @param use which buffer, in {@code [0, 8)}
     */
    public double[] doubles(int use, int length) {
        if (doubles[use].length < length) {
            doubles[use] = new double[grown(length)];
        }
        return doubles[use];
    }

    /**
     * An array of at least {@code length} elements.
     *
     * @param use which buffer, in {@code [0, 8)}
     */
    public int[] ints(int use, int length) {
        if (ints[use].length < length) {
            ints[use] = new int[grown(length)];
        }
        return ints[use];
    }

    /** Makes sure that {@code slot(0)} to {@code slot(slots - 1)} exist. */
    public void reserve(int slots) {
        int old = children.length;
        if (old < slots) {
            children = Arrays.copyOf(children, slots);
            for (int i = old; i < slots; i++) {
                children[i] = new Scratch();
            }
        }
    }

    /**
     * The scratch of one participant of a parallel loop.
     *
     * @throws IndexOutOfBoundsException if {@link #reserve} was not called for this slot
     */
    public Scratch slot(int slot) {
        return children[slot];
    }

    /** Rounded up, so that slowly growing requests do not allocate each time. */
    private static int grown(int length) {
        int step = Math.max(256, Integer.highestOneBit(length) >>> 2);
        long rounded = ((long) length + step - 1) / step * step;
        return (int) Math.min(rounded, Integer.MAX_VALUE - 8);
    }
}
