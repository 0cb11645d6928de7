package dev.fathom.train.checkpoint;

import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.Tracer;
import dev.fathom.core.tree.Tree;

/** Trees with memory of their own. */
public final class Copy {
    private Copy() {}

    /** A tree of the same numbers in fresh memory. */
    public static <T> T of(T tree) {
        return Tree.map(Copy::tensor, tree);
    }

    private static Tensor tensor(Tensor t) {
        var concrete =
                switch (t) {
                    case Array a -> a;
                    case Tracer s -> s.concrete();
                };
        Object memory =
                switch (concrete.buffer().host()) {
                    case float[] v -> v.clone();
                    case double[] v -> v.clone();
                    case int[] v -> v.clone();
                    case long[] v -> v.clone();
                    case byte[] v -> v.clone();
                    case short[] v -> v.clone();
                    case Object other ->
                            throw new IllegalStateException("a buffer holds " + other.getClass());
                };
        return Array.of(t.type(), new HostBuffer(memory));
    }
}
