package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;

import java.util.function.UnaryOperator;

/**
 * A function without parameters as a layer, under a name for messages: {@code Lambda.of("scale", x
 * -> x.dividedBy(255))}.
 *
 * @param label what messages and summaries call it
 * @param function from input to output
 */
public record Lambda(String label, UnaryOperator<Tensor> function) implements Layer {

    /** A named function. */
    public static Lambda of(String label, UnaryOperator<Tensor> function) {
        return new Lambda(label, function);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(this, () -> function.apply(x));
    }
}
