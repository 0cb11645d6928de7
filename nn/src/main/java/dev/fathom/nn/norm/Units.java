package dev.fathom.nn.norm;

import dev.fathom.core.tensor.Tensor;

import java.util.stream.IntStream;

/** All axes but the last: what belongs to one unit of a weight, or to one feature of a batch. */
final class Units {
    private Units() {}

    static int[] axes(Tensor x) {
        return IntStream.range(0, x.rank() - 1).toArray();
    }

    /** ‖v[.., i]‖ for every unit i, (out). */
    static Tensor norms(Tensor v) {
        return v.square().sum(axes(v)).sqrt();
    }

    /** The number of weights of a unit. */
    static int fanIn(Tensor v) {
        return (int) (v.size() / Math.max(1, v.dim(-1)));
    }
}
