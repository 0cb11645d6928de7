package dev.fathom.core.graph;

import dev.fathom.core.graph.Product.Factor;
import dev.fathom.core.graph.Product.Label;
import dev.fathom.core.graph.Product.Order;
import dev.fathom.core.op.Contraction.Dot;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A program in which no product is formed only to be summed, if its factors can be summed for less:
 *
 * <pre>
 * Σ_ij (x_bi δ_bj)²         = (Σ_i x_bi²) (Σ_j δ_bj²)          norms of per-sample gradients
 * Σ_b c_b (x_bi δ_bj)       = Σ_b (c_b x_bi) δ_bj              their clipped sum, one product
 * Σ_ij (x_ai δ_aj)(x_bi δ_bj) = (Σ_i x_ai x_bi)(Σ_j δ_aj δ_bj)  tangent kernels
 * </pre>
 *
 * <p>All three are one law: a sum over a product of products may be taken in any order. A sum or a
 * product is followed back through what repeats, reorders, adds and multiplies to the tensors that
 * are smaller than what they make, and written anew in the cheapest order, if that costs less than
 * half. Results differ from the plain ones by rounding.
 */
final class Factored {
    /** How far an expression is followed. */
    private static final int DEPTH = 16;

    /** Products that a sum of products may have. */
    private static final int MOST = 16;

    /** It has to cost so many times less. */
    private static final double WORTH = 2;

    /** Values that somebody needs as they are. */
    private final Set<Atom> needed = new HashSet<>();

    /** The lines that sum up what a value becomes a part of. */
    private final Map<Atom, Set<Equation>> readers = new HashMap<>();

    /** A sum of products, and the products of the program that it was put together from. */
    private record Expansion(List<Product> products, Set<Equation> opened) {
        long size() {
            return products.stream().mapToLong(Product::size).sum();
        }
    }

    private Factored(Graph graph) {
        needed.addAll(graph.outputs());
        for (var e : graph.equations().reversed()) {
            for (var x : e.operands()) {
                switch (kind(e)) {
                    case SUM -> readers.computeIfAbsent(x, _ -> new HashSet<>()).add(e);
                    case PART -> {
                        var y = e.results().getFirst();
                        readers.computeIfAbsent(x, _ -> new HashSet<>())
                                .addAll(readers.getOrDefault(y, Set.of()));
                        if (needed.contains(y)) {
                            needed.add(x);
                        }
                    }
                    case OTHER -> needed.add(x);
                }
            }
        }
    }

    private enum Kind {
        SUM,
        PART,
        OTHER
    }

    private static Kind kind(Equation e) {
        return switch (e.op()) {
            case Reduction.Sum _, Dot _ -> Kind.SUM;
            case Elementwise.Mul _,
                    Elementwise.Add _,
                    Structural.Transpose _,
                    Structural.Reshape _,
                    Structural.Broadcast _ ->
                    Kind.PART;
            case Primitive _ -> Kind.OTHER;
        };
    }

    /** The program with other sums; what only the old ones needed is left to the simplifier. */
    static Graph rewrite(Graph graph) {
        var factored = new Factored(graph);
        return Rewriting.of(graph, factored::line);
    }

    private @Nullable Atom line(Rewriting r, Equation e) {
        var result = e.results().getFirst().type();
        if (!result.dtype().isFloating()
                || e.operands().stream().anyMatch(x -> x.type().shape().size() == 0)) {
            return null;
        }
        var axes = axes(result.shape());
        var expansion =
                switch (e.op()) {
                    case Reduction.Sum s -> sum(r, e, s.axes(), axes);
                    case Dot d -> dot(r, e, d, axes, DEPTH);
                    case Primitive _ -> null;
                };
        if (expansion == null) {
            return null;
        }
        var names = axes.stream().flatMap(List::stream).toList();
        if (expansion.opened().isEmpty()) {
            return flat(r, e, expansion.products(), names);
        }
        var orders = new ArrayList<Order>();
        double cost = 0;
        for (var p : expansion.products()) {
            var order = p.order(names);
            orders.add(order);
            cost += order.cost();
        }
        if (cost * WORTH > cost(e, expansion.opened())) {
            return null;
        }
        Atom y = null;
        for (var order : orders) {
            Atom part = order.write(r);
            y = y == null ? part : r.apply(new Elementwise.Add(), List.of(y, part));
        }
        return y == null ? null : shaped(r, y, result.shape());
    }

