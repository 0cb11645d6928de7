package dev.fathom.nn.recurrent;

import static dev.fathom.core.math.Functions.sigmoid;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;

/**
 * Long short-term memory: (i, f, g, o) = x W + h U + b, c' = σ(f) ∘ c + σ(i) ∘ tanh(g), h' = σ(o) ∘
 * tanh(c'). S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997;
 * the forget gate f: F. Gers, J. Schmidhuber, F. Cummins, "Learning to forget", Neural Computation
 * 12, 2000. No peepholes. The gates lie in the order i, f, g, o along the last axis.
 *
 * <p>Shapes: x (n, in), W (in, 4 width), U (width, 4 width), b (4 width), h and c (n, width).
 *
 * @param weight W
 * @param recurrent U
 * @param bias b
 */
public record Lstm(Tensor weight, Tensor recurrent, Tensor bias) implements Cell<Lstm.State> {

    /** h, which is shown, and c, which is remembered; both (n, width). */
    public record State(Tensor hidden, Tensor cell) {}

    /**
     * W and U by Glorot's uniform law for each gate, b zero but 1 at the forget gate, float32: at
     * the start the memory is kept (Gers et al. 2000, section 4; R. Jozefowicz, W. Zaremba, I.
     * Sutskever, ICML 2015).
     */
    public static Lstm of(int in, int width, Key key) {
        return of(in, width, 1, key);
    }

    /** The same with another bias of the forget gate. */
    public static Lstm of(int in, int width, double forgetBias, Key key) {
        Checks.positive("Lstm", "in", in);
        Checks.positive("Lstm", "width", width);
        var keys = key.split(2);
        var law = Initializer.glorotUniform();
        Tensor rest = Tensor.zeros(width);
        return new Lstm(
                law.of(keys[0], DType.FLOAT32, in, width, in, 4 * width),
                law.of(keys[1], DType.FLOAT32, width, width, width, 4 * width),
                Shaping.concatenate(
                        0, rest, Tensor.full(DType.FLOAT32, forgetBias, width), rest, rest));
    }

    @Override
    public int features() {
        return weight.dim(0);
    }

    @Override
    public int width() {
        return recurrent.dim(0);
    }

    @Override
    public State start(int batch) {
        Tensor zero = Ops.zeros(new TensorType(Shape.of(batch, width()), weight.dtype()));
        return new State(zero, zero);
    }

    @Override
    public Tensor project(Tensor x) {
        return x.matmul(weight).plus(bias); // (.., 4 width)
    }

    @Override
    public State advance(Tensor projected, State s) {
        Tensor z = projected.plus(s.hidden().matmul(recurrent)); // (n, 4 width)
        var gates = Shaping.split(z, 1, 4);
        Tensor kept = sigmoid(gates.get(1)).times(s.cell());
        Tensor cell = kept.plus(sigmoid(gates.get(0)).times(gates.get(2).tanh())); // (n, width)
        return new State(sigmoid(gates.get(3)).times(cell.tanh()), cell);
    }

    @Override
    public Tensor output(State s) {
        return s.hidden();
    }
}
