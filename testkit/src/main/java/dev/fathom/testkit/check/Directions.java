package dev.fathom.testkit.check;

import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tree.Tree;

import java.util.SplittableRandom;

/** Trees of random numbers. */
public final class Directions {
    private Directions() {}

    /**
     * Standard normal numbers at every trained leaf, zeros at the others; the same for the same
     * seed.
     */
    public static <T> T random(T like, long seed) {
        var random = new SplittableRandom(seed);
        return Tree.mapLeaves(
                l -> l.trained() ? normal(l.tensor().type(), random) : zeros(l.tensor().type()),
                like);
    }

    /** {@code direction} at the leaf with this path, zeros elsewhere. */
    static <T> T only(T direction, String path) {
        return Tree.mapLeaves(
                l -> l.path().toString().equals(path) ? l.tensor() : zeros(l.tensor().type()),
                direction);
    }

    private static Tensor zeros(TensorType type) {
        return Array.of(type, HostBuffer.allocate(type.dtype(), type.shape().length()));
    }

    private static Tensor normal(TensorType type, SplittableRandom random) {
        var memory = HostBuffer.allocate(type.dtype(), type.shape().length());
        for (int i = 0; i < type.shape().length(); i++) {
            switch (memory.array()) {
                case float[] v -> v[i] = (float) random.nextGaussian();
                case double[] v -> v[i] = random.nextGaussian();
                case Object o -> throw new AssertionError("a trained leaf holds " + o.getClass());
            }
        }
        return Array.of(type, memory);
    }
}
