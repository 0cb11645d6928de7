package dev.fathom.core.tree;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.error.TreeException;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A model is a tree of tensors: records, lists, maps and optionals of tensors, to any depth.
 * Parameters, gradients, optimizer states and whole training states are such trees; every transform
 * takes and returns them. Anything else inside (numbers, enums, functions) is static and stays as
 * it is.
 */
public final class Tree {
    private Tree() {}

    /**
     * A tensor with its place; {@code trained} is false for statistics and non-floating tensors.
     */
    public record Leaf(Path path, Tensor tensor, boolean trained) {}

    /** A tree taken apart. */
    public record Flat(List<Leaf> leaves, Structure structure) {
        /** The tensors in order. */
        public List<Tensor> tensors() {
            return leaves.stream().map(Leaf::tensor).toList();
        }

        /** A value of the same structure with other tensors. */
        public Object with(List<Tensor> tensors) {
            if (tensors.size() != leaves.size()) {
                throw new TreeException(
                        "a tree of "
                                + leaves.size()
                                + " tensors cannot be built from "
                                + tensors.size());
            }
            return structure.build(tensors.iterator());
        }
    }

    /**
     * Takes a tree apart into its tensors, in order of declaration, and the structure around them.
     */
    public static Flat flatten(Object tree) {
        var leaves = new ArrayList<Leaf>();
        var structure = flatten(tree, Path.ROOT, leaves);
        return new Flat(List.copyOf(leaves), structure);
    }

    private static Structure flatten(Object value, Path path, List<Leaf> leaves) {
        return switch (value) {
            case null ->
                    throw new TreeException(
                            "null at " + path + "; use Optional for what may be absent");
            case Tensor t -> {
                leaves.add(new Leaf(path, t, t.dtype().isFloating()));
                yield new Structure.Leaf();
            }
            case Statistic(Tensor t) -> {
                leaves.add(new Leaf(path, t, false));
                yield new Structure.Untrained();
            }
            case Record r -> {
                var shape = RecordShape.of(r.getClass());
                var parts = new ArrayList<Structure>();
                for (int i = 0; i < shape.names().size(); i++) {
                    var step = new Path.Step.Field(shape.names().get(i));
                    parts.add(flatten(shape.get(r, i), path.then(step), leaves));
                }
                boolean plain = parts.stream().allMatch(p -> p instanceof Structure.Static);
                yield plain ? new Structure.Static(r) : new Structure.OfRecord(r.getClass(), parts);
            }
            case List<?> list -> {
                var parts = new ArrayList<Structure>();
                for (int i = 0; i < list.size(); i++) {
                    parts.add(flatten(list.get(i), path.then(new Path.Step.Index(i)), leaves));
                }
                yield new Structure.OfList(parts);
            }
            case Map<?, ?> map -> {
                var keys = new ArrayList<String>();
                var parts = new ArrayList<Structure>();
                for (var e : map.entrySet()) {
                    if (!(e.getKey() instanceof String key)) {
                        throw new TreeException(
                                "the map at "
                                        + path
                                        + " has a key that is not a string: "
                                        + e.getKey());
                    }
                    keys.add(key);
                    parts.add(flatten(e.getValue(), path.then(new Path.Step.Entry(key)), leaves));
                }
                yield new Structure.OfMap(keys, parts);
            }
            case Optional<?> o -> new Structure.OfOptional(o.map(v -> flatten(v, path, leaves)));
            case Object other -> {
                Opaque.check(other, path);
                yield new Structure.Static(other);
            }
        };
    }

    /** The tensors of a tree, in order. */
    public static List<Tensor> leaves(Object tree) {
        return flatten(tree).tensors();
    }

    /** The tensors by path, such as {@code layers[2].weight}. */
    public static Map<String, Tensor> named(Object tree) {
        var map = new LinkedHashMap<String, Tensor>();
        flatten(tree).leaves().forEach(l -> map.put(l.path().toString(), l.tensor()));
        return map;
    }

    /** {@code f} of every tensor. */
    public static <T> T map(UnaryOperator<Tensor> f, T tree) {
        return mapLeaves(l -> f.apply(l.tensor()), tree);
    }

    /** {@code f} of every leaf, which knows its path. */
    public static <T> T mapLeaves(Function<Leaf, Tensor> f, T tree) {
        var flat = flatten(tree);
        return cast(flat.with(flat.leaves().stream().map(f).toList()));
    }

    /** {@code f} of the trained tensors only. */
    public static <T> T mapTrained(UnaryOperator<Tensor> f, T tree) {
        return mapLeaves(l -> l.trained() ? f.apply(l.tensor()) : l.tensor(), tree);
    }

