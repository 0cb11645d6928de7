package dev.fathom.nn.recurrent;

import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;

/**
 * The plain recurrent cell, h' = tanh(x W + h U + b). J. Elman, "Finding structure in time",
 * Cognitive Science 14, 1990. We differ: the paper's units are logistic.
 *
 * <p>Shapes: x (n, in), W (in, width), U (width, width), b (width), h (n, width).
 *
 * @param weight W
 * @param recurrent U
 * @param bias b
 */
public record Elman(Tensor weight, Tensor recurrent, Tensor bias) implements Cell<Tensor> {

    /** W and U by Glorot's uniform law, b zero, float32. */
    public static Elman of(int in, int width, Key key) {
        Checks.positive("Elman", "in", in);
        Checks.positive("Elman", "width", width);
        var keys = key.split(2);
        var law = Initializer.glorotUniform();
        return new Elman(
                law.of(keys[0], DType.FLOAT32, in, width, in, width),
                law.of(keys[1], DType.FLOAT32, width, width, width, width),
                Tensor.zeros(width));
    }

    @Override
    public int features() {
        return weight.dim(0);
    }

    @Override
    public int width() {
        return weight.dim(1);
    }

    @Override
    public Tensor start(int batch) {
        return Ops.zeros(new TensorType(Shape.of(batch, width()), weight.dtype()));
    }

    @Override
    public Tensor project(Tensor x) {
        return x.matmul(weight).plus(bias); // (.., width)
    }

    @Override
    public Tensor advance(Tensor projected, Tensor h) {
        return projected.plus(h.matmul(recurrent)).tanh(); // (n, width)
    }

    @Override
    public Tensor output(Tensor h) {
        return h;
    }
}
