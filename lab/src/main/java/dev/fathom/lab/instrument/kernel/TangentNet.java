package dev.fathom.lab.instrument.kernel;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.ArrayList;
import java.util.List;

/**
 * A ReLU network in the tangent parametrisation: weights are N(0, 1), every layer is z = √(2/n) a W
 * for n inputs, no biases. Its tangent kernel goes to that of {@link ReluKernel#of} as the width
 * grows (Jacot et al. 2018); if the factor were in the weights it would grow with the width.
 *
 * @param weights W, (n_in, n_out) each
 */
public record TangentNet(List<Tensor> weights) implements Layer {
    /** Copies the list. */
    public TangentNet {
        weights = List.copyOf(weights);
    }

    /** So many hidden layers of one width; dtype as asked. */
    public static TangentNet of(int in, int hidden, int width, int out, DType dtype, Key key) {
        InstrumentException.check("TangentNet", "width", width, "at least 1", width >= 1);
        InstrumentException.check("TangentNet", "hidden", hidden, "at least 0", hidden >= 0);
        var weights = new ArrayList<Tensor>();
        for (int i = 0; i <= hidden; i++) {
            int from = i == 0 ? in : width;
            int to = i == hidden ? out : width;
            weights.add(key.fold(i).normal(dtype, from, to));
        }
        return new TangentNet(weights);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) { // x: (n, in)
        Tensor a = x;
        for (int i = 0; i < weights.size(); i++) {
            Tensor w = weights.get(i);
            a = (i == 0 ? a : Functions.relu(a)).matmul(w).times(Math.sqrt(2.0 / w.dim(0)));
        }
        return a; // (n, out)
    }
}
