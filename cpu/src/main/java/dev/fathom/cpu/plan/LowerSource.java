package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Source;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.cpu.simd.Threefry;

import java.util.List;

/** Counting and random bits. */
final class LowerSource {
    private static final int GRAIN = 1 << 14;

    private LowerSource() {}

    static void lower(Lowering to, Equation e, Source op) {
        var y = to.result(e, 0);
        switch (op) {
            case Source.Iota i ->
                    to.kernel(
                            "iota",
                            List.of(),
                            List.of(y),
                            f -> iota(Lowering.array(f, y), Lowering.at(f, y), i));
            case Source.RandomBits r -> {
                var key = to.contiguous(e, 0);
                int n = r.shape().length();
                int keys = key.length() / 2;
                to.kernel("randomBits", List.of(key), List.of(y), f -> bits(f, key, y, keys, n));
            }
        }
    }

    private static void bits(Frame f, View key, View y, int keys, int n) {
        var words = (int[]) Lowering.array(f, key);
        var out = (int[]) Lowering.array(f, y);
        int k = Lowering.at(f, key);
        int to = Lowering.at(f, y);
        for (int i = 0; i < keys; i++) {
            int k0 = words[k + 2 * i];
            int k1 = words[k + 2 * i + 1];
            int base = to + i * n;
            if (n <= GRAIN) {
                Threefry.bits(k0, k1, 0, out, base, n);
            } else {
                f.workers.runRange(
                        n, GRAIN, (p, q) -> Threefry.bits(k0, k1, p, out, base + p, q - p));
            }
        }
    }

    /** The result of {@code op}. */
    static Array counted(Source.Iota op) {
        var memory = HostBuffer.allocate(op.dtype(), op.shape().length());
        iota(memory.array(), 0, op);
        return Array.of(new TensorType(op.shape(), op.dtype()), memory);
    }

    private static void iota(Object y, int at, Source.Iota op) {
        var shape = op.shape();
        int inner = shape.range(op.axis() + 1, shape.rank()).length();
        int d = shape.dim(op.axis());
        for (int i = 0; i < shape.length(); i++) {
            int v = i / inner % d;
            switch (y) {
                case float[] a -> a[at + i] = v;
                case double[] a -> a[at + i] = v;
                case int[] a -> a[at + i] = v;
                case long[] a -> a[at + i] = v;
                case Object o -> throw new IllegalStateException("not a number buffer: " + o);
            }
        }
    }
}
