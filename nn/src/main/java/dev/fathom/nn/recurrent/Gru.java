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

import java.util.Optional;

/**
 * The gated recurrent unit: r = σ(x W_r + h U_r + b_r), z = σ(x W_z + h U_z + b_z), h' = (1 − z) ∘
 * g + z ∘ h. K. Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP
 * 2014, equations 5 to 8. The candidate g comes in two conventions:
 *
 * <ul>
 *   <li>reset after the product, g = tanh(x W_g + b_g + r ∘ (h U_g + c)): the default, one product
 *       per step, and what cuDNN and PyTorch compute (their b is the sum of their two biases for r
 *       and z);
 *   <li>reset before it, g = tanh(x W_g + b_g + (r ∘ h) U_g): equation 8 of the paper; {@link
 *       #resettingBefore}. It has no c.
 * </ul>
 *
 * <p>Shapes: x (n, in), W (in, 3 width), U (width, 3 width), b (3 width), c (width), h (n, width).
 * The gates lie in the order r, z, g along the last axis.
 *
 * @param weight W
 * @param recurrent U
 * @param bias b
 * @param resetBias c, for the first convention, or nothing, for the second
 */
public record Gru(Tensor weight, Tensor recurrent, Tensor bias, Optional<Tensor> resetBias)
        implements Cell<Tensor> {

    /** W and U by Glorot's uniform law for each gate, biases zero, reset after, float32. */
    public static Gru of(int in, int width, Key key) {
        Checks.positive("Gru", "in", in);
        Checks.positive("Gru", "width", width);
        var keys = key.split(2);
        var law = Initializer.glorotUniform();
        return new Gru(
                law.of(keys[0], DType.FLOAT32, in, width, in, 3 * width),
                law.of(keys[1], DType.FLOAT32, width, width, width, 3 * width),
                Tensor.zeros(3 * width),
                Optional.of(Tensor.zeros(width)));
    }

    /** The same weights in the paper's convention. */
    public Gru resettingBefore() {
        return new Gru(weight, recurrent, bias, Optional.empty());
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
    public Tensor start(int batch) {
        return Ops.zeros(new TensorType(Shape.of(batch, width()), weight.dtype()));
    }

    @Override
    public Tensor project(Tensor x) {
        return x.matmul(weight).plus(bias); // (.., 3 width)
    }

    @Override
    public Tensor advance(Tensor projected, Tensor h) {
        return resetBias.isPresent() ? after(projected, h, resetBias.get()) : before(projected, h);
    }

    private Tensor after(Tensor projected, Tensor h, Tensor c) {
        var x = Shaping.split(projected, 1, 3);
        var u = Shaping.split(h.matmul(recurrent), 1, 3); // three of (n, width)
        Tensor r = sigmoid(x.get(0).plus(u.get(0)));
        Tensor z = sigmoid(x.get(1).plus(u.get(1)));
        return mixed(z, x.get(2).plus(r.times(u.get(2).plus(c))).tanh(), h);
    }

    private Tensor before(Tensor projected, Tensor h) {
        int w = width();
        Tensor gates =
                sigmoid(projected.slice(1, 0, 2 * w).plus(h.matmul(recurrent.slice(1, 0, 2 * w))));
        Tensor r = gates.slice(1, 0, w);
        Tensor z = gates.slice(1, w, 2 * w);
        Tensor inner = r.times(h).matmul(recurrent.slice(1, 2 * w, 3 * w)); // (n, width)
        return mixed(z, projected.slice(1, 2 * w, 3 * w).plus(inner).tanh(), h);
    }

    private static Tensor mixed(Tensor z, Tensor candidate, Tensor h) {
        return candidate.plus(z.times(h.minus(candidate)));
    }

    @Override
    public Tensor output(Tensor h) {
        return h;
    }
}
