package dev.fathom.optim.transform;

import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

import java.util.LinkedHashMap;
import java.util.Map;

/** One tensor for each trained leaf of a model, by the leaf's path: what an optimizer remembers. */
final class Slots {
    private Slots() {}

    static Map<String, Tensor> zeros(Object params) {
        var slots = new LinkedHashMap<String, Tensor>();
        for (var leaf : Tree.flatten(params).leaves()) {
            if (leaf.trained()) {
                slots.put(leaf.path().toString(), Ops.zeros(leaf.tensor().type()));
            }
        }
        return slots;
    }

    static Tensor get(String transform, Map<String, Tensor> slots, Tree.Leaf leaf) {
        var slot = slots.get(leaf.path().toString());
        if (slot == null || !slot.type().equals(leaf.tensor().type())) {
            throw new OptimizerException(
                    transform
                            + ": the state has "
                            + (slot == null ? "nothing" : "a tensor of type " + slot.type())
                            + " for "
                            + leaf.path()
                            + " of type "
                            + leaf.tensor().type()
                            + "; it belongs to another model. Start from init(params)");
        }
        return slot;
    }
}
