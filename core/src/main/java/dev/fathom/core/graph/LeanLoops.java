package dev.fathom.core.graph;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;

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

    private final List<Equation> lines = new ArrayList<>();
    private final Map<Atom, Atom> names = new HashMap<>();
    private final Set<Atom> read;
    private int count;

    private LeanLoops(Graph graph) {
        count = graph.variables();
        read = new HashSet<>(graph.outputs());
        graph.equations().forEach(e -> read.addAll(e.operands()));
    }

    static Graph rewrite(Graph graph) {
        if (graph.equations().stream().noneMatch(e -> e.op() instanceof Control.Scan)) {
            return graph;
        }
        var r = new LeanLoops(graph);
        for (var e : graph.equations()) {
            if (e.op() instanceof Control.Scan s) {
                r.scan(r.renamed(e), s);
            } else {
                r.lines.add(r.renamed(e));
            }
        }
        return Graph.of(graph.inputs(), r.lines, graph.outputs().stream().map(r::name).toList());
    }

    private Atom name(Atom a) {
        return names.getOrDefault(a, a);
    }

    private Equation renamed(Equation e) {
        var operands = e.operands().stream().map(this::name).toList();
        return new Equation(e.op(), operands, e.results(), e.layer());
    }

    private void scan(Equation e, Control.Scan s) {
        var step = new Step(s, e);
        int carry = s.carry();
        var outputs = new ArrayList<Atom>();
        var results = new ArrayList<Atom.Var>();
        for (int i = 0; i < e.results().size(); i++) {
            var written = step.name(step.body.outputs().get(i));
            var result = e.results().get(i);
            int known = outputs.subList(Math.min(i, carry), outputs.size()).indexOf(written);
            if (i >= carry && known >= 0) {
                names.put(result, results.get(carry + known));
            } else if (i < carry || read.contains(result)) {
                outputs.add(written);
                results.add(result);
            }
        }
        var kept = UnusedLines.of(step.kept, outputs);
        Set<Atom> needed = new HashSet<>(outputs);
        kept.forEach(line -> needed.addAll(line.operands()));

        var inputs = new ArrayList<Atom.Var>();
        var operands = new ArrayList<Atom>();
        for (int i = 0; i < step.inside.size(); i++) {
            if (needed.contains(step.inside.get(i))) {
                inputs.add(step.inside.get(i));
                operands.add(step.outside.get(i));
            }
        }
        int constants = inputs.size();
        for (int i = 0; i < step.body.inputs().size(); i++) {
            var input = step.body.inputs().get(i);
            boolean fixed = i < s.constants();
            boolean state = !fixed && i < s.constants() + carry;
            if (state || needed.contains(input)) {
                int at = fixed ? constants++ : inputs.size();
                inputs.add(at, input);
                operands.add(at, e.operands().get(i));
            }
        }
        var body = Graph.of(inputs, kept, outputs);
        var scan = new Control.Scan(body, constants, carry, s.length(), s.reverse());
        lines.add(new Equation(scan, operands, results, e.layer()));
    }

    private record Line(Primitive op, List<Atom> operands) {}

    /** A step, of which some lines are put before the loop. */
    private final class Step {
        final Graph body;

        /** What is computed before the loop, and as what the step knows it. */
        final List<Atom> outside = new ArrayList<>();

        final List<Atom.Var> inside = new ArrayList<>();
        final List<Equation> kept = new ArrayList<>();

        /** What does not change, as it is called outside. */
        private final Map<Atom, Atom> fixed = new HashMap<>();

        private final Map<Atom, Atom> renamed = new HashMap<>();
        private final Map<Line, Atom> laidOut = new HashMap<>();

        /** Results of transposes. */
        private final Set<Atom> views = new HashSet<>();

        private int variables;

        Step(Control.Scan s, Equation loop) {
            body = Simplifier.simplify(s.body());
            variables = body.variables();
            for (int i = 0; i < s.constants(); i++) {
                fixed.put(body.inputs().get(i), loop.operands().get(i));
            }
            for (var e : body.equations()) {
                line(e, loop.layer());
            }
        }

        Atom name(Atom a) {
            return renamed.getOrDefault(a, a);
        }

        private boolean isFixed(Atom a) {
            return a instanceof Atom.Constant || fixed.containsKey(a);
        }

        private void line(Equation e, String around) {
            boolean moves = !e.operands().isEmpty();
            if (moves && e.operands().stream().allMatch(this::isFixed)) {
                var operands = e.operands().stream().map(a -> fixed.getOrDefault(a, a)).toList();
                var layer = e.layer().isEmpty() ? around : e.layer();
                var results = new ArrayList<Atom.Var>();
                for (var v : e.results()) {
                    results.add(new Atom.Var(count++, v.type()));
                    fixed.put(v, results.getLast());
                }
                lines.add(new Equation(e.op(), operands, results, layer));
                if (!isView(e.op())) {
                    for (int i = 0; i < results.size(); i++) {
                        renamed.put(e.results().get(i), handedIn(results.get(i)));
                    }
                    return;
                }
            }
            if (e.op() instanceof Structural.Transpose) {
                views.add(e.results().getFirst());
            }
            var operands = e.operands().stream().map(this::name).toList();
            kept.add(
                    isFixedProduct(e)
                            ? new Equation(
                                    TIMES,
                                    List.of(operands.getFirst(), asRead(e)),
                                    e.results(),
                                    e.layer())
                            : new Equation(e.op(), operands, e.results(), e.layer()));
        }

        /**
         * Whether it multiplies by a fixed matrix whose rows do not lie as a product reads them.
         */
        private boolean isFixedProduct(Equation e) {
            return (e.op().equals(TIMES_TRANSPOSED)
                            || (e.op().equals(TIMES) && views.contains(e.operands().get(1))))
                    && fixed.containsKey(e.operands().get(1));
        }

        /** The matrix of such a product, laid out before the loop. */
        private Atom asRead(Equation product) {
            var matrix = fixed.get(product.operands().get(1));
            boolean transposed = product.op().equals(TIMES_TRANSPOSED);
            return laidOut.computeIfAbsent(
                    new Line(product.op(), List.of(matrix)),
                    _ -> handedIn(transposed ? transposed(matrix) : matrix));
        }

        /** A value from outside, as a further fixed input. */
        private Atom handedIn(Atom outer) {
            outside.add(outer);
            inside.add(new Atom.Var(variables++, outer.type()));
            return inside.getLast();
        }

        private Atom transposed(Atom matrix) {
            var type = TRANSPOSE.types(List.of(matrix.type())).getFirst();
            var v = new Atom.Var(count++, type);
            lines.add(new Equation(TRANSPOSE, List.of(matrix), List.of(v)));
            return v;
        }
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
