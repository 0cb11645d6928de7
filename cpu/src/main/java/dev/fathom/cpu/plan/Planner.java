package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Atom;
import dev.fathom.core.graph.BatchLoops;
import dev.fathom.core.graph.Equation;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Members;
import dev.fathom.core.graph.Simplifier;
import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Turns a program into a {@link Plan}.
 *
 * <ol>
 *   <li>The program is simplified, given loops over members and examples, and reshapes, transposes,
 *       broadcasts and slices become views.
 *   <li>Every kernel call and elementwise operation gets a level: a kernel runs after the levels of
 *       its operands, an elementwise operation in the level of its operands. Elementwise operations
 *       of one level over the same number of elements form one fused region.
 *   <li>An elementwise operation that is needed only later sinks to the level where it is needed,
 *       so that its result is not kept in memory in between.
 *   <li>A reduction whose operand a region computes is done by that region, if the parts of a tile
 *       are whole rows or runs ({@link Total}).
 *   <li>Level by level, kernels are lowered and regions built. A region that alone reads a product
 *       takes its rows as they are made ({@link RowRegion}).
 *   <li>Memory is assigned by lifetimes.
 * </ol>
 */
final class Planner {
    /** Countings up to this size are made once, with the plan. */
    private static final int LARGEST_CONSTANT = 1 << 20;

    /** What has so many times fewer elements costs nothing to keep. */
    private static final int SMALL = 64;

    private final Graph graph;
    private final View[] views;
    private final Map<Storage, Node> producers = new IdentityHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Storage> inputs = new ArrayList<>();
    private final List<Storage> constants = new ArrayList<>();
    private final Map<Atom.Constant, View> constantViews = new HashMap<>();

    /** An equation that does work. */
    static final class Node {
        final Equation equation;
        final boolean fused;
        int level;

        /** Reductions of this node's result that its region does. */
        final List<Absorbed> totals = new ArrayList<>();

        /** The same of what this node reads of a kernel. */
        final List<Absorbed> ofOperands = new ArrayList<>();

        /** Whether a region does this reduction, that of the operand or one that reads it. */
        boolean absorbed;

        Node(Equation equation, boolean fused, int level) {
            this.equation = equation;
            this.fused = fused;
            this.level = level;
        }
    }

    /** A reduction done in a region. */
    record Absorbed(Equation equation, Reduction.Over op, Total.Form form) {}

    private Planner(Graph graph) {
        this.graph = graph;
        this.views = new View[graph.variables()];
    }

    /** A plan that leaves its inputs alone. */
    static Plan plan(Graph graph) {
        return plan(graph, new boolean[graph.inputs().size()]);
    }

    /** A plan that may reuse the memory of the donated inputs for its outputs. */
    static Plan plan(Graph graph, boolean[] donated) {
        var members = Members.rewrite(Simplifier.simplify(graph));
        return new Planner(BatchLoops.rewrite(members)).build(donated);
    }

    /** The same for what one step of a loop over groups of members does. */
    static Plan planGroup(Graph graph, boolean[] donated) {
        return new Planner(Simplifier.simplify(graph)).build(donated);
    }

    private Plan build(boolean[] donated) {
        for (var v : graph.inputs()) {
            var storage =
                    Storage.of(v.type().dtype(), v.type().shape().length(), Storage.Kind.INPUT);
            inputs.add(storage);
            views[v.id()] = View.whole(storage, v.type());
        }
        graph.equations().forEach(this::analyse);
        sink();
        absorb();
        var outputs = new Outputs(this, graph.outputs(), inputs, donated);
        var to = new Lowering(this::view, constants::add);
        schedule(to);
        outputs.copies(to);
        RowRegion.join(to.instructions(), to.levels());
        return MemoryPlan.assign(to, inputs, donated, outputs, constants);
    }

    View view(Atom atom) {
        return switch (atom) {
            case Atom.Var v -> views[v.id()];
            case Atom.Constant c ->
                    constantViews.computeIfAbsent(
                            c,
                            _ -> {
                                var storage = Storage.constant(c.value());
                                constants.add(storage);
                                return View.whole(storage, c.type());
                            });
        };
    }

    @Nullable Node producer(Storage s) {
        return producers.get(s);
    }

    // ---- levels --------------------------------------------------------------------------------

