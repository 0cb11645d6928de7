package dev.fathom.core.graph;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Contraction.Dot;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Custom;
import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.op.Ordering;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Solving;
import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.op.Window;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program that does the same for many members, such as the training step of many nets made by
 * {@code vmap}, as a loop over groups of them: what a group computes stays in the cache, and groups
 * are shared out among threads with nothing to wait for in between. Large members come one at a
 * time; of small ones a group is as many as a few vectors have lanes, and inside the loop their
 * axis is the last, so that a lane is a member.
 *
 * <p>Which axis of a value counts the members is found backwards from the results, whose first axis
 * it is. A value that is the same for all members is computed before the loop. The program is left
 * alone where an operation mixes members or has no rule here, where members are few or small, and
 * where products with a shared operand are better done at once for all.
 */
public final class Members {
    /** The same for all members. */
    private static final int WHOLE = -1;

    private static final int UNKNOWN = -2;

    /** Products with weights of a member's own that a program must have. */
    private static final int PRODUCTS = 2;

    /** From so many elements on, over all members and lines, a loop is worth it. */
    private static final long LARGE = 1 << 18;

    /** Operations from which on a member is large enough to be computed alone. */
    private static final long ALONE = 1 << 19;

    /** Elements that the largest value of a group of small members may have. */
    private static final int GROUP_ELEMENTS = 1 << 15;

    /** Of fewer small members it is not worth it to make a group. */
    private static final int LANES = 16;

    private final Graph graph;
    private final int members;
    private final int[] axis;
    private final List<Equation> inside = new ArrayList<>();

    /** What values outside the loop are called inside. */
    private final Map<Atom, Atom> names = new HashMap<>();

    /** Values that the loop is given, and their names there. */
    private final Map<Atom, Atom.Var> shared = new LinkedHashMap<>();

    /** The lines outside the loop that make values. */
    private final Map<Atom, Equation> definitions = new HashMap<>();

    private int count;

    /** Members of a group. */
    private int group;

    private Members(Graph graph, int members) {
        this.graph = graph;
        this.members = members;
        this.axis = new int[graph.variables()];
        this.count = graph.variables();
        Arrays.fill(axis, UNKNOWN);
    }

    /** The loop for a simplified program, or the program itself. */
    public static Graph rewrite(Graph graph) {
        long products = graph.equations().stream().filter(Members::hasBatch).count();
        var first = graph.outputs().stream().map(a -> a.type().shape()).findFirst();
        if (products < PRODUCTS || first.isEmpty() || first.get().rank() == 0) {
            return graph;
        }
        var m = new Members(apart(graph), first.get().dim(0));
        m.group = m.divided() ? m.group() : 0;
        return m.group == 0 ? graph : m.loop();
    }

    /**
     * Every reader of a repeated number gets a line of its own, which costs nothing: to one of them
     * an axis of it may count the members, and to another a batch of the same size.
     */
    private static Graph apart(Graph graph) {
        return Rewriting.of(
                graph,
                (r, e) -> {
                    var operands = e.operands().stream().map(a -> copied(r, a)).toList();
                    return e.results().size() != 1 || operands.equals(e.operands())
                            ? null
                            : r.apply(e.op(), operands);
                });
    }

    private static Atom copied(Rewriting r, Atom a) {
        var e = r.definition(a);
        return e != null
                        && e.op() instanceof Structural.Broadcast
                        && e.operands().getFirst().type().shape().rank() == 0
                ? r.apply(e.op(), e.operands())
                : a;
    }

    private static boolean hasBatch(Equation e) {
        return e.op() instanceof Dot d && d.leftBatch().size() > 0;
    }

    // ---- which axis counts the members ---------------------------------------------------------

    private boolean divided() {
        for (var out : graph.outputs()) {
            var shape = out.type().shape();
            if (!require(out, shape.rank() > 0 && shape.dim(0) == members ? 0 : WHOLE)) {
                return false;
            }
        }
        for (var e : graph.equations().reversed()) {
            boolean whole = e.results().stream().allMatch(v -> axis[v.id()] < 0);
            var line = whole ? null : divide(e);
            if (!whole && (line == null || !worth(e, line))) {
                return false;
            }
            for (int i = 0; i < e.operands().size(); i++) {
                if (!require(e.operands().get(i), line == null ? WHOLE : line.axes()[i])) {
                    return false;
                }
            }
        }
        return graph.inputs().stream().allMatch(v -> axis[v.id()] <= 0);
    }

    private boolean require(Atom a, int wanted) {
        return switch (a) {
            case Atom.Constant _ -> wanted == WHOLE;
            case Atom.Var v -> {
                if (axis[v.id()] == UNKNOWN) {
                    axis[v.id()] = wanted;
                }
                yield axis[v.id()] == wanted;
            }
        };
    }

