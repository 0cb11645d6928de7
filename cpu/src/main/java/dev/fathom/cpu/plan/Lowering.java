package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Atom;
import dev.fathom.core.graph.Equation;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Work;
import dev.fathom.core.op.Contraction;
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
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.cpu.simd.Strided;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Turns equations that are not elementwise into kernel calls. One exhaustive switch, one class per
 * family.
 */
final class Lowering {
    private static final int PARALLEL_COPY = 1 << 16;

    /** Repeated constants up to this size are written out with the plan. */
    private static final int LARGEST_CONSTANT = 1 << 12;

    private final Function<Atom, View> views;
    private final Consumer<Storage> constants;
    private final List<Instruction> instructions = new ArrayList<>();
    private final Map<View, View> copies = new HashMap<>();
    private final List<Integer> levels = new ArrayList<>();
    private final List<Plan> inside = new ArrayList<>();
    private final Map<Graph, Called> called = new HashMap<>();
    private int level;
    private int children;

    /**
     * An empty list of instructions.
     *
     * @param constants takes those that are found on the way
     */
    Lowering(Function<Atom, View> views, Consumer<Storage> constants) {
        this.views = views;
        this.constants = constants;
    }

    List<Instruction> instructions() {
        return instructions;
    }

    void add(Instruction i) {
        instructions.add(i);
        levels.add(level);
    }

    /** What is added from here on belongs to this level. */
    void enter(int number) {
        level = number;
    }

    /** The level of every instruction. */
    List<Integer> levels() {
        return levels;
    }

    /** A number for a plan inside this one, which the instruction being lowered runs. */
    int child(Plan plan) {
        inside.add(plan);
        return children++;
    }

    /** A program called from this plan. */
    record Called(Plan plan, int child) {}

    /** The plan of a program that is called. Calls of equal programs share it, and its memory. */
    Called called(Graph graph) {
        var known = called.get(graph);
        if (known == null) {
            var plan = Planner.plan(graph);
            known = new Called(plan, child(plan));
            called.put(graph, known);
        } else {
            inside.add(known.plan());
        }
        return known;
    }

    View view(Atom a) {
        return views.apply(a);
    }

    /** Operand {@code i} as it is. */
    View operand(Equation e, int i) {
        return view(e.operands().get(i));
    }

    /** Operand {@code i} with its elements one after another, copied if need be. */
    View contiguous(Equation e, int i) {
        return contiguous(operand(e, i));
    }

    View contiguous(View v) {
        if (v.isContiguous()) {
            return v;
        }
        return copies.computeIfAbsent(
                v,
                _ -> {
                    if (v.storage().kind() == Storage.Kind.CONSTANT
                            && v.length() <= LARGEST_CONSTANT) {
                        return writtenOut(v);
                    }
                    var storage = Storage.of(v.type().dtype(), v.length(), Storage.Kind.TEMPORARY);
                    var copy = View.whole(storage, v.type());
                    copy("copy", v, copy);
                    return copy;
                });
    }

    private View writtenOut(View v) {
        var memory = HostBuffer.allocate(v.type().dtype(), v.length());
        var plan = Strided.of(v.shape().dims(), v.strides(), v.offset(), v.shape().strides(), 0);
        Memory.copy(plan, v.storage().constantArray(), 0, memory.array(), 0);
        var storage = Storage.constant(Array.of(v.type(), memory));
        constants.accept(storage);
        return View.whole(storage, v.type());
    }

    View result(Equation e, int k) {
        return view(e.results().get(k));
    }

    /** Copies one view to another of the same shape. */
    void copy(String name, View from, View to) {
        var plan = Strided.of(from.shape().dims(), from.strides(), 0, to.strides(), 0);
        kernel(
                name,
                List.of(from),
                List.of(to),
                f -> {
                    var src = array(f, from);
                    var dst = array(f, to);
                    int s = at(f, from);
                    int d = at(f, to);
                    int parts = plan.parts();
                    if (from.length() < PARALLEL_COPY || parts < 2) {
                        Memory.copy(plan, src, s, dst, d, 0, parts);
                    } else {
                        f.workers.runRange(
                                parts,
                                Math.max(1, parts / 16),
                                (p, q) -> Memory.copy(plan, src, s, dst, d, p, q));
                    }
                });
    }

    /** Adds a kernel that reads and writes whole storages behind the given views. */
    void kernel(String name, List<View> reads, List<View> writes, Instruction.Body body) {
        kernel(name, reads, writes, null, null, body);
    }

    /**
     * The same for one that multiplies {@code product} and does nothing else, or whose result comes
     * by {@code rows}.
     */
    void kernel(
            String name,
            List<View> reads,
            List<View> writes,
            Instruction.@Nullable Product product,
            Instruction.@Nullable Rows rows,
            Instruction.Body body) {
        add(
                new Instruction.Kernel(
                        name,
                        "",
                        reads.stream().map(View::storage).distinct().toList(),
                        writes.stream().map(View::storage).distinct().toList(),
                        0,
                        List.of(),
                        product,
                        rows,
                        body));
    }

    static Object array(Frame f, View v) {
        return f.arrays[v.storage().slot];
    }

    static int at(Frame f, View v) {
        return f.offsets[v.storage().slot] + v.offset();
    }

    static int size(TensorType t) {
        return t.shape().length();
    }

    /** Adds the kernels of one equation; the last of them is said to do its arithmetic. */
    void lower(Equation e) {
        int before = instructions.size();
        families(e);
        for (int i = before; i < instructions.size(); i++) {
            if (instructions.get(i) instanceof Instruction.Kernel k) {
                boolean last = i == instructions.size() - 1;
                long flop = last ? Work.flop(e) : 0;
                List<Plan> plans = last ? List.copyOf(inside) : List.of();
                instructions.set(
                        i,
                        new Instruction.Kernel(
                                k.name(),
                                e.layer(),
                                k.reads(),
                                k.writes(),
                                flop,
                                plans,
                                k.product(),
                                k.rows(),
                                k.body()));
            }
        }
        inside.clear();
    }

    private void families(Equation e) {
        switch (e.op()) {
            case Contraction c -> LowerContraction.lower(this, e, c);
            case Reduction r -> LowerReduction.lower(this, e, r);
            case Structural s -> LowerStructural.lower(this, e, s);
            case Indexing x -> LowerIndexing.lower(this, e, x);
            case Window w -> LowerWindow.lower(this, e, w);
            case Ordering o -> LowerOrdering.lower(this, e, o);
            case Source s -> LowerSource.lower(this, e, s);
            case Solving s -> LowerLinalg.lower(this, e, s);
            case Decomposition d -> LowerLinalg.lower(this, e, d);
            case Custom c -> LowerCustom.lower(this, e, c);
            case Control c -> LowerControl.lower(this, e, c);
            case Elementwise x -> throw unexpected(x);
        }
    }

    private static IllegalStateException unexpected(Primitive op) {
        return new IllegalStateException(op.name() + " belongs into a fused region");
    }
}
