package dev.fathom.cpu.simd;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The bridge between truth values in memory (a byte each, 0 or 1) and lane masks.
 *
 * <p>Lanes of different element sizes have no common mask, so masks travel as the bits of a {@code
 * long}: 64 elements at a time, whatever the vector width.
 */
final class Masks {

    /** Elements per {@code long} of bits. */
    static final int GROUP = 64;

    private static final VectorSpecies<Byte> S =
            VectorSpecies.of(byte.class, Width.F32.vectorShape());
    private static final int LANES = S.length();
    private static final Class<ByteVector> V = Width.kind(S);
    private static final ByteVector ZERO = ByteVector.zero(S);

    private Masks() {}

    /** Writes 64 bits as bytes 0 and 1, the lowest bit first. */
    static void store(long bits, byte[] y, int yo) {
        for (int k = 0; k < GROUP; k += LANES) {
            ZERO.broadcast((byte) 0)
                    .blend((byte) 1, VectorMask.fromLong(S, bits >>> k))
                    .intoArray(y, yo + k);
        }
    }

    /** Reads 64 bytes as bits, the lowest bit first; any byte other than 0 counts as 1. */
    static long load(byte[] p, int po) {
        long bits = 0;
        for (int k = 0; k < GROUP; k += LANES) {
            ByteVector v = V.cast(ByteVector.fromArray(S, p, po + k));
            bits |= v.compare(VectorOperators.NE, (byte) 0).toLong() << k;
        }
        return bits;
    }
}