    /**
     * The tree with the numbers of a vector in its trained tensors, one after the other in their
     * order, each in its own shape and dtype.
     *
     * @param vector (n), with n the {@link #countTrained} of the tree
     * @throws ShapeException if the vector has another length
     */
    public static <T> T withTrained(T tree, Tensor vector) {
        long size = countTrained(tree);
        if (vector.rank() != 1 || vector.size() != size) {
            throw new ShapeException(
                    "a vector "
                            + vector.shape()
                            + " does not fill a tree of "
                            + size
                            + " trained numbers");
        }
        var next = new int[1];
        return mapLeaves(
                leaf -> {
                    Tensor t = leaf.tensor();
                    if (!leaf.trained()) {
                        return t;
                    }
                    int from = next[0];
                    next[0] += (int) t.size();
                    return vector.slice(0, from, next[0]).reshape(t.shape().dims()).cast(t.dtype());
                },
                tree);
    }

    /**
     * {@code f} of the tensors at the same place of two trees.
     *
     * @throws TreeException naming the first place where they differ
     */
    public static <T> T zip(BinaryOperator<Tensor> f, T a, Object b) {
        return zipLeaves((leaf, t) -> f.apply(leaf.tensor(), t), a, b);
    }

    /** {@code f} of the leaves of {@code a} and the tensors of {@code b} at the same place. */
    public static <T> T zipLeaves(BiFunction<Leaf, Tensor, Tensor> f, T a, Object b) {
        var x = flatten(a);
        var y = flatten(b);
        checkSame("zip", x, y);
        var results = new ArrayList<Tensor>();
        for (int i = 0; i < x.leaves().size(); i++) {
            results.add(f.apply(x.leaves().get(i), y.leaves().get(i).tensor()));
        }
        return cast(x.with(results));
    }

    /** Checks that two trees have tensors at the same places. */
    public static void checkSame(String what, Flat x, Flat y) {
        int n = Math.min(x.leaves().size(), y.leaves().size());
        for (int i = 0; i < n; i++) {
            var p = x.leaves().get(i).path();
            var q = y.leaves().get(i).path();
            if (!p.equals(q)) {
                throw new TreeException(
                        what
                                + ": the trees differ: one has a tensor at "
                                + p
                                + ", the other at "
                                + q);
            }
        }
        if (x.leaves().size() != y.leaves().size()) {
            var longer = x.leaves().size() > n ? x : y;
            throw new TreeException(
                    what
                            + ": the trees differ: only one has a tensor at "
                            + longer.leaves().get(n).path());
        }
    }

    @SuppressWarnings("unchecked") // rebuilt from the structure of a T
    private static <T> T cast(Object tree) {
        return (T) tree;
    }

    /** A tree with the tensor at one path replaced; the type must stay. */
    public static <T> T with(T tree, String path, Tensor tensor) {
        var found = new boolean[1];
        T changed =
                mapLeaves(
                        l -> {
                            if (!l.path().toString().equals(path)) {
                                return l.tensor();
                            }
                            if (!l.tensor().type().equals(tensor.type())) {
                                throw new ShapeException(
                                        path
                                                + " has type "
                                                + l.tensor().type()
                                                + ", not "
                                                + tensor.type());
                            }
                            found[0] = true;
                            return tensor;
                        },
                        tree);
        if (!found[0]) {
            throw new TreeException(
                    "there is no tensor at '" + path + "'; there are " + named(tree).keySet());
        }
        return changed;
    }

    // ---- arithmetic: a tree of floating tensors is a vector
    // ---------------------------------------

    /** a + b at every trained place; the others are a's. */
    public static <T> T plus(T a, Object b) {
        return zipLeaves((l, t) -> l.trained() ? l.tensor().plus(t) : l.tensor(), a, b);
    }

    /** a − b at every trained place; the others are a's. */
    public static <T> T minus(T a, Object b) {
        return zipLeaves((l, t) -> l.trained() ? l.tensor().minus(t) : l.tensor(), a, b);
    }

    /** s · a at every trained place. */
    public static <T> T times(T a, double s) {
        return mapTrained(t -> t.times(s), a);
    }

    /** s · a at every trained place, s a scalar tensor. */
    public static <T> T times(T a, Tensor s) {
        return mapTrained(t -> t.times(s.cast(t.dtype())), a);
    }

    /** Zeros of the same types everywhere. */
    public static <T> T zerosLike(T tree) {
        return map(t -> Ops.zeros(t.type()), tree);
    }

    /** Σ aᵢ bᵢ over all trained places, a scalar. */
    public static Tensor dot(Object a, Object b) {
        var x = flatten(a);
        var y = flatten(b);
        checkSame("dot", x, y);
        Tensor sum = null;
        for (int i = 0; i < x.leaves().size(); i++) {
            if (x.leaves().get(i).trained()) {
                Tensor part = x.leaves().get(i).tensor().times(y.leaves().get(i).tensor()).sum();
                sum = sum == null ? part : sum.plus(part.cast(sum.dtype()));
            }
        }
        if (sum == null) {
            throw new TreeException("the tree has no floating tensors, so no inner product");
        }
        return sum;
    }

    /** √Σ aᵢ² over all trained places, a scalar. */
    public static Tensor norm(Object tree) {
        return dot(tree, tree).sqrt();
    }

    /** Number of trained elements. */
    public static long countTrained(Object tree) {
        return flatten(tree).leaves().stream()
                .filter(Leaf::trained)
                .mapToLong(l -> l.tensor().size())
                .sum();
    }
}
