package dev.fathom.nn.norm;

import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

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

    /** Refuses a unit whose weights are all 0, where they can be looked at: it has no direction. */
    static void requireDirections(String layer, Tensor v, String remedy) {
        if (!(v instanceof Array)) {
            return;
        }
        double[] norms = norms(v).toDoubles();
        for (int i = 0; i < norms.length; i++) {
            if (norms[i] == 0) {
                throw new LayerException(
                        layer
                                + ": all weights of unit "
                                + i
                                + " of "
                                + v.shape()
                                + " are 0, which have no direction; dividing by their length would"
                                + " give NaN. "
                                + remedy);
            }
        }
    }

    /** The number of weights of a unit. */
    static int fanIn(Tensor v) {
        return (int) (v.size() / Math.max(1, v.dim(-1)));
    }
}
