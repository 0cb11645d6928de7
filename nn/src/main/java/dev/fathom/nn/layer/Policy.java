package dev.fathom.nn.layer;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;

/**
 * In which dtypes a network keeps its numbers, computes, and answers. Nothing is converted unless a
 * policy says so.
 *
 * <pre>{@code
 * var half = Policy.keeping(DType.BFLOAT16);
 * var small = half.keep(trained);                     // a layer with half the memory
 * Tensor y = small.apply(x, Pass.eval());             // computes in float32, cast where used
 *
 * var careful = Policy.keeping(DType.FLOAT32).answering(DType.FLOAT64);
 * Tensor loss = crossEntropy(careful.apply(net, x, pass), labels);   // the loss in float64
 * }</pre>
 *
 * <p>What was kept is read back from a file into {@code half.keep(net)}, and {@code
 * half.computed(small.net())} is float32 again.
 *
 * <p>Gradients do not see the rounding of a cast, and come in the dtype of what is differentiated
 * in. So float32 weights learn through a rounded copy of themselves: the gradient of a loss of
 * {@code half.computed(half.stored(net))} in {@code net} is float32. Weights that are themselves
 * bfloat16 are not for training: a step of an optimizer is smaller than half their last digit and
 * would be lost, so optimizers refuse them.
 *
 * <p>Running statistics keep their dtype: they are few, and they move by small steps.
 *
 * @param stored what {@link #stored} casts trained tensors to
 * @param computed what layers compute in: float32 or float64
 * @param output what {@link #apply} gives: float32 or float64
 */
public record Policy(DType stored, DType computed, DType output) {

    /** Checks that there is arithmetic where it is needed. */
    public Policy {
        if (!stored.isFloating()) {
            throw new LayerException(
                    "Policy: weights cannot be kept in "
                            + stored
                            + "; it must be bfloat16, float32 or float64");
        }
        checkArithmetic("compute", computed);
        checkArithmetic("answer", output);
    }

    private static void checkArithmetic(String what, DType dtype) {
        if (!dtype.isFloating() || dtype.isStorage()) {
            throw new LayerException(
                    "Policy: a network cannot "
                            + what
                            + " in "
                            + dtype
                            + "; it must be float32 or float64. bfloat16 is for keeping:"
                            + " Policy.keeping(DType.BFLOAT16)");
        }
    }

    /** Weights in {@code stored}, all else in float32. */
    public static Policy keeping(DType stored) {
        return new Policy(stored, DType.FLOAT32, DType.FLOAT32);
    }

    /** The same computing in another dtype. */
    public Policy computing(DType dtype) {
        return new Policy(stored, dtype, output);
    }

    /** The same with outputs in another dtype, float64 for a loss of many digits. */
    public Policy answering(DType dtype) {
        return new Policy(stored, computed, dtype);
    }

    /** {@code tree} with its trained tensors as they are kept. */
    public <T> T stored(T tree) {
        return Tree.mapTrained(t -> t.cast(stored), tree);
    }

    /** {@code tree} with its trained tensors as they are computed with. */
    public <T> T computed(T tree) {
        return Tree.mapTrained(t -> t.cast(computed), tree);
    }

    /** What {@code net} makes of {@code x}, its weights and {@code x} cast where they are used. */
    public Tensor apply(Layer net, Tensor x, Pass pass) {
        Tensor in = x.dtype().isFloating() ? x.cast(computed) : x; // not the numbers of tokens
        return pass.child("net", computed(net), in).cast(output);
    }

    /** {@code net} with its weights as they are kept, and this policy for using them. */
    public <L extends Layer> Kept<L> keep(L net) {
        return new Kept<>(stored(net), this);
    }

    /**
     * A network that {@link Policy#keep} made.
     *
     * @param net with weights as the policy stores them; not to be applied by itself
     * @param policy casts them where they are used
     */
    public record Kept<L extends Layer>(L net, Policy policy) implements Layer {
        @Override
        public Tensor apply(Tensor x, Pass pass) {
            return pass.in(this, () -> policy.apply(net, x, pass));
        }
    }
}