    /** A large operand that all members share is better multiplied once for all. */
    private boolean worth(Equation e, Line line) {
        if (!(e.op() instanceof Dot)) {
            return true;
        }
        long own = e.results().getFirst().type().shape().size() / members;
        long shared = 0;
        for (int i = 0; i < 2; i++) {
            long size = e.operands().get(i).type().shape().size();
            if (line.axes()[i] == WHOLE) {
                shared = size;
            } else {
                own = Math.max(own, size / members);
            }
        }
        return shared <= own;
    }

    /** How many members a group has; 0 if there is to be no loop. */
    private int group() {
        long elements = 0;
        long flop = 0;
        long largest = 1;
        for (var e : graph.equations()) {
            if (axis[e.results().getFirst().id()] >= 0) {
                long size = e.results().getFirst().type().shape().size();
                elements += size;
                flop += Work.flop(e);
                largest = Math.max(largest, size / members);
            }
        }
        if (elements < LARGE) {
            return 0;
        }
        if (flop / members >= ALONE) {
            return 1;
        }
        for (long g = Math.min(members, GROUP_ELEMENTS / largest); g >= LANES; g--) {
            if (members % g == 0) {
                return (int) g;
            }
        }
        return 0;
    }

    // ---- one line for one group ----------------------------------------------------------------

    /**
     * A line for a group.
     *
     * @param axes of the operands, which count the members; {@link #WHOLE} where they are shared
     * @param op on operands with the members last
     * @param at the axis of its result that counts the members, to be moved to the end
     */
    private record Line(int[] axes, Primitive op, int at) {}

    /** Null if the members are not divided by this operation. */
    private @Nullable Line divide(Equation e) {
        if (e.results().size() != 1) {
            return null;
        }
        int p = axis[e.results().getFirst().id()];
        var shape = e.results().getFirst().type().shape();
        int last = shape.rank() - 1;
        return switch (e.op()) {
            case Elementwise op -> {
                var axes = new int[op.arity()];
                Arrays.fill(axes, p);
                yield new Line(axes, op, last);
            }
            case Structural op -> structural(op, e, p);
            case Reduction.Over op -> {
                int rank = e.operands().getFirst().type().shape().rank();
                int q = op.axes().complement(rank).get(p);
                yield new Line(new int[] {q}, op.over(without(op.axes(), q)), last);
            }
            case Dot op -> product(op, e, p);
            case Reduction _,
                    Contraction _,
                    Source _,
                    Indexing _,
                    Window _,
                    Ordering _,
                    Solving _,
                    Decomposition _,
                    Custom _,
                    Control _ ->
                    null;
        };
    }

    private @Nullable Line structural(Structural op, Equation e, int p) {
        var from = e.operands().getFirst().type().shape();
        var to = e.results().getFirst().type().shape();
        int last = to.rank() - 1;
        return switch (op) {
            case Structural.Reshape _ -> {
                long before = to.range(0, p).size();
                int q = 0;
                while (q < from.rank()
                        && (from.dim(q) != members || from.range(0, q).size() != before)) {
                    q++;
                }
                yield q == from.rank()
                        ? null
                        : new Line(new int[] {q}, new Structural.Reshape(last(to, p)), last);
            }
            case Structural.Transpose t -> {
                int q = t.order().get(p);
                var order = without(t.order(), q).concat(Axes.of(last));
                yield new Line(new int[] {q}, new Structural.Transpose(order), last);
            }
            case Structural.Broadcast b -> {
                int k = b.dims().indexOf(p);
                var dims = without(b.dims(), p);
                yield new Line(
                        new int[] {k},
                        new Structural.Broadcast(
                                last(to, p), k < 0 ? dims : dims.concat(Axes.of(last))),
                        last);
            }
            case Structural.Slice _,
                    Structural.Pad _,
                    Structural.Concatenate _,
                    Structural.Reverse _ ->
                    null;
        };
    }

    private Line product(Dot d, Equation e, int p) {
        int left = e.operands().get(0).type().shape().rank();
        int right = e.operands().get(1).type().shape().rank();
        int batch = d.leftBatch().size();
        var leftFree = d.leftFree(left);
        int l = WHOLE;
        int r = WHOLE;
        int at = left + right - 2 * d.leftContract().size() - batch - 1; // the last of the result
        if (p < batch) {
            l = d.leftBatch().get(p);
            r = d.rightBatch().get(p);
            at = 0;
        } else if (p < batch + leftFree.size()) {
            l = leftFree.get(p - batch);
            at = batch + leftFree.size() - 1;
        } else {
            r = d.rightFree(right).get(p - batch - leftFree.size());
        }
        var leftBatch = without(d.leftBatch(), l);
        var rightBatch = without(d.rightBatch(), r);
        var op =
                new Dot(
                        without(d.leftContract(), l),
                        without(d.rightContract(), r),
                        p < batch ? leftBatch.prepend(left - 1) : leftBatch,
                        p < batch ? rightBatch.prepend(right - 1) : rightBatch);
        return new Line(new int[] {l, r}, op, at);
    }

