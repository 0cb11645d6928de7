package dev.fathom.core.op;

import dev.fathom.core.tensor.Tensor;

import java.util.List;

/**
 * A derivative that a user states for a function, instead of the one that would follow from its
 * body.
 */
public sealed interface DerivativeRule {

    /**
     * Forward rule: given inputs, outputs and tangents of all inputs, the tangents of the outputs;
     * it must be linear in the tangents and is transposed for reverse mode.
     */
    non-sealed interface Forward extends DerivativeRule {
        /**
         * The tangents of the outputs. Tangents of integer inputs are zeros of that type; those of
         * bfloat16 are float32.
         */
        List<Tensor> tangents(List<Tensor> inputs, List<Tensor> outputs, List<Tensor> tangents);
    }

    /**
     * Reverse rule: given inputs, outputs and cotangents of the outputs, the cotangents of the
     * inputs. Forward mode through such a function is refused.
     */
    non-sealed interface Reverse extends DerivativeRule {
        /**
         * One cotangent per input, of the type of its derivative; those of integer inputs are
         * ignored.
         */
        List<Tensor> cotangents(List<Tensor> inputs, List<Tensor> outputs, List<Tensor> cotangents);
    }
}
