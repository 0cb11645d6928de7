package dev.fathom.optim.second;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

import java.util.ArrayList;

/** All trained leaves of a tree as one vector; float64 if any of them is. */
final class Vectors {
    private Vectors() {}

    static DType dtype(String rule, Object tree) {
        var trained = Tree.flatten(tree).leaves().stream().filter(Tree.Leaf::trained).toList();
        if (trained.isEmpty()) {
            throw new OptimizerException(
                    rule + ": there is no floating tensor among the parameters to train");
        }
        boolean wide = trained.stream().anyMatch(l -> l.tensor().dtype() == DType.FLOAT64);
        return wide ? DType.FLOAT64 : DType.FLOAT32;
    }

    /** The vector. */
    static Tensor of(String rule, Object tree) {
        var dtype = dtype(rule, tree);
        var parts = new ArrayList<Tensor>();
        for (var leaf : Tree.flatten(tree).leaves()) {
            if (leaf.trained()) {
                parts.add(leaf.tensor().reshape((int) leaf.tensor().size()).cast(dtype));
            }
        }
        return Shaping.concatenate(0, parts.toArray(Tensor[]::new));
    }

    static Tensor dot(Tensor a, Tensor b) {
        return a.times(b).sum();
    }
}
