package dev.fathom.cpu.plan;

import dev.fathom.core.op.Reduction;
import dev.fathom.core.tensor.Shape;

import org.jspecify.annotations.Nullable;

/**
 * A reduction that a region does along with its elementwise operations, tile by tile, so that its
 * operand need not pass through memory: over the last axes, each run inside one tile, or over the
 * first axes, where every tile gives a partial result and the partial results are combined in their
 * order.
 *
 * @param each the elements of a run, or the columns where the first axes are reduced
 * @param partial memory for the partial results; the result itself where runs are reduced
 */
record Total(
        ReduceKernels.Kernel kernel,
        String name,
        boolean runs,
        int each,
        Storage result,
        Storage partial) {
    /** A tile holds several rows of so many columns, or several runs. */
    static final int MOST = 1024;

    /** What a reduction is as part of a region. */
    record Form(boolean runs, int each) {}

    /** The form of a reduction of an array of this shape, if a region can do it. */
    static @Nullable Form form(Reduction.Over op, Shape shape) {
        int reduced = op.axes().size();
        int rank = shape.rank();
        if (reduced == 0 || shape.length() == 0) {
            return null;
        }
        int first = op.axes().get(0);
        boolean neighbours = op.axes().get(reduced - 1) - first == reduced - 1;
        int inside = shape.range(first, Math.min(rank, first + reduced)).length();
        int outside = shape.length() / inside;
        if (neighbours && first == 0 && outside <= MOST && inside > 1) {
            return new Form(false, outside);
        }
        if (neighbours && first + reduced == rank && inside <= MOST && inside > 1) {
            return new Form(true, inside);
        }
        return null;
    }

    static Total of(Reduction.Over op, Form form, View result, int tiles) {
        var dtype = result.type().dtype(); // which these reductions keep
        var storage = result.storage();
        return new Total(
                ReduceKernels.of(op, dtype),
                op.name(),
                form.runs(),
                form.each(),
                storage,
                form.runs()
                        ? storage
                        : Storage.of(dtype, tiles * form.each(), Storage.Kind.TEMPORARY));
    }

    /** The same for so many tiles. */
    Total over(int tiles) {
        var memory =
                runs ? partial : Storage.of(partial.dtype(), tiles * each, Storage.Kind.TEMPORARY);
        return new Total(kernel, name, runs, each, result, memory);
    }

    /** Takes {@code n} elements, whose first has number {@code start}, of the tile of a number. */
    void take(Frame f, Object x, int xo, int n, int start, int tile) {
        var to = f.arrays[partial.slot];
        int at = f.offsets[partial.slot];
        if (runs) {
            int first = start / each;
            for (int r = 0; r < n / each; r++) {
                kernel.run(x, xo + r * each, each, to, at + first + r);
            }
        } else if (each == 1) {
            kernel.run(x, xo, n, to, at + tile);
        } else {
            kernel.rows(x, xo, n / each, each, to, at + tile * each);
        }
    }

    /** Combines the partial results. */
    void finish(Frame f, int tiles) {
        if (runs) {
            return;
        }
        var x = f.arrays[partial.slot];
        int xo = f.offsets[partial.slot];
        var y = f.arrays[result.slot];
        int yo = f.offsets[result.slot];
        if (each == 1) {
            kernel.run(x, xo, tiles, y, yo);
        } else {
            kernel.rows(x, xo, tiles, each, y, yo);
        }
    }
}
