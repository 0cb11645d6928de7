package dev.fathom.core.graph;

import dev.fathom.core.op.Contraction.Dot;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A program in which products for each example of a batch, and what stands between them, are a loop
 * over the batch: the scores of attention, their softmax and the values they weigh. What one line
 * writes the next finds in the cache, and threads meet once instead of after each line.
 *
 * <p>Products with weights stay outside: they are better done at once for all examples. A loop
 * takes the products that stand between the same two of these, what lies on a way from one of them
 * to another, and what else follows from that alone, element by element. It takes some examples at
 * a time, each on its own ({@link Rows}); the bits are the same.
 */
public final class BatchLoops {
    /** Elements that a loop should spare the caches to be worth it. */
    private static final long LARGE = 1 << 18;

    /** Steps of a loop, at least: all threads need some. */
    private static final int STEPS = 8;

    /** Elements of a step, at most: they stay in the second-level cache. */
    private static final long MOST = 1 << 18;

    /** Elements of a step that repay its start. */
    private static final long ENOUGH = 1 << 14;

    /** Additions for an element that a loop does once more rather than reading what they give. */
    private static final int CHEAP = 4;

    /** What has so many times fewer elements costs little to read. */
    private static final int SMALL = 16;

    private final Graph graph;
    private final Map<Atom, List<Equation>> users;

    /** How many lines that are not for one example lead to a value, one after another. */
    private final Map<Atom, Integer> epochs = new HashMap<>();

    private int variables;

    private BatchLoops(Graph graph) {
        this.graph = graph;
        this.users = graph.readers();
        this.variables = graph.variables();
        for (var e : graph.equations()) {
            int last = e.operands().stream().mapToInt(this::epoch).max().orElse(0);
            for (var v : e.results()) {
                epochs.put(v, isForExamples(e) ? last : last + 1);
            }
        }
    }

    /** The program with such loops, or itself. */
    public static Graph rewrite(Graph graph) {
        var loops = new BatchLoops(graph);
        var products = new TreeMap<Integer, List<Equation>>();
        for (var e : graph.equations()) {
            if (isProduct(e)) {
                products.computeIfAbsent(loops.epoch(result(e)), _ -> new ArrayList<>()).add(e);
            }
        }
        var g = graph;
        for (var some : products.descendingMap().values()) { // who reads what others keep first
            int count = rows(result(some.getFirst()));
            if (some.size() > 1 && some.stream().allMatch(e -> rows(result(e)) == count)) {
                g = loops.with(g, loops.between(some, count), count);
            }
        }
        return g == graph ? graph : UnusedLines.rewrite(g);
    }

    private int epoch(Atom x) {
        return epochs.getOrDefault(x, 0);
    }

    /** The line of the program as it was that defines {@code x}, or null. */
    private @Nullable Equation definition(Atom x) {
        return x instanceof Atom.Var v && v.id() < graph.variables() ? graph.definition(x) : null;
    }

    private static Atom.Var result(Equation e) {
        return e.results().getFirst();
    }

    private static int rows(Atom x) {
        var shape = x.type().shape();
        return shape.rank() == 0 ? 0 : shape.dim(0);
    }

    private static boolean isProduct(Equation e) {
        return e.op() instanceof Dot d
                && d.leftBatch().size() > 0
                && d.leftBatch().get(0) == 0
                && d.rightBatch().get(0) == 0;
    }

    private static boolean isForExamples(Equation e) {
        return e.op() instanceof Elementwise
                || e.op() instanceof Structural
                || e.op() instanceof Reduction.Over
                || isProduct(e);
    }

    /** The lines of a loop around these products. */
    private Set<Equation> between(List<Equation> products, int count) {
        int epoch = epoch(result(products.getFirst()));
        var after = new HashSet<Equation>(products);
        for (var e : graph.equations()) {
            if (epoch(result(e)) == epoch && anyOf(after, e)) {
                after.add(e);
            }
        }
        var before = new HashSet<Equation>(products);
        for (var e : graph.equations().reversed()) {
            if (before.contains(e)) {
                e.operands().stream()
                        .map(this::definition)
                        .filter(d -> d != null && epoch(result(d)) == epoch)
                        .forEach(before::add);
            }
        }
        var between = new HashSet<Equation>(after);
        between.retainAll(before);
        for (var e : graph.equations()) {
            boolean follows =
                    (e.op() instanceof Elementwise || e.op() instanceof Structural)
                            && rows(result(e)) == count
                            && anyOf(between, e)
                            && e.operands().stream()
                                    .allMatch(x -> isReadBy(x, between, e) || isNumber(x));
            if (follows) {
                between.add(e);
            }
        }
        return between;
    }

    /** Whether {@code x} is made by one of {@code lines} and read by them and {@code e} only. */
    private boolean isReadBy(Atom x, Set<Equation> lines, Equation e) {
        return isIn(lines, x)
                && !graph.outputs().contains(x)
                && users.get(x).stream().allMatch(u -> u.equals(e) || lines.contains(u));
    }

    private boolean isIn(Set<Equation> lines, Atom x) {
        return lines.contains(definition(x));
    }

    private boolean anyOf(Set<Equation> lines, Equation e) {
        return e.operands().stream().anyMatch(x -> isIn(lines, x));
    }

    private boolean isNumber(Atom x) {
        return graph.repeated(x).type().shape().size() == 1;
    }

    private static boolean isView(Equation e, int count) {
        return switch (e.op()) {
            case Structural.Broadcast _ -> true;
            case Structural.Reshape _, Structural.Transpose _ ->
                    rows(result(e)) == count && rows(e.operands().getFirst()) == count;
            case Primitive _ -> false;
        };
    }

