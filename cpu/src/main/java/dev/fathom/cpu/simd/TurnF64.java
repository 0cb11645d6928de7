package dev.fathom.cpu.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows that are put side by side, for the packing of matrices: 8 rows by as many columns as a
 * vector has lanes are transposed in registers, by three rounds of selections from two vectors.
 *
 * <p>Only where a vector holds 8 rows and the machine selects from two vectors in one instruction:
 * 512 bits ({@link #FITS}). Elsewhere one element after the other is as fast.
 */
final class TurnF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final VectorSpecies<Long> I = Width.I64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);

    /** Whether these loops are of use at the width of this machine's vectors. */
    static final boolean FITS = Width.bits() == 512;

    // The first and the second half of two vectors, by turns 1, 2, 4 and 8 lanes of each.
    private static final LongVector LOW_1 = turns(1, 0);
    private static final LongVector HIGH_1 = turns(1, L / 2);
    private static final LongVector LOW_2 = turns(2, 0);
    private static final LongVector HIGH_2 = turns(2, L / 2);
    private static final LongVector LOW_4 = turns(4, 0);
    private static final LongVector HIGH_4 = turns(4, L / 2);
    private static final LongVector LOW_8 = turns(8, 0);
    private static final LongVector HIGH_8 = turns(8, L / 2);

    private TurnF64() {}

    private static LongVector turns(int lanes, int from) {
        LongVector at = LongVector.zero(I);
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
    static void rows(int k, double[] a, int ao, int rs, double[] to, int at) {
        int p = 0;
        for (; p <= k - L; p += L) {
            LongVector r0 = load(a, ao + p);
            LongVector r1 = load(a, ao + rs + p);
            LongVector r2 = load(a, ao + 2 * rs + p);
            LongVector r3 = load(a, ao + 3 * rs + p);
            LongVector r4 = load(a, ao + 4 * rs + p);
            LongVector r5 = load(a, ao + 5 * rs + p);
            LongVector r6 = load(a, ao + 6 * rs + p);
            LongVector r7 = load(a, ao + 7 * rs + p);
            // pairs of rows: r0[0] r1[0] r0[1] r1[1] ...
            LongVector a0 = LOW_1.selectFrom(r0, r1);
            LongVector a1 = HIGH_1.selectFrom(r0, r1);
            LongVector b0 = LOW_1.selectFrom(r2, r3);
            LongVector b1 = HIGH_1.selectFrom(r2, r3);
            LongVector c0 = LOW_1.selectFrom(r4, r5);
            LongVector c1 = HIGH_1.selectFrom(r4, r5);
            LongVector d0 = LOW_1.selectFrom(r6, r7);
            LongVector d1 = HIGH_1.selectFrom(r6, r7);
            // fours of them
            LongVector e0 = LOW_2.selectFrom(a0, b0);
            LongVector e1 = HIGH_2.selectFrom(a0, b0);
            LongVector e2 = LOW_2.selectFrom(a1, b1);
            LongVector e3 = HIGH_2.selectFrom(a1, b1);
            LongVector f0 = LOW_2.selectFrom(c0, d0);
            LongVector f1 = HIGH_2.selectFrom(c0, d0);
            LongVector f2 = LOW_2.selectFrom(c1, d1);
            LongVector f3 = HIGH_2.selectFrom(c1, d1);
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
    static void all(
            int k, double[] a, int ao, int rs, double[] to, int at, int step, double[] room) {
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
            LongVector first = load(room, 8 * p);
            LongVector second = load(room, half + 8 * p);
            store(LOW_8.selectFrom(first, second), to, at + p * step);
            store(HIGH_8.selectFrom(first, second), to, at + (p + 1) * step);
        }
        for (; p < k; p++) {
            System.arraycopy(room, 8 * p, to, at + p * step, 8);
            System.arraycopy(room, half + 8 * p, to, at + p * step + 8, 8);
        }
    }

    private static LongVector load(double[] a, int at) {
        return V.cast(DoubleVector.fromArray(S, a, at)).reinterpretAsLongs();
    }

    private static void store(LongVector v, double[] a, int at) {
        V.cast(v.reinterpretAsDoubles()).intoArray(a, at);
    }
}
