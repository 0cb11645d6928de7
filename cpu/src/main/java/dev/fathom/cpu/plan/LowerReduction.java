package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.cpu.simd.FloatReduce;

import java.util.ArrayList;
import java.util.List;

/** Reductions over one run of neighbouring axes at a time, each seen as (outer, reduced, inner). */
final class LowerReduction {
    /**
     * Elements per task; fixed, so that the order of summation does not depend on the number of
     * threads.
     */
    private static final int GRAIN = 1 << 15;

    private LowerReduction() {}

    static void lower(Lowering to, Equation e, Reduction op) {
        switch (op) {
            case Reduction.Over over -> reduce(to, e, over);
            case Reduction.ArgMax a -> along(to, e, a.axis(), ReduceKernels.argMax(dtype(to, e)));
            case Reduction.ArgMin a -> along(to, e, a.axis(), ReduceKernels.argMin(dtype(to, e)));
            case Reduction.CumSum c -> cumulate(to, e, c);
        }
    }

    private static DType dtype(Lowering to, Equation e) {
        return to.operand(e, 0).type().dtype();
    }

    private static void reduce(Lowering to, Equation e, Reduction.Over op) {
        var x = to.contiguous(e, 0);
        var y = to.result(e, 0);
        var groups = groups(op.axes(), x.shape());
        if (groups.isEmpty()) {
            to.copy(op.name(), x, View.whole(y.storage(), x.type()));
            return;
        }
        var kernel = ReduceKernels.of(op, x.type().dtype());
        for (int g = groups.size() - 1; g >= 0; g--) { // from the last axes to the first
            var group = groups.get(g);
            var shape = x.shape();
            int outer = shape.range(0, group[0]).length();
            int n = shape.range(group[0], group[1]).length();
            int inner = shape.range(group[1], shape.rank()).length();
            var rest = shape.range(0, group[0]).concat(shape.range(group[1], shape.rank()));
            var type = x.type().withShape(rest);
            var target =
                    g == 0
                            ? View.whole(y.storage(), type)
                            : View.whole(
                                    Storage.of(type.dtype(), rest.length(), Storage.Kind.TEMPORARY),
                                    type);
            step(to, op.name(), kernel, x, target, outer, n, inner);
            x = target;
        }
    }

    /**
     * Runs of neighbouring reduced axes (start, end), axes of size 1 included where they are
     * between.
     */
    private static List<int[]> groups(Axes axes, Shape shape) {
        var r = new ArrayList<int[]>();
        for (int i = 0; i < axes.size(); i++) {
            int a = axes.get(i);
            if (!r.isEmpty() && r.getLast()[1] == a) {
                r.getLast()[1] = a + 1;
            } else {
                r.add(new int[] {a, a + 1});
            }
        }
        return r;
    }

    private static void step(
            Lowering to,
            String name,
            ReduceKernels.Kernel kernel,
            View x,
            View y,
            int outer,
            int n,
            int inner) {
        long work = (long) outer * n * inner;
        var label = name + " " + outer + "x" + n + "x" + inner;
        if (kernel.joins() && inner == 1 && outer == 1 && n > 2 * GRAIN) {
            halves(to, label, kernel, x, y, n);
        } else if (kernel.joins() && outer == 1 && inner > 1 && work > 2 * GRAIN) {
            blocks(to, label, kernel, x, y, n, inner);
        } else {
            to.kernel(
                    label,
                    List.of(x),
                    List.of(y),
                    f -> {
                        var src = Lowering.array(f, x);
                        var dst = Lowering.array(f, y);
                        int s = Lowering.at(f, x);
                        int d = Lowering.at(f, y);
                        int each = n * inner;
                        int grain = Math.max(1, GRAIN / Math.max(1, each));
                        if (work <= GRAIN) {
                            rows(kernel, src, s, dst, d, 0, outer, n, inner);
                        } else {
                            f.workers.runRange(
                                    outer,
                                    grain,
                                    (p, q) -> rows(kernel, src, s, dst, d, p, q, n, inner));
                        }
                    });
        }
    }

    private static void rows(
            ReduceKernels.Kernel kernel,
            Object x,
            int xo,
            Object y,
            int yo,
            int from,
            int to,
            int n,
            int inner) {
        for (int r = from; r < to; r++) {
            if (inner == 1) {
                kernel.run(x, xo + r * n, n, y, yo + r);
            } else {
                kernel.rows(x, xo + r * n * inner, n, inner, y, yo + r * inner);
            }
        }
    }

