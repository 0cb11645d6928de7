package dev.fathom.core.graph;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Loops that do no more than they must at every step.
 *
 * <ul>
 *   <li>What depends on nothing that changes is computed before the loop.
 *   <li>A fixed matrix that is multiplied from the right as its transpose is transposed before the
 *       loop, so that its rows lie as a product reads them.
 *   <li>What is written at every step and read by nobody is not written, and what would be written
 *       twice is written once.
 * </ul>
 */
final class LeanLoops {
    private static final Contraction.Dot TIMES_TRANSPOSED =
            new Contraction.Dot(Axes.of(1), Axes.of(1), Axes.of(), Axes.of());
    private static final Contraction.Dot TIMES =
            new Contraction.Dot(Axes.of(1), Axes.of(0), Axes.of(), Axes.of());
    private static final Structural.Transpose TRANSPOSE = new Structural.Transpose(Axes.of(1, 0));

    /** The program around the loop, being written. */
    private final Rewriting around;

    private final Equation loop;
    private final Control.Scan scan;

    /** Its step, being written. */
    private final Rewriting step;

    /** What is computed before the loop, and as what the step knows it. */
    private final List<Atom> outside = new ArrayList<>();

    private final List<Atom.Var> inside = new ArrayList<>();

    /** What does not change, as it is called outside. */
    private final Map<Atom, Atom> fixed = new HashMap<>();

    private final Map<Line, Atom> laidOut = new HashMap<>();

    private record Line(Primitive op, Atom matrix) {}

    private LeanLoops(Rewriting around, Equation loop, Control.Scan scan) {
        this.around = around;
        this.loop = loop;
        this.scan = scan;
        step = new Rewriting(scan.body());
        for (int i = 0; i < scan.constants(); i++) {
            fixed.put(scan.body().inputs().get(i), loop.operands().get(i));
        }
    }

    static Graph rewrite(Graph graph) {
        if (graph.equations().stream().noneMatch(e -> e.op() instanceof Control.Scan)) {
            return graph;
        }
        Set<Atom> read = new HashSet<>(graph.outputs());
        graph.equations().forEach(e -> read.addAll(e.operands()));
        return Rewriting.lines(
                graph,
                (r, e) ->
                        e.op() instanceof Control.Scan s
                                ? new LeanLoops(r, e, s).results(read)
                                : null);
    }

    /** The results of a loop that does less, null for those that are not read; or null. */
    private @Nullable List<@Nullable Atom> results(Set<Atom> read) {
        var body = scan.body();
        step.write((_, e) -> line(e));
        int carry = scan.carry();
        var outputs = new ArrayList<Atom>();
        var places = new int[body.outputs().size()]; // among the outputs; -1 if it is not read
        for (int i = 0; i < places.length; i++) {
            var written = step.name(body.outputs().get(i));
            int known = i < carry ? -1 : outputs.subList(carry, outputs.size()).indexOf(written);
            places[i] = known < 0 ? -1 : carry + known;
            if (known < 0 && (i < carry || read.contains(loop.results().get(i)))) {
                places[i] = outputs.size();
                outputs.add(written);
            }
        }
        var inputs = new ArrayList<Atom.Var>();
        var operands = new ArrayList<Atom>();
        int constants = 0;
        var needed = step.needed(outputs);
        for (int i = 0; i < inside.size(); i++) {
            if (needed.contains(inside.get(i))) {
                constants++;
                inputs.add(inside.get(i));
                operands.add(outside.get(i));
            }
        }
        for (int i = 0; i < body.inputs().size(); i++) {
            var input = body.inputs().get(i);
            boolean isFixed = i < scan.constants();
            boolean isState = !isFixed && i < scan.constants() + carry;
            if (isState || needed.contains(input)) {
                constants += isFixed ? 1 : 0;
                inputs.add(input);
                operands.add(loop.operands().get(i));
            }
        }
        if (!step.isChanged() && inputs.equals(body.inputs()) && outputs.equals(body.outputs())) {
            return null;
        }
        var lean =
                new Control.Scan(
                        step.graph(inputs, outputs),
                        constants,
                        carry,
                        scan.length(),
                        scan.reverse());
        var results = around.applyAll(lean, operands);
        var all = new ArrayList<@Nullable Atom>();
        for (int place : places) {
            all.add(place < 0 ? null : results.get(place));
        }
        return all;
    }

    private boolean isFixed(Atom a) {
        return a instanceof Atom.Constant || fixed.containsKey(a);
    }

    private @Nullable List<? extends Atom> line(Equation e) {
        if (!e.operands().isEmpty() && e.operands().stream().allMatch(this::isFixed)) {
            var operands = e.operands().stream().map(a -> fixed.getOrDefault(a, a)).toList();
            var layer = e.layer().isEmpty() ? loop.layer() : e.layer();
            var results = around.applyAll(e.op(), operands, layer);
            if (!isView(e.op())) {
                return results.stream().map(this::handedIn).toList();
            }
            fixed.put(e.results().getFirst(), results.getFirst());
        }
        return isFixedProduct(e)
                ? List.of(step.apply(TIMES, List.of(e.operands().getFirst(), asRead(e))))
                : null;
    }

    /** Whether it multiplies by a fixed matrix whose rows do not lie as a product reads them. */
    private boolean isFixedProduct(Equation e) {
        if (!e.op().equals(TIMES_TRANSPOSED) && !e.op().equals(TIMES)) {
            return false;
        }
        var matrix = e.operands().get(1);
        var before = step.definition(matrix);
        return fixed.containsKey(matrix)
                && (e.op().equals(TIMES_TRANSPOSED)
                        || (before != null && before.op() instanceof Structural.Transpose));
    }

    /** The matrix of such a product, laid out before the loop. */
    private Atom asRead(Equation product) {
        var matrix = fixed.get(product.operands().get(1));
        boolean transposed = product.op().equals(TIMES_TRANSPOSED);
        return laidOut.computeIfAbsent(
                new Line(product.op(), matrix),
                _ -> handedIn(transposed ? around.apply(TRANSPOSE, List.of(matrix)) : matrix));
    }

    /** A value from outside, as a further fixed input. */
    private Atom.Var handedIn(Atom outer) {
        outside.add(outer);
        inside.add(step.variable(outer.type()));
        fixed.put(inside.getLast(), outer);
        return inside.getLast();
    }

    /** Whether it costs nothing, so that it is better done where it is read. */
    private static boolean isView(Primitive op) {
        return op instanceof Structural.Reshape
                || op instanceof Structural.Transpose
                || op instanceof Structural.Broadcast
                || op instanceof Structural.Slice
                || op instanceof Structural.Reverse
                || op instanceof Source.Iota;
    }
}
