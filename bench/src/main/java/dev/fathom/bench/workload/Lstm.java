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
 * An LSTM without biases, as libtorch lays it out (gates i, f, g, o), and a dense layer on its last
 * state.
 *
 * @param input (in, 4 hidden)
 * @param hidden (hidden, 4 hidden)
 * @param output (hidden, classes)
 */
record Lstm(Tensor input, Tensor hidden, Tensor output) implements Layer {
    private record State(Tensor h, Tensor c) {}

    static Lstm of(int in, int width, int classes, Key key) {
        var keys = key.split(3);
        double range = 1 / Math.sqrt(width);
        return new Lstm(
                uniform(keys[0], range, in, 4 * width),
                uniform(keys[1], range, width, 4 * width),
                uniform(keys[2], range, width, classes));
    }

    static Tensor uniform(Key key, double range, int... shape) {
        return key.uniform(shape).times(2 * range).minus(range);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) { // (n, time, in)
        int n = x.dim(0);
        int width = hidden.dim(0);
        Tensor projected = x.transpose(1, 0, 2).matmul(input); // (time, n, 4 hidden)
        var zero = Tensor.zeros(n, width);
        var last =
                Loops.scan(
                        (State s, Tensor xt) -> {
                            Tensor gates = xt.plus(s.h().matmul(hidden)); // (n, 4 hidden)
                            Tensor i = sigmoid(gates.slice(1, 0, width));
                            Tensor f = sigmoid(gates.slice(1, width, 2 * width));
                            Tensor g = tanh(gates.slice(1, 2 * width, 3 * width));
                            Tensor o = sigmoid(gates.slice(1, 3 * width, 4 * width));
                            Tensor c = f.times(s.c()).plus(i.times(g));
                            return new Carried<>(new State(o.times(tanh(c)), c), List.of());
                        },
                        new State(zero, zero),
                        projected);
        return last.carry().h().matmul(output); // (n, classes)
    }
}
