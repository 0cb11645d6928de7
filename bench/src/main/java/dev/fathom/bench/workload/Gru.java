package dev.fathom.bench.workload;

import static dev.fathom.core.math.Functions.sigmoid;
import static dev.fathom.core.math.Functions.tanh;

import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.List;

/**
 * A gated recurrent unit without biases, as libtorch lays it out (gates r, z, n; r after the
 * product), and a dense layer on its last state.
 *
 * @param input (in, 3 hidden)
 * @param hidden (hidden, 3 hidden)
 * @param output (hidden, classes)
 */
record Gru(Tensor input, Tensor hidden, Tensor output) implements Layer {
    static Gru of(int in, int width, int classes, Key key) {
        var keys = key.split(3);
        double range = 1 / Math.sqrt(width);
        return new Gru(
                Lstm.uniform(keys[0], range, in, 3 * width),
                Lstm.uniform(keys[1], range, width, 3 * width),
                Lstm.uniform(keys[2], range, width, classes));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) { // (n, time, in)
        int w = hidden.dim(0);
        Tensor projected = x.transpose(1, 0, 2).matmul(input); // (time, n, 3 hidden)
        var last =
                Loops.scan(
                        (Tensor h, Tensor xt) -> {
                            Tensor u = h.matmul(hidden); // (n, 3 hidden)
                            Tensor gates =
                                    sigmoid(xt.slice(1, 0, 2 * w).plus(u.slice(1, 0, 2 * w)));
                            Tensor r = gates.slice(1, 0, w);
                            Tensor z = gates.slice(1, w, 2 * w);
                            Tensor n =
                                    tanh(
                                            xt.slice(1, 2 * w, 3 * w)
                                                    .plus(r.times(u.slice(1, 2 * w, 3 * w))));
                            return new Carried<>(n.plus(z.times(h.minus(n))), List.of());
                        },
                        Tensor.zeros(x.dim(0), w),
                        projected);
        return last.carry().matmul(output); // (n, classes)
    }
}
