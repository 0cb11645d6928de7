package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A transform that treats every trained leaf in the same way and remembers a few tensors for each.
 * A rule is one method:
 *
 * <pre>{@code
 * record Signs() implements PerLeaf {
 *     public String name() { return "signs"; }
 *     public Map<String, TensorType> slots(TensorType leaf) { return Map.of(); }
 *     public Tensor update(Tensor g, Tensor w, Memory memory) { return Functions.sign(g); }
 * }
 * }</pre>
 */
public interface PerLeaf extends GradientTransform<PerLeaf.State> {
    /**
     * What such a transform remembers.
     *
     * @param step number of updates made, int32 ()
     * @param slots by name of the slot, then by path of the parameter
     */
    record State(Tensor step, Map<String, Map<String, Tensor>> slots) {}

    /** What messages call it. */
    String name();

    /** The tensors remembered for a leaf, by name; all begin with {@link #initial}. */
    Map<String, TensorType> slots(TensorType leaf);

    /** The first value of every element of every slot. */
    default double initial() {
        return 0;
    }

    /**
     * The update of one leaf.
     *
     * @param g its gradient
     * @param w its value
     * @param memory its slots and the step
     */
    Tensor update(Tensor g, Tensor w, Memory memory);

    @Override
    default State init(Object params) {
        var slots = new LinkedHashMap<String, Map<String, Tensor>>();
        for (var leaf : Tree.flatten(params).leaves()) {
            if (leaf.trained()) {
                slots(leaf.tensor().type())
                        .forEach((slot, type) ->
                                slots.computeIfAbsent(slot, _ -> new LinkedHashMap<>())
                                        .put(
                                                leaf.path().toString(),
                                                Tensor.full(
                                                        type.dtype(),
                                                        initial(),
                                                        type.shape().dims())));
            }
        }
        return new State(Tensor.scalar(0), slots);
    }

    @Override
    default <P> Updates<P, State> update(P gradients, State state, P params) {
        Tensor step = state.step().plus(1);
        var next = new LinkedHashMap<String, Map<String, Tensor>>();
        state.slots().keySet().forEach(slot -> next.put(slot, new LinkedHashMap<>()));
        P updates =
                Tree.zipLeaves(
                        (g, w) ->
                                g.trained()
                                        ? update(
                                                g.tensor(),
                                                w,
                                                new Memory(this, g, step, state.slots(), next))
                                        : g.tensor(),
                        gradients,
                        params);
        return new Updates<>(updates, new State(step, next));
    }

    /** The slots of one leaf during one update. */
    final class Memory {
        private final PerLeaf owner;
        private final Tree.Leaf leaf;
        private final Tensor step;
        private final Map<String, Map<String, Tensor>> before;
        private final Map<String, Map<String, Tensor>> after;

        private Memory(
                PerLeaf owner,
                Tree.Leaf leaf,
                Tensor step,
                Map<String, Map<String, Tensor>> before,
                Map<String, Map<String, Tensor>> after) {
            this.owner = owner;
            this.leaf = leaf;
            this.step = step;
            this.before = before;
            this.after = after;
        }

        /**
         * The number of this update, counted from 1, in float64 so that powers keep their digits.
         */
        public Tensor step() {
            return step.cast(DType.FLOAT64);
        }

        /**
         * What a slot holds.
         *
         * @throws OptimizerException if the state belongs to another model
         */
        public Tensor get(String slot) {
            var path = leaf.path().toString();
            var wanted = owner.slots(leaf.tensor().type()).get(slot);
            var found = before.getOrDefault(slot, Map.of()).get(path);
            if (found == null || !found.type().equals(wanted)) {
                throw new OptimizerException(
                        owner.name()
                                + ": the state has "
                                + (found == null ? "nothing" : "a tensor of type " + found.type())
                                + " for "
                                + path
                                + " of type "
                                + leaf.tensor().type()
                                + "; it belongs to another model. Start from init(params)");
            }
            return found;
        }

        /** Puts a new value into a slot, and gives it back. */
        public Tensor put(String slot, Tensor value) {
            after.get(slot).put(leaf.path().toString(), value);
            return value;
        }

        /** slot ← β slot + (1 − β) x: a decaying mean. */
        public Tensor average(String slot, double beta, Tensor x) {
            return put(slot, get(slot).times(beta).plus(x.times(1 - beta)));
        }

        /** 1 − βᵗ, in the dtype of {@code like}: what a mean that began at 0 is divided by. */
        public Tensor correction(double beta, Tensor like) {
            return correction(beta, like, 0);
        }

        Tensor correction(double beta, Tensor like, int ahead) {
            Tensor power = Functions.pow(Tensor.scalar(beta), step().plus(ahead));
            return power.negate().plus(1).cast(like.dtype());
        }
    }
}
