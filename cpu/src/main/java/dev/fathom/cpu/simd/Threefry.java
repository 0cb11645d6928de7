package dev.fathom.cpu.simd;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The counter-based random number generator Threefry-2x32-20 (Salmon, Moraes, Dror and Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * <p>A key of two words and a counter of two words give two random words: 20 rounds of add, rotate
 * and exclusive or, with the key mixed in before the first and after every fourth. The numbers are
 * a function of key and position, so any part of a stream can be made anywhere, in any order.
 */
public final class Threefry {

    private static final VectorSpecies<Integer> S = Width.I32;
    private static final int LANES = S.length();
    private static final IntVector IOTA = IntVector.zero(S).addIndex(1);

    /** The parity constant of the key schedule. */
    private static final int PARITY = 0x1BD11BDA;

    private Threefry() {}

    /** One block: the first output word in the high half, the second in the low half. */
    public static long block(int k0, int k1, int c0, int c1) {
        int k2 = PARITY ^ k0 ^ k1;
        int x0 = c0 + k0;
        int x1 = c1 + k1;
        for (int group = 1; group <= 5; group++) {
            boolean odd = (group & 1) == 1;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, odd ? 13 : 17) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, odd ? 15 : 29) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, odd ? 26 : 16) ^ x0;
            x0 += x1;
            x1 = Integer.rotateLeft(x1, odd ? 6 : 24) ^ x0;
            // the key words take turns
            x0 += group % 3 == 0 ? k0 : group % 3 == 1 ? k1 : k2;
            x1 += (group % 3 == 0 ? k1 : group % 3 == 1 ? k2 : k0) + group;
        }
        return (long) x0 << 32 | x1 & 0xffffffffL;
    }

    /**
     * Random words: {@code out[i]} is the exclusive or of the two words of the block whose counter
     * is {@code first + i}, high word first.
     */
    public static void bits(int k0, int k1, long first, int[] out, int oo, int n) {
        int i = 0;
        while (i < n) {
            long counter = first + i;
            // up to where the low counter word does not wrap
            long room = 0x1_0000_0000L - (counter & 0xffffffffL);
            int whole = (int) Math.min(n - i, room) / LANES * LANES;
            vectors(k0, k1, (int) (counter >>> 32), (int) counter, out, oo + i, whole);
            i += whole;
            for (int end = Math.min(n, i + LANES); i < end; i++) {
                long c = first + i;
                long x = block(k0, k1, (int) (c >>> 32), (int) c);
                out[oo + i] = (int) (x >>> 32) ^ (int) x;
            }
        }
    }

    private static void vectors(int k0, int k1, int high, int low, int[] out, int oo, int n) {
        int k2 = PARITY ^ k0 ^ k1;
        for (int i = 0; i < n; i += LANES) {
            IntVector a = IntVector.broadcast(S, high + k0);
            IntVector b = IOTA.add(low + i + k1);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 13).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 15).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 26).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 6).lanewise(VectorOperators.XOR, a);
            a = a.add(k1);
            b = b.add(k2 + 1);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 17).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 29).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 16).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 24).lanewise(VectorOperators.XOR, a);
            a = a.add(k2);
            b = b.add(k0 + 2);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 13).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 15).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 26).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 6).lanewise(VectorOperators.XOR, a);
            a = a.add(k0);
            b = b.add(k1 + 3);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 17).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 29).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 16).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 24).lanewise(VectorOperators.XOR, a);
            a = a.add(k1);
            b = b.add(k2 + 4);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 13).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 15).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 26).lanewise(VectorOperators.XOR, a);
            a = a.add(b);
            b = b.lanewise(VectorOperators.ROL, 6).lanewise(VectorOperators.XOR, a);
            a = a.add(k2);
            b = b.add(k0 + 5);
            a.lanewise(VectorOperators.XOR, b).intoArray(out, oo + i);
        }
    }
}
