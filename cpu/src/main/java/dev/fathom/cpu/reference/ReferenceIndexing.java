package dev.fathom.cpu.reference;

import dev.fathom.core.error.IndexException;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import java.util.Arrays;
import java.util.List;

/** Operations whose positions are data. All indices are checked before anything is read. */
final class ReferenceIndexing {
    private ReferenceIndexing() {}

    static Values run(Indexing op, List<Values> x, TensorType to) {
        return switch (op) {
            case Indexing.Gather g -> gather(g, x.get(0), x.get(1), to);
            case Indexing.ScatterAdd s -> scatterAdd(s, x.get(0), x.get(1), x.get(2), to);
            case Indexing.DynamicSlice s -> {
                int corner = corner(s, x.get(0), s.sizes(), x.get(1));
                int[] steps = x.get(0).shape().strides();
                var y = Values.zeros(to);
                Positions.each(
                        s.sizes(),
                        (i, p) -> y.put(i, x.get(0), corner + Positions.index(p, steps)));
                yield y;
            }
            case Indexing.DynamicUpdate u -> {
                var window = x.get(1);
                int corner = corner(u, x.get(0), window.shape(), x.get(2));
                int[] steps = to.shape().strides();
                var y = x.get(0).copy();
                Positions.each(
                        window.shape(),
                        (i, p) -> y.put(corner + Positions.index(p, steps), window, i));
                yield y;
            }
        };
    }

    /** The index of the first element of a window that must lie inside {@code x}. */
    private static int corner(Primitive op, Values x, Shape window, Values start) {
        int[] at = start.indices();
        for (int axis = 0; axis < at.length; axis++) {
            int room = x.shape().dim(axis) - window.dim(axis);
            if (at[axis] < 0 || at[axis] > room) {
                throw new IndexException(
                        op.name()
                                + ": start "
                                + at[axis]
                                + " along axis "
                                + axis
                                + " puts a window of size "
                                + window.dim(axis)
                                + " outside the axis of size "
                                + x.shape().dim(axis)
                                + "; starts run from 0 to "
                                + room);
            }
        }
        return Positions.index(at, x.shape().strides());
    }

    private static void check(Primitive op, int axis, Values x, Values indices) {
        int size = x.shape().dim(axis);
        int[] v = indices.indices();
        Positions.each(
                indices.shape(),
                (i, p) -> {
                    if (v[i] < 0 || v[i] >= size) {
                        throw new IndexException(
                                op.name()
                                        + ": index "
                                        + v[i]
                                        + " at position "
                                        + Arrays.toString(p)
                                        + " of the indices is outside axis "
                                        + axis
                                        + " of "
                                        + x.type()
                                        + ", which has size "
                                        + size);
                    }
                });
    }

    /**
     * For each position B+P+J+S of the picked elements, the index in x of shape B+P+(n)+S that it
     * stands for; |B| = shared, |B|+|P| = axis, and indices have shape B+J.
     */
    private static int[] origins(int axis, int shared, Shape x, Values indices, Shape picked) {
        int[] steps = x.strides();
        int[] indexSteps = indices.shape().strides();
        int[] v = indices.indices();
        int own = indices.shape().rank() - shared; // |J|
        var origins = new int[picked.length()];
        Positions.each(
                picked,
                (i, p) -> {
                    int which = 0;
                    for (int b = 0; b < shared; b++) {
                        which += p[b] * indexSteps[b];
                    }
                    for (int j = 0; j < own; j++) {
                        which += p[axis + j] * indexSteps[shared + j];
                    }
                    int at = v[which] * steps[axis];
                    for (int a = 0; a < axis; a++) {
                        at += p[a] * steps[a];
                    }
                    for (int a = axis + 1; a < steps.length; a++) {
                        at += p[a - 1 + own] * steps[a];
                    }
                    origins[i] = at;
                });
        return origins;
    }

    private static Values gather(Indexing.Gather op, Values x, Values indices, TensorType to) {
        check(op, op.axis(), x, indices);
        int[] origins = origins(op.axis(), op.shared(), x.shape(), indices, to.shape());
        var y = Values.zeros(to);
        for (int i = 0; i < origins.length; i++) {
            y.put(i, x, origins[i]);
        }
        return y;
    }

    private static Values scatterAdd(
            Indexing.ScatterAdd op, Values x, Values indices, Values updates, TensorType to) {
        check(op, op.axis(), x, indices);
        int[] targets = origins(op.axis(), op.shared(), x.shape(), indices, updates.shape());
        if (x.isReal()) {
            double[] y = x.reals();
            double[] u = updates.reals();
            for (int i = 0; i < u.length; i++) {
                y[targets[i]] += u[i];
            }
            return Values.ofReals(to, y);
        }
        long[] y = x.wholes();
        long[] u = updates.wholes();
        for (int i = 0; i < u.length; i++) {
            y[targets[i]] += u[i];
        }
        return Values.ofWholes(to, y);
    }
}
