package dev.fathom.core.graph;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The step of a loop that treats the rows of its state each on its own, as a recurrent network
 * treats the sequences of a batch. Such a loop can be run for some rows from its first step to its
 * last without regard to the others.
 *
 * <p>Rows lie along the first axis of the state and of what a step reads and writes. Inside the
 * step they are followed from axis to axis; an operation that would mix them, such as a mean over
 * the batch, means that there is no such split.
 */
public final class Rows {
    /** A value that is the same for all rows. */
    private static final int WHOLE = -1;

    /** An operation that mixes rows, or of which it is not known. */
    private static final int MIXED = -2;

    private final Graph step;
    private final int fixed;
    private final int count;

    /** The axis along which the rows of a variable lie. */
    private final int[] axes;

    /** Variables that are the same for all rows by themselves, but are met by rows. */
    private final Map<Integer, Integer> met = new HashMap<>();

    private Rows(Graph step, int fixed, int count) {
        this.step = step;
        this.fixed = fixed;
        this.count = count;
        this.axes = new int[step.variables()];
    }

    /**
     * The rows of a step.
     *
     * @param step takes what is fixed, the state, and what is read at a step; gives the next state
     *     and what is written
     * @param fixed how many inputs are the same at every step
     * @param state how many values the state has
     * @return null if the step mixes rows, or if there is but one
     */
    public static @Nullable Rows of(Graph step, int fixed, int state) {
        if (state == 0 || step.inputs().get(fixed).type().shape().rank() == 0) {
            return null;
        }
        int count = step.inputs().get(fixed).type().shape().dim(0);
        var rows = new Rows(step, fixed, count);
        int known;
        do {
            known = rows.met.size();
            if (count < 2 || !rows.follow(state)) {
                return null;
            }
        } while (rows.met.size() > known);
        return rows;
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** Whether input {@code i} is divided by rows; otherwise all rows read the whole of it. */
    public boolean divides(int i) {
        return axes[step.inputs().get(i).id()] == 0;
    }

    /** The step for so many rows; as simple as it was. */
    public Graph step(int rows) {
        var r = new Rewriting(step);
        var inputs = new ArrayList<Atom.Var>();
        for (var v : step.inputs()) {
            var type = v.type();
            inputs.add(r.variable(axes[v.id()] >= 0 ? type.withShape(fewer(v, rows)) : type));
            r.replace(v, inputs.getLast());
        }
        r.write((_, e) -> r.applyAll(fewer(e, rows), e.operands()));
        return r.graph(inputs, r.names(step.outputs())).markSimple();
    }

    private Shape fewer(Atom.Var v, int rows) {
        return v.type().shape().with(axes[v.id()], rows);
    }

    /** The operation with its own shapes for so many rows. */
    private Primitive fewer(Equation e, int rows) {
        var v = e.results().getFirst();
        if (axes[v.id()] < 0) {
            return e.op();
        }
        var shape = fewer(v, rows);
        return switch (e.op()) {
            case Structural.Reshape _ -> new Structural.Reshape(shape);
            case Structural.Broadcast b -> new Structural.Broadcast(shape, b.dims());
            case Structural.Slice s -> {
                var limit = Axes.of(Shape.of(s.limit().toArray()).with(axes[v.id()], rows).dims());
                yield new Structural.Slice(s.start(), limit, s.stride());
            }
            case Source.Iota i -> new Source.Iota(shape, i.axis(), i.dtype());
            case Primitive p -> p;
        };
    }

    // ---- where the rows are --------------------------------------------------------------------

    private boolean follow(int state) {
        Arrays.fill(axes, WHOLE);
        for (int i = 0; i < step.inputs().size(); i++) {
            var v = step.inputs().get(i);
            boolean divided = i < fixed ? met.containsKey(v.id()) : hasRows(v, 0);
            axes[v.id()] = divided ? 0 : WHOLE;
        }
        for (var e : step.equations()) {
            int axis = place(e);
            if (axis == MIXED) {
                return false;
            }
            e.results().forEach(v -> axes[v.id()] = axis);
        }
        for (int i = 0; i < state; i++) {
            if (!divides(fixed + i)) {
                return false;
            }
        }
        return step.outputs().stream().allMatch(a -> meet(a, 0));
    }

    private boolean hasRows(Atom a, int axis) {
        var shape = a.type().shape();
        return axis >= 0 && axis < shape.rank() && shape.dim(axis) == count;
    }

    private int axis(Atom a) {
        return switch (a) {
            case Atom.Var v -> axes[v.id()];
            case Atom.Constant _ -> WHOLE;
        };
    }

    /** Whether {@code a} has rows along {@code axis}, or can be given them, being all the same. */
    private boolean meet(Atom a, int axis) {
        if (axis(a) != WHOLE || !(a instanceof Atom.Var v) || !hasRows(a, axis)) {
            return axis(a) == axis;
        }
        var e = step.definition(v);
        boolean can =
                e == null
                        ? axis == 0
                        : switch (e.op()) {
                            case Structural.Broadcast b ->
                                    !b.dims().contains(axis)
                                            || meet(
                                                    e.operands().getFirst(),
                                                    b.dims().indexOf(axis));
                            case Structural.Reshape r ->
                                    meet(
                                            e.operands().getFirst(),
                                            reshaped(
                                                    r.shape(),
                                                    axis,
                                                    e.operands().getFirst().type().shape()));
                            case Source.Iota i -> i.axis() != axis;
                            case Elementwise _ ->
                                    e.operands().stream().allMatch(x -> meet(x, axis));
                            case Primitive _ -> false;
                        };
        if (can) {
            met.put(v.id(), axis);
            axes[v.id()] = axis;
        }
        return can;
    }

    /** The axis along which the rows of a result lie. */
    private int place(Equation e) {
        var operands = e.operands();
        if (operands.stream().allMatch(a -> axis(a) == WHOLE)) {
            return met.getOrDefault(e.results().getFirst().id(), WHOLE);
        }
        int axis = axis(operands.getFirst());
        return switch (e.op()) {
            case Elementwise _ -> common(operands);
            case Structural.Concatenate c ->
                    c.axis() == common(operands) ? MIXED : common(operands);
            case Structural.Reshape r ->
                    reshaped(operands.getFirst().type().shape(), axis, r.shape());
            case Structural.Transpose t -> t.order().indexOf(axis);
            case Structural.Broadcast b -> b.dims().get(axis);
            case Structural.Slice s ->
                    s.start().get(axis) == 0
                                    && s.limit().get(axis) == count
                                    && s.stride().get(axis) == 1
                            ? axis
                            : MIXED;
            case Structural.Pad p ->
                    p.low().get(axis) + p.high().get(axis) + p.inner().get(axis) == 0
                            ? axis
                            : MIXED;
            case Structural.Reverse r -> r.axes().contains(axis) ? MIXED : axis;
            case Reduction.Over o ->
                    o.axes().contains(axis)
                            ? MIXED
                            : o.axes().complement(rank(operands.getFirst())).indexOf(axis);
            case Contraction.Dot d -> product(d, operands.get(0), operands.get(1));
            case Primitive _ -> MIXED;
        };
    }

    private static int rank(Atom a) {
        return a.type().shape().rank();
    }

    /** The one axis of all operands. */
    private int common(List<Atom> operands) {
        int axis = operands.stream().mapToInt(this::axis).max().orElse(WHOLE);
        return operands.stream().allMatch(a -> meet(a, axis)) ? axis : MIXED;
    }

    /** The axis of the other shape with as many elements before it. */
    private int reshaped(Shape from, int axis, Shape to) {
        for (int other = 0; other < to.rank(); other++) {
            if (to.dim(other) == count && from.range(0, axis).size() == to.range(0, other).size()) {
                return other;
            }
        }
        return MIXED;
    }

    private int product(Contraction.Dot d, Atom left, Atom right) {
        int a = axis(left);
        int b = axis(right);
        var leftFree = d.leftFree(rank(left));
        var rightFree = d.rightFree(rank(right));
        int batch = d.leftBatch().size();
        if (a >= 0 && d.leftBatch().contains(a)) {
            int at = d.leftBatch().indexOf(a);
            return meet(right, d.rightBatch().get(at)) ? at : MIXED;
        }
        if (b >= 0 && d.rightBatch().contains(b)) {
            int at = d.rightBatch().indexOf(b);
            return meet(left, d.leftBatch().get(at)) ? at : MIXED;
        }
        if (b == WHOLE && leftFree.contains(a)) {
            return batch + leftFree.indexOf(a);
        }
        if (a == WHOLE && rightFree.contains(b)) {
            return batch + leftFree.size() + rightFree.indexOf(b);
        }
        return MIXED;
    }
}
