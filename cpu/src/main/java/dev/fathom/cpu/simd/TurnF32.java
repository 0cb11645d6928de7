package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows that are put side by side, for the packing of matrices: 8 rows by as many columns as a
 * vector has lanes are transposed in registers, by three rounds of selections from two vectors.
 *
 * <p>Only where a vector holds 8 rows and the machine selects from two vectors in one instruction:
 * 512 bits ({@link #FITS}). Elsewhere one element after the other is as fast.
 */
final class TurnF32 {
    private static final VectorSpecies<Float> S = Width.F32;
    private static final VectorSpecies<Integer> I = Width.I32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);

    /** Whether these loops are of use at the width of this machine's vectors. */
    static final boolean FITS = Width.bits() == 512;

    // The first and the second half of two vectors, by turns 1, 2, 4 and 8 lanes of each.
    private static final IntVector LOW_1 = turns(1, 0);
    private static final IntVector HIGH_1 = turns(1, L / 2);
    private static final IntVector LOW_2 = turns(2, 0);
    private static final IntVector HIGH_2 = turns(2, L / 2);
    private static final IntVector LOW_4 = turns(4, 0);
    private static final IntVector HIGH_4 = turns(4, L / 2);
    private static final IntVector LOW_8 = turns(8, 0);
    private static final IntVector HIGH_8 = turns(8, L / 2);

    private TurnF32() {}

    private static IntVector turns(int lanes, int from) {
        IntVector at = IntVector.zero(I);
        for (int i = 0; i < L; i++) {
            int turn = i / lanes;
            at = at.withLane(i, turn % 2 * L + turn / 2 * lanes + i % lanes + from);
        }
        return at;
    }

    /**
     * Puts 8 rows of {@code k} elements side by side: element p of row r goes to {@code at + 8 * p
     * + r}.
     *
     * @param rs elements from one row to the next
     */
    static void rows(int k, float[] a, int ao, int rs, float[] to, int at) {
        int p = 0;
        for (; p <= k - L; p += L) {
            IntVector r0 = load(a, ao + p);
            IntVector r1 = load(a, ao + rs + p);
            IntVector r2 = load(a, ao + 2 * rs + p);
            IntVector r3 = load(a, ao + 3 * rs + p);
            IntVector r4 = load(a, ao + 4 * rs + p);
            IntVector r5 = load(a, ao + 5 * rs + p);
            IntVector r6 = load(a, ao + 6 * rs + p);
            IntVector r7 = load(a, ao + 7 * rs + p);
            // pairs of rows: r0[0] r1[0] r0[1] r1[1] ...
            IntVector a0 = LOW_1.selectFrom(r0, r1);
            IntVector a1 = HIGH_1.selectFrom(r0, r1);
            IntVector b0 = LOW_1.selectFrom(r2, r3);
            IntVector b1 = HIGH_1.selectFrom(r2, r3);
            IntVector c0 = LOW_1.selectFrom(r4, r5);
            IntVector c1 = HIGH_1.selectFrom(r4, r5);
            IntVector d0 = LOW_1.selectFrom(r6, r7);
            IntVector d1 = HIGH_1.selectFrom(r6, r7);
            // fours of them
            IntVector e0 = LOW_2.selectFrom(a0, b0);
            IntVector e1 = HIGH_2.selectFrom(a0, b0);
            IntVector e2 = LOW_2.selectFrom(a1, b1);
            IntVector e3 = HIGH_2.selectFrom(a1, b1);
            IntVector f0 = LOW_2.selectFrom(c0, d0);
            IntVector f1 = HIGH_2.selectFrom(c0, d0);
            IntVector f2 = LOW_2.selectFrom(c1, d1);
            IntVector f3 = HIGH_2.selectFrom(c1, d1);
            // all eight
            int q = at + 8 * p;
            store(LOW_4.selectFrom(e0, f0), to, q);
            store(HIGH_4.selectFrom(e0, f0), to, q + L);
            store(LOW_4.selectFrom(e1, f1), to, q + 2 * L);
            store(HIGH_4.selectFrom(e1, f1), to, q + 3 * L);
            store(LOW_4.selectFrom(e2, f2), to, q + 4 * L);
            store(HIGH_4.selectFrom(e2, f2), to, q + 5 * L);
            store(LOW_4.selectFrom(e3, f3), to, q + 6 * L);
            store(HIGH_4.selectFrom(e3, f3), to, q + 7 * L);
        }
        for (; p < k; p++) {
            for (int r = 0; r < 8; r++) {
                to[at + 8 * p + r] = a[ao + r * rs + p];
            }
        }
    }

    /**
     * Transposes as many rows as a vector has lanes: element p of row r goes to {@code at + p *
     * step + r}.
     *
     * @param rs elements from one row to the next
     * @param room {@code 2 * 8 * k} elements of the caller's
     */
    static void all(int k, float[] a, int ao, int rs, float[] to, int at, int step, float[] room) {
        int half = 8 * k;
        for (int r = 0; r < L; r += 8) {
            rows(k, a, ao + r * rs, rs, room, r * k);
        }
        if (L == 8) {
            for (int p = 0; p < k; p++) {
                store(load(room, 8 * p), to, at + p * step);
            }
            return;
        }
        int p = 0;
        for (; p < k - 1; p += 2) {
            IntVector first = load(room, 8 * p);
            IntVector second = load(room, half + 8 * p);
            store(LOW_8.selectFrom(first, second), to, at + p * step);
            store(HIGH_8.selectFrom(first, second), to, at + (p + 1) * step);
        }
        for (; p < k; p++) {
            System.arraycopy(room, 8 * p, to, at + p * step, 8);
            System.arraycopy(room, half + 8 * p, to, at + p * step + 8, 8);
        }
    }

    private static IntVector load(float[] a, int at) {
        return V.cast(FloatVector.fromArray(S, a, at)).reinterpretAsInts();
    }

    private static void store(IntVector v, float[] a, int at) {
        V.cast(v.reinterpretAsFloats()).intoArray(a, at);
    }
}