    private void analyse(Equation e) {
        if (e.op() instanceof Structural s) {
            var v = LowerStructural.view(s, view(e.operands().getFirst()), e);
            if (v != null) {
                views[e.results().getFirst().id()] = v;
                return;
            }
        }
        if (e.op() instanceof Elementwise.Cast && isReadStored(e)) {
            views[e.results().getFirst().id()] = view(e.operands().getFirst());
            return;
        }
        if (e.op() instanceof Source.Iota i && i.shape().size() <= LARGEST_CONSTANT) {
            var storage = Storage.constant(LowerSource.counted(i));
            constants.add(storage);
            views[e.results().getFirst().id()] = View.whole(storage, e.results().getFirst().type());
            return;
        }
        boolean fused = e.op() instanceof Elementwise;
        int level = fused ? 0 : 1;
        for (var a : e.operands()) {
            level = Math.max(level, ready(view(a), fused));
        }
        var node = new Node(e, fused, level);
        nodes.add(node);
        for (var r : e.results()) {
            var storage =
                    Storage.of(r.type().dtype(), r.type().shape().length(), Storage.Kind.TEMPORARY);
            views[r.id()] = laidOut(e, r, View.whole(storage, r.type()));
            producers.put(storage, node);
        }
    }

    /** A result in the order that suits its operation and its readers. */
    private View laidOut(Equation e, Atom result, View whole) {
        if (!(e.op() instanceof Contraction.Dot d)) {
            return whole;
        }
        var left = view(e.operands().get(0));
        if (LowerLanes.suits(d, left, view(e.operands().get(1)))) {
            return LowerLanes.result(whole);
        }
        var order = d.leftBatch().size() == 0 ? null : wantedOrder(result);
        return order == null
                ? whole
                : LowerContraction.result(d, left.shape().rank(), whole, order);
    }

    /** The order in which all who read {@code x} want its axes, if that is another one. */
    private @Nullable Axes wantedOrder(Atom x) {
        var orders =
                readers(x)
                        .map(e -> e.op() instanceof Structural.Transpose t ? t.order() : null)
                        .distinct()
                        .toList();
        return graph.outputs().contains(x) || orders.size() != 1 ? null : orders.getFirst();
    }

    /** Whether all who read a cast from bfloat16 can read what is cast instead. */
    private boolean isReadStored(Equation cast) {
        var stored = view(cast.operands().getFirst());
        return stored.type().dtype().isStorage() && isReadStored(cast.results().getFirst(), stored);
    }

    private boolean isReadStored(Atom x, View stored) {
        return !graph.outputs().contains(x) && readers(x).allMatch(e -> readsStored(e, x, stored));
    }

    private Stream<Equation> readers(Atom x) {
        return graph.equations().stream().filter(e -> e.operands().contains(x));
    }

    private boolean readsStored(Equation e, Atom x, View stored) {
        if (e.op() instanceof Structural.Reshape r) {
            var reshaped = stored.reshape(r.shape());
            return reshaped != null && isReadStored(e.results().getFirst(), reshaped);
        }
        if (!(e.op() instanceof Contraction.Dot d)) {
            return false;
        }
        var left = e.operands().get(0);
        var right = e.operands().get(1);
        return left.equals(x)
                ? !right.equals(x) && LowerContraction.readsStored(d, true, stored, right.type())
                : LowerContraction.readsStored(d, false, stored, left.type());
    }

    /** The first level at which a kernel or region can read {@code v}. */
    private int ready(View v, boolean forRegion) {
        var p = producers.get(v.storage());
        if (p == null) {
            return 0;
        }
        if (!forRegion) {
            return p.level + 1;
        }
        return p.level + (p.fused && !readableInLevel(v) ? 1 : 0);
    }

    /**
     * Whether a region can read a view of a value of a region of the same level, its own or a
     * smaller one.
     */
    static boolean readableInLevel(View v) {
        return v.isWhole() || (v.isBroadcast() && v.length() > v.storage().length());
    }

    /** Moves elementwise operations down to where their results are first needed. */
    private void sink() {
        var latest = new IdentityHashMap<Node, Integer>();
        var wanted = new IdentityHashMap<Node, Boolean>();
        for (var out : graph.outputs()) {
            var p = producers.get(view(out).storage());
            if (p != null) {
                wanted.put(p, true);
            }
        }
        for (var n : nodes.reversed()) {
            if (n.fused && !wanted.containsKey(n) && latest.containsKey(n) && fewTemporaries(n)) {
                n.level = Math.max(n.level, latest.get(n));
            }
            for (var a : n.equation.operands()) {
                var v = view(a);
                var p = producers.get(v.storage());
                if (p != null) {
                    int by = n.fused ? n.level - (readableInLevel(v) ? 0 : 1) : n.level - 1;
                    latest.merge(p, by, Math::min);
                }
            }
        }
    }

