package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Multiply-adds that never leave the registers: the most arithmetic that a core can do. */
public final class Peak {
    private static final VectorSpecies<Float> S = Width.F32;

    /** Floating-point operations of one repeat: eight vectors, two for each multiply-add. */
    public static final int FLOP = 8 * 2 * S.length();

    private static volatile float sink;

    private Peak() {}

    /** Does {@code repeats} repeats on the calling thread. */
    public static void run(long repeats) {
        FloatVector a = FloatVector.broadcast(S, 0.999999f);
        FloatVector b = FloatVector.broadcast(S, 1e-7f);
        FloatVector c0 = a;
        FloatVector c1 = a;
        FloatVector c2 = a;
        FloatVector c3 = a;
        FloatVector c4 = a;
        FloatVector c5 = a;
        FloatVector c6 = a;
        FloatVector c7 = a;
        for (long i = 0; i < repeats; i++) {
            c0 = c0.fma(a, b);
            c1 = c1.fma(a, b);
            c2 = c2.fma(a, b);
            c3 = c3.fma(a, b);
            c4 = c4.fma(a, b);
            c5 = c5.fma(a, b);
            c6 = c6.fma(a, b);
            c7 = c7.fma(a, b);
        }
        sink = c0.add(c1).add(c2.add(c3)).add(c4.add(c5).add(c6.add(c7))).lane(0);
    }
}
