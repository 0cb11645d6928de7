package dev.fathom.nn.layer;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;

import java.util.SplittableRandom;

/** Models and inputs in double precision. */
public final class Doubles {
    private Doubles() {}

    /** The same tree with every floating leaf in float64. */
    public static <T> T of(T tree) {
        return Tree.map(t -> t.dtype().isFloating() ? t.cast(DType.FLOAT64) : t, tree);
    }

    /** Standard normal numbers from the JDK's generator: independent of Fathom's. */
    public static Tensor normal(long seed, int... shape) {
        var random = new SplittableRandom(seed);
        int n = 1;
        for (int d : shape) {
            n *= d;
        }
        return Tensor.of(random.doubles(n, 0, 1).map(_ -> random.nextGaussian()).toArray(), shape);
    }
}