    private static Atom shaped(Rewriting r, Atom x, Shape shape) {
        return x.type().shape().equals(shape)
                ? x
                : r.apply(new Structural.Reshape(shape), List.of(x));
    }

    /** A product of operands with axes of one as one without them: then equal ones are equal. */
    private static @Nullable Atom flat(
            Rewriting r, Equation e, List<Product> products, List<Label> names) {
        var two = products.getFirst();
        boolean suits =
                e.op() instanceof Dot
                        && products.size() == 1
                        && two.factors().size() == 2
                        && e.operands().stream()
                                .anyMatch(x -> Axes.of(x.type().shape().dims()).contains(1));
        Atom y = suits ? two.order(names).dot(r) : null;
        return y == null ? null : shaped(r, y, e.results().getFirst().type().shape());
    }

    /** What the line and the products it reads cost; those that others read too are shared. */
    private double cost(Equation e, Set<Equation> opened) {
        double cost = Work.flop(e);
        for (var product : opened) {
            var x = product.results().getFirst();
            double size = x.type().shape().size();
            cost += Order.TRAFFIC * size;
            if (!needed.contains(x)) {
                int shared = readers.getOrDefault(x, Set.of()).size();
                cost += (Work.flop(product) + Order.TRAFFIC * size) / Math.max(1, shared);
            }
        }
        return cost;
    }

    /** Names for the axes of a tensor. */
    private static List<List<Label>> axes(Shape shape) {
        var axes = new ArrayList<List<Label>>();
        for (int i = 0; i < shape.rank(); i++) {
            axes.add(List.of(new Label(shape.dim(i))));
        }
        return axes;
    }

    private @Nullable Expansion sum(Rewriting r, Equation e, Axes over, List<List<Label>> kept) {
        var x = e.operands().getFirst();
        var axes = new ArrayList<List<Label>>();
        var sums = new ArrayList<Label>();
        for (int i = 0, k = 0; i < x.type().shape().rank(); i++) {
            if (over.contains(i)) {
                var label = new Label(x.type().shape().dim(i));
                sums.add(label);
                axes.add(List.of(label));
            } else {
                axes.add(kept.get(k++));
            }
        }
        var open = open(r, x, axes, DEPTH);
        return new Expansion(
                open.products().stream().map(p -> p.over(sums)).toList(), open.opened());
    }

    /** {@code x}, whose axes have these names, as a sum of products; itself if that is smaller. */
    private Expansion open(Rewriting r, Atom x, List<List<Label>> axes, int depth) {
        var e = r.definition(x);
        var inside = e == null || depth == 0 ? null : inside(r, e, axes, depth - 1);
        return inside == null ? leaf(x, axes) : inside;
    }

    private static Expansion leaf(Atom x, List<List<Label>> axes) {
        var f = new Factor(x, axes.stream().flatMap(List::stream).toList());
        return new Expansion(List.of(new Product(List.of(f), List.of())), Set.of());
    }

    private @Nullable Expansion inside(Rewriting r, Equation e, List<List<Label>> axes, int depth) {
        var x = e.operands().isEmpty() ? null : e.operands().getFirst();
        if (x == null) {
            return null;
        }
        return switch (e.op()) {
            case Structural.Transpose t -> {
                var before = new ArrayList<>(axes);
                for (int i = 0; i < axes.size(); i++) {
                    before.set(t.order().get(i), axes.get(i));
                }
                yield open(r, x, before, depth);
            }
            case Structural.Broadcast b -> {
                var before = new ArrayList<List<Label>>();
                for (int i = 0; i < b.dims().size(); i++) {
                    before.add(axes.get(b.dims().get(i)));
                }
                yield open(r, x, before, depth);
            }
            case Structural.Reshape _ -> {
                var before = regrouped(axes, x.type().shape());
                yield before == null ? null : open(r, x, before, depth);
            }
            case Elementwise.Mul _ -> {
                var y = e.operands().getLast();
                yield smaller(
                        e, product(open(r, x, axes, depth), () -> open(r, y, axes, depth), e));
            }
            case Elementwise.Add _ -> {
                var a = open(r, x, axes, depth);
                yield smaller(e, a) == null
                        ? null
                        : smaller(e, both(a, open(r, e.operands().getLast(), axes, depth)));
            }
            case Dot d -> {
                var y = e.operands().getLast();
                long parts = x.type().shape().size() + y.type().shape().size();
                if (parts >= size(e)) {
                    yield null;
                }
                var open = smaller(e, dot(r, e, d, axes, depth));
                yield open == null
                        ? null
                        : new Expansion(open.products(), with(open.opened(), Set.of(e)));
            }
            case Primitive _ -> null;
        };
    }