    /**
     * One long run: cut where the serial kernel would cut it, so that the result has the same bits.
     */
    private static void halves(
            Lowering to, String name, ReduceKernels.Kernel kernel, View x, View y, int n) {
        var cuts = new ArrayList<int[]>();
        cut(cuts, 0, n);
        var partial = temporary(y.type(), cuts.size());
        to.kernel(
                name,
                List.of(x),
                List.of(y, partial),
                f -> {
                    var src = Lowering.array(f, x);
                    var parts = Lowering.array(f, partial);
                    int s = Lowering.at(f, x);
                    f.workers.run(
                            cuts.size(),
                            i -> kernel.run(src, s + cuts.get(i)[0], cuts.get(i)[1], parts, i));
                    combine(kernel, parts, new int[1], n);
                    System.arraycopy(parts, 0, Lowering.array(f, y), Lowering.at(f, y), 1);
                });
    }

    private static void cut(List<int[]> cuts, int start, int n) {
        if (n <= GRAIN) {
            cuts.add(new int[] {start, n});
            return;
        }
        int left = FloatReduce.split(n);
        cut(cuts, start, left);
        cut(cuts, start + left, n - left);
    }

    /**
     * Adds the partial results in the order of the cuts; the sum of parts[next..] lands at its
     * first place.
     */
    private static int combine(ReduceKernels.Kernel kernel, Object parts, int[] next, int n) {
        if (n <= GRAIN) {
            return next[0]++;
        }
        int left = FloatReduce.split(n);
        int a = combine(kernel, parts, next, left);
        int b = combine(kernel, parts, next, n - left);
        kernel.join(parts, a, b);
        return a;
    }

    /** Many rows of few columns: blocks of rows in parallel, then the blocks' results in order. */
    private static void blocks(
            Lowering to,
            String name,
            ReduceKernels.Kernel kernel,
            View x,
            View y,
            int n,
            int inner) {
        int rows = Math.max(16, GRAIN / inner);
        int count = (n + rows - 1) / rows;
        if (count == 1) {
            to.kernel(
                    name,
                    List.of(x),
                    List.of(y),
                    f ->
                            kernel.rows(
                                    Lowering.array(f, x),
                                    Lowering.at(f, x),
                                    n,
                                    inner,
                                    Lowering.array(f, y),
                                    Lowering.at(f, y)));
            return;
        }
        var partial = temporary(y.type(), count * inner);
        to.kernel(
                name,
                List.of(x),
                List.of(y, partial),
                f -> {
                    var src = Lowering.array(f, x);
                    var parts = Lowering.array(f, partial);
                    int s = Lowering.at(f, x);
                    f.workers.run(
                            count,
                            i ->
                                    kernel.rows(
                                            src,
                                            s + i * rows * inner,
                                            Math.min(rows, n - i * rows),
                                            inner,
                                            parts,
                                            i * inner));
                    kernel.rows(parts, 0, count, inner, Lowering.array(f, y), Lowering.at(f, y));
                });
    }

    private static View temporary(TensorType like, int length) {
        var type = like.withShape(Shape.of(length));
        return View.whole(Storage.of(type.dtype(), length, Storage.Kind.TEMPORARY), type);
    }

    private static void along(Lowering to, Equation e, int axis, ReduceKernels.Kernel kernel) {
        var x = to.contiguous(e, 0);
        var shape = x.shape();
        step(
                to,
                e.op().name(),
                kernel,
                x,
                to.result(e, 0),
                shape.range(0, axis).length(),
                shape.dim(axis),
                shape.range(axis + 1, shape.rank()).length());
    }

    private static void cumulate(Lowering to, Equation e, Reduction.CumSum op) {
        var x = to.contiguous(e, 0);
        var y = to.result(e, 0);
        var shape = x.shape();
        int outer = shape.range(0, op.axis()).length();
        int n = shape.dim(op.axis());
        int inner = shape.range(op.axis() + 1, shape.rank()).length();
        var kernel = ReduceKernels.cumulative(x.type().dtype(), op.reverse());
        to.kernel(
                op.name(),
                List.of(x),
                List.of(y),
                f ->
                        f.workers.runRange(
                                outer,
                                Math.max(1, GRAIN / Math.max(1, n * inner)),
                                (p, q) -> {
                                    for (int r = p; r < q; r++) {
                                        int at = r * n * inner;
                                        kernel.run(
                                                Lowering.array(f, x),
                                                Lowering.at(f, x) + at,
                                                Lowering.array(f, y),
                                                Lowering.at(f, y) + at,
                                                n,
                                                inner);
                                    }
                                }));
    }
}