    /** {@code g} with a loop in place of lines of it, or as it is. */
    private Graph with(Graph g, Set<Equation> chosen, int count) {
        var inside = new HashSet<>(chosen);
        var present = new HashSet<>(g.equations());
        boolean more = true;
        while (more) {
            var given = new HashSet<Atom>();
            inside.forEach(e -> given.addAll(e.operands()));
            var again =
                    given.stream()
                            .map(this::definition)
                            .filter(present::contains)
                            .filter(d -> isCheap(d, given, count))
                            .toList();
            more = inside.addAll(again);
        }
        // repeated numbers are repeated on both sides
        var taken = new HashSet<>(chosen);
        taken.removeIf(e -> e.op() instanceof Structural.Broadcast);
        var ordered = g.equations().stream().filter(inside::contains).toList();
        var made = new HashSet<Atom>();
        ordered.forEach(e -> made.addAll(e.results()));
        var fixed = new LinkedHashSet<Atom.Var>();
        var divided = new LinkedHashSet<Atom.Var>();
        for (var e : ordered) {
            for (var x : e.operands()) {
                if (x instanceof Atom.Var v && !made.contains(x)) {
                    (rows(v) == count ? divided : fixed).add(v);
                }
            }
        }
        var inputs = new ArrayList<Atom.Var>(fixed);
        inputs.addAll(divided);
        var needed = new ArrayList<>(g.outputs());
        needed.addAll(inputs);
        var outputs = new LinkedHashSet<Atom>();
        g.outputs().stream().filter(x -> isIn(taken, x)).forEach(outputs::add);
        var others = g.equations().stream().filter(e -> !taken.contains(e)).toList();
        for (var e : UnusedLines.of(others, needed)) {
            e.operands().stream().filter(x -> isIn(taken, x)).forEach(outputs::add);
        }
        var rows =
                divided.isEmpty()
                        ? null
                        : Rows.of(Graph.of(inputs, ordered, List.copyOf(outputs)), fixed.size(), 1);
        int each = rows == null ? 0 : each(ordered, divided, outputs, count);
        return each == 0
                ? g
                : replaced(g, taken, rows.step(each), count / each, inputs, fixed.size(), outputs);
    }

    /** Whether a loop that is given these makes the result of a line itself. */
    private boolean isCheap(Equation e, Set<Atom> given, int count) {
        return isView(e, count)
                || (e.op() instanceof Elementwise
                        && Work.weight(e.op().name()) <= CHEAP
                        && rows(result(e)) == count
                        && e.operands().stream()
                                .allMatch(x -> given.contains(x) || isSmall(x, result(e))));
    }

    /** Whether {@code x} is repeated to be as large as {@code y}. */
    private boolean isSmall(Atom x, Atom y) {
        return SMALL * graph.repeated(x).type().shape().size() <= y.type().shape().size();
    }

    /** How many examples a step of the loop takes; 0 if there is to be none. */
    private int each(List<Equation> lines, Set<Atom.Var> divided, Set<Atom> outputs, int count) {
        long all = divided.stream().mapToLong(v -> v.type().shape().size()).sum();
        long spared = 0;
        for (var e : lines) {
            long size = e.op() instanceof Structural ? 0 : result(e).type().shape().size();
            all += size;
            spared += outputs.contains(result(e)) ? 0 : size;
        }
        int each = 0;
        for (int g = 1; spared >= LARGE && g * STEPS <= count && g * all / count <= MOST; g++) {
            if (count % g == 0 && each * all / count < ENOUGH) {
                each = g;
            }
        }
        return each;
    }

    private Graph replaced(
            Graph g,
            Set<Equation> chosen,
            Graph body,
            int steps,
            List<Atom.Var> inputs,
            int fixed,
            Set<Atom> outputs) {
        var scan = new Control.Scan(body, fixed, 0, steps, false);
        var loop = new ArrayList<Equation>();
        var operands = new ArrayList<Atom>(inputs.subList(0, fixed));
        for (int i = fixed; i < inputs.size(); i++) {
            var type = body.inputs().get(i).type();
            var shape = type.shape().prepend(steps);
            var v = new Atom.Var(variables++, type.withShape(shape));
            loop.add(
                    new Equation(
                            new Structural.Reshape(shape), List.of(inputs.get(i)), List.of(v), ""));
            operands.add(v);
        }
        var results = new ArrayList<Atom.Var>();
        for (var type : scan.types(operands.stream().map(Atom::type).toList())) {
            results.add(new Atom.Var(variables++, type));
        }
        loop.add(new Equation(scan, operands, results, layer(g, chosen)));
        int k = 0;
        for (var x : outputs) {
            loop.add(
                    new Equation(
                            new Structural.Reshape(x.type().shape()),
                            List.of(results.get(k++)),
                            List.of((Atom.Var) x),
                            ""));
        }
        // what needs the loop goes behind it
        var lines = new ArrayList<Equation>();
        var later = new ArrayList<Equation>();
        var made = new HashSet<Atom>();
        int left = chosen.size();
        for (var e : g.equations()) {
            if (chosen.contains(e)) {
                made.addAll(e.results());
                left--;
                if (left == 0) {
                    lines.addAll(loop);
                    lines.addAll(later);
                }
            } else if (left > 0 && e.operands().stream().anyMatch(made::contains)) {
                made.addAll(e.results());
                later.add(e);
            } else {
                lines.add(e);
            }
        }
        return Graph.raw(g.inputs(), lines, g.outputs());
    }

    /** That of the first product. */
    private static String layer(Graph g, Set<Equation> chosen) {
        return g.equations().stream()
                .filter(e -> isProduct(e) && chosen.contains(e))
                .map(Equation::layer)
                .findFirst()
                .orElse("");
    }
}
