package dev.fathom.lab.instrument.operator;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.ArrayList;
import java.util.List;

/**
 * The trained numbers of a model as one vector of float64, in order of declaration, and back. An
 * operator on parameters counts its rows and columns so.
 *
 * @param at the model; what is not trained stays as it is in it
 * @param <P> a tree of tensors
 */
public record ParameterSpace<P>(P at) {
    /** Checks that something is trained. */
    public ParameterSpace {
        InstrumentException.require(
                Tree.countTrained(at) > 0,
                "this model has no floating tensors, so there is nothing to differentiate in");
    }

    /** The parameters of a model. */
    public static <P> ParameterSpace<P> of(P at) {
        return new ParameterSpace<>(at);
    }

    /** How many trained numbers. */
    public int size() {
        return Math.toIntExact(Tree.countTrained(at));
    }

    /** Those of a tree with the same structure, float64 (size). */
    public Tensor vector(P tree) {
        var a = Tree.flatten(at);
        var b = Tree.flatten(tree);
        Tree.checkSame("vector", a, b);
        var parts = new ArrayList<Tensor>();
        for (int i = 0; i < a.leaves().size(); i++) {
            if (a.leaves().get(i).trained()) {
                Tensor t = b.leaves().get(i).tensor();
                parts.add(t.reshape((int) t.size()).cast(DType.FLOAT64));
            }
        }
        return Shaping.concatenate(0, parts.toArray(Tensor[]::new));
    }

    /** The model's own. */
    public Tensor vector() {
        return vector(at);
    }

    /** The model with the numbers of a vector (size), each in the dtype of its leaf. */
    public P tree(Tensor vector) {
        InstrumentException.require(
                vector.rank() == 1 && vector.dim(0) == size(),
                "a vector "
                        + vector.shape()
                        + " does not fill a model of "
                        + size()
                        + " trained numbers");
        return Tree.withTrained(at, vector);
    }

    /** The paths of the trained leaves, such as {@code hidden[0].weight}. */
    public List<String> paths() {
        return Tree.flatten(at).leaves().stream()
                .filter(Tree.Leaf::trained)
                .map(leaf -> leaf.path().toString())
                .toList();
    }

    /**
     * Where in the vector a leaf stands, or everything below a path: {@code hidden[0]} is weight
     * and bias of that layer.
     *
     * @throws InstrumentException if nothing trained stands there
     */
    public Range range(String path) {
        int next = 0;
        int from = -1;
        int to = -1;
        for (var leaf : Tree.flatten(at).leaves()) {
            if (!leaf.trained()) {
                continue;
            }
            int size = (int) leaf.tensor().size();
            if (below(leaf.path().toString(), path)) {
                from = from < 0 ? next : from;
                to = next + size;
            }
            next += size;
        }
        InstrumentException.require(
                from >= 0, "nothing trained stands at '" + path + "'; there are " + paths());
        return new Range(from, to);
    }

    private static boolean below(String leaf, String path) {
        return leaf.startsWith(path)
                && (leaf.length() == path.length()
                        || ".[".indexOf(leaf.charAt(path.length())) >= 0);
    }
}