    /** Axes as they are numbered when axis {@code q} has become the last; without it. */
    private static Axes without(Axes axes, int q) {
        return q == WHOLE
                ? axes
                : Axes.of(
                        Arrays.stream(axes.toArray())
                                .filter(a -> a != q)
                                .map(a -> a > q ? a - 1 : a)
                                .toArray());
    }

    /** A shape with the members of a group last instead of all at axis {@code p}. */
    private Shape last(Shape shape, int p) {
        return shape.without(Axes.of(p)).concat(Shape.of(group));
    }

    // ---- the loop ------------------------------------------------------------------------------

    /** What is shared, a loop over groups with all else inside, and its results. */
    private Graph loop() {
        var outside = new ArrayList<Equation>();
        var stacked = new ArrayList<Atom>();
        var slices = new ArrayList<Atom.Var>();
        for (var v : graph.inputs()) {
            if (axis[v.id()] == 0) {
                var slice = fresh(v.type().withShape(v.type().shape().with(0, group)));
                slices.add(slice);
                stacked.add(
                        reshaped(outside, v, v.type().shape().with(0, group).prepend(groups())));
                names.put(
                        v,
                        turned(
                                slice,
                                Axes.range(1, slice.type().shape().rank()).concat(Axes.of(0)),
                                ""));
            }
        }
        for (var e : graph.equations()) {
            var line = axis[e.results().getFirst().id()] < 0 ? null : divide(e);
            if (line == null) {
                outside.add(e);
                e.results().forEach(v -> definitions.put(v, e));
                continue;
            }
            var operands = e.operands().stream().map(this::inside).toList();
            var y = add(inside, line.op(), operands, e.layer());
            var at = Axes.of(line.at());
            names.put(
                    e.results().getFirst(),
                    turned(y, at.complement(y.type().shape().rank()).concat(at), e.layer()));
        }
        var results = new ArrayList<Atom>();
        for (var out : graph.outputs().stream().filter(this::isDivided).toList()) {
            var y = names.getOrDefault(out, out);
            int last = y.type().shape().rank() - 1;
            results.add(turned(y, Axes.range(0, last).prepend(last), ""));
        }
        var parameters = new ArrayList<>(shared.values());
        parameters.addAll(slices);
        var operands = new ArrayList<Atom>(shared.keySet());
        operands.addAll(stacked);
        var body = Graph.of(parameters, inside, results);
        var scan = new Control.Scan(body, shared.size(), 0, groups(), false);
        var loop =
                scan.types(operands.stream().map(Atom::type).toList()).stream()
                        .map(this::fresh)
                        .toList();
        outside.add(new Equation(scan, operands, loop, ""));
        var rows = loop.iterator();
        var outputs = new ArrayList<Atom>();
        for (var out : graph.outputs()) {
            outputs.add(isDivided(out) ? reshaped(outside, rows.next(), out.type().shape()) : out);
        }
        return Graph.of(graph.inputs(), outside, outputs);
    }

    private int groups() {
        return members / group;
    }

    private boolean isDivided(Atom a) {
        return a instanceof Atom.Var v && axis[v.id()] >= 0;
    }

    private Atom.Var fresh(TensorType type) {
        return new Atom.Var(count++, type);
    }

    private Atom.Var add(List<Equation> lines, Primitive op, List<Atom> operands, String layer) {
        var y = fresh(op.types(operands.stream().map(Atom::type).toList()).getFirst());
        lines.add(new Equation(op, operands, List.of(y), layer));
        return y;
    }

    private Atom reshaped(List<Equation> lines, Atom x, Shape shape) {
        return add(lines, new Structural.Reshape(shape), List.of(x), "");
    }

    private Atom turned(Atom x, Axes order, String layer) {
        return order.isIdentity()
                ? x
                : add(inside, new Structural.Transpose(order), List.of(x), layer);
    }

    /** A value inside the loop; one that is shared is given to it, or seen there in another way. */
    private Atom inside(Atom a) {
        if (a instanceof Atom.Constant || names.containsKey(a)) {
            return names.getOrDefault(a, a);
        }
        var e = definitions.get(a);
        Atom x;
        if (e != null && e.op() instanceof Structural && e.operands().size() == 1) {
            x = add(inside, e.op(), List.of(inside(e.operands().getFirst())), e.layer());
        } else {
            var v = fresh(a.type());
            shared.put(a, v);
            x = v;
        }
        names.put(a, x);
        return x;
    }
}