    private static long size(Equation e) {
        return e.results().getFirst().type().shape().size();
    }

    /** What is smaller than the result of {@code e}, of few products. */
    private static @Nullable Expansion smaller(Equation e, @Nullable Expansion x) {
        boolean fits =
                x != null
                        && x.size() < size(e)
                        && x.products().size() <= MOST
                        && x.products().stream().allMatch(p -> p.factors().size() <= Product.MOST);
        return fits ? x : null;
    }

    private static Expansion both(Expansion a, Expansion b) {
        return new Expansion(
                Stream.concat(a.products().stream(), b.products().stream()).toList(),
                with(a.opened(), b.opened()));
    }

    private static <T> Set<T> with(Set<T> a, Set<T> b) {
        var all = new LinkedHashSet<>(a);
        all.addAll(b);
        return all;
    }

    private static Expansion times(Expansion a, Expansion b) {
        return new Expansion(
                a.products().stream().flatMap(p -> b.products().stream().map(p::times)).toList(),
                with(a.opened(), b.opened()));
    }

    private static @Nullable Expansion product(Expansion a, Supplier<Expansion> b, Equation e) {
        return smaller(e, a) == null ? null : times(a, b.get());
    }

    private @Nullable Expansion dot(
            Rewriting r, Equation e, Dot d, List<List<Label>> axes, int depth) {
        var a = e.operands().getFirst();
        var b = e.operands().getLast();
        int batch = d.leftBatch().size();
        var leftFree = d.leftFree(a.type().shape().rank());
        var rightFree = d.rightFree(b.type().shape().rank());
        var left = blank(a);
        var right = blank(b);
        var sums = new ArrayList<Label>();
        for (int i = 0; i < batch; i++) {
            left.set(d.leftBatch().get(i), axes.get(i));
            right.set(d.rightBatch().get(i), axes.get(i));
        }
        for (int i = 0; i < leftFree.size(); i++) {
            left.set(leftFree.get(i), axes.get(batch + i));
        }
        for (int i = 0; i < rightFree.size(); i++) {
            right.set(rightFree.get(i), axes.get(batch + leftFree.size() + i));
        }
        for (int i = 0; i < d.leftContract().size(); i++) {
            var label = new Label(a.type().shape().dim(d.leftContract().get(i)));
            sums.add(label);
            left.set(d.leftContract().get(i), List.of(label));
            right.set(d.rightContract().get(i), List.of(label));
        }
        var product = times(open(r, a, left, depth), open(r, b, right, depth));
        return product.products().size() > MOST
                        || product.products().stream()
                                .anyMatch(p -> p.factors().size() > Product.MOST)
                ? null
                : new Expansion(
                        product.products().stream().map(p -> p.over(sums)).toList(),
                        product.opened());
    }

    private static List<List<Label>> blank(Atom x) {
        var axes = new ArrayList<List<Label>>();
        for (int i = 0; i < x.type().shape().rank(); i++) {
            axes.add(List.of());
        }
        return axes;
    }

    /** The same names for a tensor before it was reshaped, names split where axes were merged. */
    private static @Nullable List<List<Label>> regrouped(List<List<Label>> axes, Shape shape) {
        var left = new ArrayList<>(Product.resolved(axes.stream().flatMap(List::stream).toList()));
        var result = new ArrayList<List<Label>>();
        for (int i = 0; i < shape.rank(); i++) {
            var axis = new ArrayList<Label>();
            int rest = shape.dim(i);
            while (rest > 1) {
                var next = left.removeFirst();
                if (next.size() > rest && next.size() % rest == 0) {
                    next.split(next.size() / rest);
                    var parts = next.resolved().toList();
                    left.addAll(0, parts.subList(1, parts.size()));
                    next = parts.getFirst();
                }
                if (rest % next.size() != 0) {
                    return null;
                }
                axis.add(next);
                rest /= next.size();
            }
            result.add(axis);
        }
        return result;
    }
}
