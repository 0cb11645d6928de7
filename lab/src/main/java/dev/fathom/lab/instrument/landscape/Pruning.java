package dev.fathom.lab.instrument.landscape;

import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Masks of zeros and ones, as trees like the model. Weights with two axes or more are thinned out,
 * vectors and scalars (biases, normalisations) are kept whole.
 */
public final class Pruning {
    private Pruning() {}

    /** The model with zeros where the mask has them. */
    public static <P> P masked(P model, P mask) {
        return Tree.zipLeaves(
                (leaf, m) -> leaf.trained() ? leaf.tensor().times(m) : leaf.tensor(), model, mask);
    }

    /**
     * Keeps the given share of each weight: its entries of largest magnitude, in a tie the earlier
     * ones. J. Frankle and M. Carbin, "The lottery ticket hypothesis", ICLR 2019, section 2.
     *
     * @param density in [0, 1]
     */
    public static <P> P byLayer(P model, double density) {
        check(density);
        return Tree.mapLeaves(
                leaf -> {
                    if (!thinned(leaf)) {
                        return ones(leaf);
                    }
                    var values = leaf.tensor().toDoubles();
                    var kept = largest(List.of(values), density).getFirst();
                    return shaped(kept, leaf.tensor());
                },
                model);
    }

    /** Keeps the given share of all weights together: large layers may lose more. */
    public static <P> P global(P model, double density) {
        check(density);
        var leaves = Tree.flatten(model).leaves().stream().filter(Pruning::thinned).toList();
        var kept = largest(leaves.stream().map(l -> l.tensor().toDoubles()).toList(), density);
        var next = new int[1];
        return Tree.mapLeaves(
                leaf -> thinned(leaf) ? shaped(kept.get(next[0]++), leaf.tensor()) : ones(leaf),
                model);
    }

    /** A mask as dense as this one in every leaf, in random places: the control of a ticket. */
    public static <P> P shuffled(P mask, Key key) {
        var next = new int[1];
        return Tree.mapLeaves(
                leaf -> {
                    if (!thinned(leaf)) {
                        return leaf.tensor();
                    }
                    var values = leaf.tensor().toDoubles();
                    var order = key.fold(next[0]++).permutation(values.length).toInts();
                    return shaped(
                            IntStream.of(order).mapToDouble(i -> values[i]).toArray(),
                            leaf.tensor());
                },
                mask);
    }

    /** The share of ones among the weights that may be thinned. */
    public static double density(Object mask) {
        double ones = 0;
        long all = 0;
        for (var leaf : Tree.flatten(mask).leaves()) {
            if (thinned(leaf)) {
                ones += leaf.tensor().sum().item();
                all += leaf.tensor().size();
            }
        }
        return ones / all;
    }

    private static void check(double density) {
        InstrumentException.check(
                "pruning", "density", density, "in [0, 1]", density >= 0 && density <= 1);
    }

    private static boolean thinned(Tree.Leaf leaf) {
        return leaf.trained() && leaf.tensor().rank() >= 2;
    }

    private static Tensor ones(Tree.Leaf leaf) {
        return leaf.trained() ? Ops.full(leaf.tensor().type(), 1) : leaf.tensor();
    }

    private static Tensor shaped(double[] values, Tensor like) {
        return Tensor.of(values, like.shape().dims()).cast(like.dtype());
    }

    private record Place(int part, int index, double size) {}

    private static List<double[]> largest(List<double[]> parts, double density) {
        var places = new ArrayList<Place>();
        var kept = new ArrayList<double[]>();
        for (int p = 0; p < parts.size(); p++) {
            kept.add(new double[parts.get(p).length]);
            for (int i = 0; i < parts.get(p).length; i++) {
                places.add(new Place(p, i, Math.abs(parts.get(p)[i])));
            }
        }
        places.sort(Comparator.comparingDouble(Place::size).reversed()); // stable
        long count = Math.round(density * places.size());
        for (int i = 0; i < count; i++) {
            kept.get(places.get(i).part())[places.get(i).index()] = 1;
        }
        return kept;
    }
}
