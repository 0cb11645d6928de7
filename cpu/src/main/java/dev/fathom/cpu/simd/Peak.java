package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Multiply-adds that never leave the registers: the most arithmetic that a core can do. Ten chains
 * of them are more than any core has under way, and fit into 16 registers.
 */
public final class Peak {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final FloatVector ZERO = FloatVector.zero(S);

    /** Floating-point operations of one repeat: ten vectors, two for each multiply-add. */
    public static final int FLOP = 10 * 2 * S.length();

    private static volatile float sink;

    private Peak() {}

    /** Does {@code repeats} repeats on the calling thread. */
    public static void run(long repeats) {
        FloatVector a = ZERO.broadcast(0.999999f);
        FloatVector b = ZERO.broadcast(1e-7f);
        FloatVector c0 = a;
        FloatVector c1 = a;
        FloatVector c2 = a;
        FloatVector c3 = a;
        FloatVector c4 = a;
        FloatVector c5 = a;
        FloatVector c6 = a;
        FloatVector c7 = a;
        FloatVector c8 = a;
        FloatVector c9 = a;
        for (long i = 0; i < repeats; i++) {
            c0 = a.fma(c0, b);
            c1 = a.fma(c1, b);
            c2 = a.fma(c2, b);
            c3 = a.fma(c3, b);
            c4 = a.fma(c4, b);
            c5 = a.fma(c5, b);
            c6 = a.fma(c6, b);
            c7 = a.fma(c7, b);
            c8 = a.fma(c8, b);
            c9 = a.fma(c9, b);
        }
        FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5).add(c6).add(c7);
        sink = sum.add(c8).add(c9).lane(0);
    }
}
