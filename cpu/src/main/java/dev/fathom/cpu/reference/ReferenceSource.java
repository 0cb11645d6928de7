package dev.fathom.cpu.reference;

import dev.fathom.core.op.Source;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** Elements made from their positions. */
final class ReferenceSource {
    /** Rotation distances of Threefry-2x32 (Salmon et al. 2011, table 2). */
    private static final int[] ROTATIONS = {13, 15, 26, 6, 17, 29, 16, 24};

    /** The constant of the key schedule, from Skein 1.3. */
    private static final int PARITY = 0x1BD11BDA;

    private static final int ROUNDS = 20;

    private ReferenceSource() {}

    static Values run(Source op, List<Values> x, TensorType to) {
        return switch (op) {
            case Source.Iota iota -> {
                var y = new long[to.shape().length()];
                Positions.each(to.shape(), (i, p) -> y[i] = p[iota.axis()]);
                yield Values.ofWholes(to, y);
            }
            case Source.RandomBits bits -> {
                int[] keys = x.getFirst().indices();
                int length = bits.shape().length();
                var y = new long[to.shape().length()];
                for (int key = 0; key < keys.length / 2; key++) {
                    for (int c = 0; c < length; c++) {
                        // the high word of the counter is 0: a tensor has fewer than 2³¹ elements
                        int[] words = threefry(keys[2 * key], keys[2 * key + 1], 0, c);
                        y[key * length + c] = words[0] ^ words[1];
                    }
                }
                yield Values.ofWholes(to, y);
            }
        };
    }

    /**
     * Threefry-2x32-20: twenty rounds of add, rotate, exclusive or; a key word added after every
     * fourth.
     */
    static int[] threefry(int k0, int k1, int c0, int c1) {
        int[] key = {k0, k1, PARITY ^ k0 ^ k1};
        int x0 = c0 + key[0];
        int x1 = c1 + key[1];
        for (int round = 1; round <= ROUNDS; round++) {
            x0 += x1;
            x1 = Integer.rotateLeft(x1, ROTATIONS[(round - 1) % ROTATIONS.length]) ^ x0;
            if (round % 4 == 0) {
                int s = round / 4;
                x0 += key[s % 3];
                x1 += key[(s + 1) % 3] + s;
            }
        }
        return new int[] {x0, x1};
    }
}