    /** Sinking keeps the operands in memory instead of the result: worth it for one of its size. */
    private boolean fewTemporaries(Node n) {
        int small = view(n.equation.results().getFirst()).length() / SMALL;
        return n.equation.operands().stream()
                        .map(a -> view(a).storage())
                        .filter(s -> producers.containsKey(s) && s.length() > small)
                        .distinct()
                        .count()
                <= 1;
    }

    /**
     * Gives reductions to the regions that compute their operands, or read them along with the
     * reduction, if the runs or rows of all reductions of a region fit one tile.
     */
    private void absorb() {
        var units = new HashMap<List<Integer>, Integer>();
        for (var n : nodes) {
            if (!(n.equation.op() instanceof Reduction.Over op)) {
                continue;
            }
            var v = view(n.equation.operands().getFirst());
            var producer = producers.get(v.storage());
            var form = Total.form(op, v.shape());
            if (producer == null || !v.isWhole() || form == null) {
                continue;
            }
            var p = producer.fused ? producer : reader(producer, v);
            if (p == null) {
                continue;
            }
            int unit = units.getOrDefault(List.of(p.level, v.length()), 1);
            int larger = Math.max(unit, form.each());
            if (larger % Math.min(unit, form.each()) == 0) {
                units.put(List.of(p.level, v.length()), larger);
                (p == producer ? p.totals : p.ofOperands).add(new Absorbed(n.equation, op, form));
                n.absorbed = true;
            }
        }
    }

    /** An elementwise operation on all of what a kernel makes, as soon as it is made, or null. */
    private @Nullable Node reader(Node kernel, View v) {
        return nodes.stream()
                .filter(n -> n.fused && n.level == kernel.level)
                .filter(n -> n.equation.results().getFirst().type().shape().length() == v.length())
                .filter(n ->
                        n.equation.operands().stream()
                                .map(this::view)
                                .anyMatch(x -> x.storage() == v.storage() && x.isWhole()))
                .findFirst()
                .orElse(null);
    }

    private void schedule(Lowering to) {
        var kernels = new TreeMap<Integer, List<Node>>();
        var regions = new TreeMap<Integer, TreeMap<Integer, List<Node>>>();
        for (var n : nodes) {
            if (n.fused) {
                int length = n.equation.results().getFirst().type().shape().length();
                regions.computeIfAbsent(n.level, _ -> new TreeMap<>())
                        .computeIfAbsent(length, _ -> new ArrayList<>())
                        .add(n);
            } else if (!n.absorbed) {
                kernels.computeIfAbsent(n.level, _ -> new ArrayList<>()).add(n);
            }
        }
        int last = nodes.stream().mapToInt(n -> n.level).max().orElse(0);
        var needed = new Needed(this, graph, nodes);
        for (int level = 0; level <= last; level++) {
            to.enter(level);
            kernels.getOrDefault(level, List.of()).forEach(n -> to.lower(n.equation));
            regions.getOrDefault(level, new TreeMap<>())
                    .forEach((length, group) -> {
                        if (length > 0) {
                            RegionBuilder.build(to, length, group, needed);
                        }
                    });
        }
        to.enter(last + 1);
    }

    /** Which results must be in memory, because something outside their region reads them. */
    static final class Needed {
        private final Map<Storage, Boolean> inMemory = new IdentityHashMap<>();

        Needed(Planner planner, Graph graph, List<Node> nodes) {
            for (var out : graph.outputs()) {
                inMemory.put(planner.view(out).storage(), true);
            }
            for (var n : nodes) {
                for (var a : n.equation.operands()) {
                    var v = planner.view(a);
                    var p = planner.producer(v.storage());
                    boolean same =
                            n.absorbed
                                    || (p != null
                                            && p.fused
                                            && n.fused
                                            && p.level == n.level
                                            && v.isWhole());
                    if (!same) {
                        inMemory.put(v.storage(), true);
                    }
                }
            }
        }

        boolean inMemory(Storage s) {
            return inMemory.containsKey(s);
        }
    }
}
