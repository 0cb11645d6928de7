package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Rows;
import dev.fathom.core.graph.Work;
import dev.fathom.core.op.Control;
import dev.fathom.cpu.workers.Workers;

import java.util.List;

/**
 * Loops over the slices of arrays. The carry goes to and fro between the results and a second room;
 * slices are bound where they lie in the stacked arrays, so nothing is copied from step to step.
 *
 * <p>Where a step treats the rows of the carry each on its own ({@link Rows}), the loop runs for a
 * few rows from beginning to end, then for the next few: the threads share the rows and meet once a
 * loop instead of several times a step, and the state of a few rows stays in the cache. Rows are
 * divided by the sizes alone.
 */
final class LowerScan {
    /** About so many parts, if they have rows enough. */
    private static final int PARTS = 8;

    /** Fewer rows than this make poor matrix products. */
    private static final int LEAST_ROWS = 8;

    /** Below so many operations, dividing a loop saves nothing. */
    private static final long LEAST_WORK = 1 << 20;

    private final Control.Scan scan;
    private final List<View> in;
    private final List<View> carry;
    private final List<View> spare;
    private final List<View> outputs;

    /** Elements of a row of each input of a step; 0 where all rows read the whole. */
    private final int[] inRow;

    /** Elements of a row of each output of a step. */
    private final int[] outRow;

    /** Elements of what one step reads of each input, and writes of each stacked output. */
    private final int[] inSlice;

    private final int[] outSlice;

    private LowerScan(Control.Scan scan, List<View> in, List<View> out, int[] inRow, int[] outRow) {
        this.scan = scan;
        this.in = in;
        carry = out.subList(0, scan.carry());
        outputs = out.subList(scan.carry(), out.size());
        spare = LowerControl.room(carry);
        this.inRow = inRow;
        this.outRow = outRow;
        int length = Math.max(1, scan.length());
        inSlice = in.stream().mapToInt(v -> v.length() / length).toArray();
        outSlice = outputs.stream().mapToInt(v -> v.length() / length).toArray();
    }

    static void lower(Lowering to, Control.Scan scan, List<View> in, List<View> out) {
        var step = scan.body(); // simplified with the program around it
        var rows = Rows.of(step, scan.constants(), scan.carry());
        long work = scan.length() * step.equations().stream().mapToLong(Work::flop).sum();
        if (rows == null || rows.count() < 2 * LEAST_ROWS || work < LEAST_WORK) {
            whole(to, scan, in, out, step);
        } else {
            divided(to, scan, in, out, rows);
        }
    }

    private static void whole(
            Lowering to, Control.Scan scan, List<View> in, List<View> out, Graph step) {
        var loop = new LowerScan(scan, in, out, new int[in.size()], new int[out.size()]);
        var plan = Planner.plan(step);
        int child = to.child(plan);
        to.kernel(
                "scan " + scan.length(),
                in,
                LowerControl.join(out, loop.spare),
                f -> loop.run(f, f.child(child, plan), plan, 0));
    }

    private static void divided(
            Lowering to, Control.Scan scan, List<View> in, List<View> out, Rows rows) {
        var inRow = new int[in.size()];
        for (int i = 0; i < inRow.length; i++) {
            int slices = i < scan.constants() + scan.carry() ? 1 : scan.length();
            inRow[i] = rows.divides(i) ? in.get(i).length() / slices / rows.count() : 0;
        }
        var outRow = new int[out.size()];
        for (int i = 0; i < outRow.length; i++) {
            int slices = i < scan.carry() ? 1 : scan.length();
            outRow[i] = out.get(i).length() / slices / rows.count();
        }
        var loop = new LowerScan(scan, in, out, inRow, outRow);
        int each = Math.max(LEAST_ROWS, (rows.count() - 1) / PARTS + 1);
        int parts = (rows.count() - 1) / each + 1;
        int last = rows.count() - (parts - 1) * each;
        var plan = Planner.plan(rows.step(each));
        var lastPlan = last == each ? plan : Planner.plan(rows.step(last));
        int child = to.child(plan);
        int lastChild = last == each ? child : to.child(lastPlan);
        to.kernel(
                "scan " + scan.length() + " in " + parts + " parts",
                in,
                LowerControl.join(out, loop.spare),
                f -> {
                    Workers.SlotTask part =
                            (i, worker) -> {
                                var p = i < parts - 1 ? plan : lastPlan;
                                int number = i < parts - 1 ? child : lastChild;
                                loop.run(f, f.child(number, worker, p), p, i * each);
                            };
                    f.workers.run(parts, part);
                });
    }

    /** All steps for the rows of a plan, the first of which is row {@code first}. */
    private void run(Frame f, Frame inner, Plan plan, int first) {
        int constants = scan.constants();
        int k = scan.carry();
        int length = scan.length();
        var start = in.subList(constants, constants + k);
        if (length == 0) {
            LowerControl.move(f, start, carry);
            return;
        }
        for (int i = 0; i < constants; i++) {
            bind(f, inner, plan.inputs()[i], in.get(i), first * inRow[i]);
        }
        for (int step = 0; step < length; step++) {
            int t = scan.reverse() ? length - 1 - step : step;
            boolean toResult = (length - 1 - step) % 2 == 0; // the last step writes the results
            for (int i = 0; i < k; i++) {
                int row = first * outRow[i];
                int from = plan.inputs()[constants + i];
                int to = plan.outputs()[i];
                if (step == 0) {
                    bind(f, inner, from, start.get(i), row);
                } else {
                    inner.swap(from, to); // what was written is read now
                }
                if (step < 2) {
                    bind(f, inner, to, (toResult ? carry : spare).get(i), row);
                }
            }
            for (int i = constants + k; i < in.size(); i++) {
                int at = t * inSlice[i] + first * inRow[i];
                bind(f, inner, plan.inputs()[i], in.get(i), at);
            }
            for (int i = 0; i < outputs.size(); i++) {
                int at = t * outSlice[i] + first * outRow[k + i];
                bind(f, inner, plan.outputs()[k + i], outputs.get(i), at);
            }
            plan.run(inner);
        }
    }

    private static void bind(Frame f, Frame inner, int slot, View v, int offset) {
        inner.bind(slot, Lowering.array(f, v), Lowering.at(f, v) + offset);
    }
}
