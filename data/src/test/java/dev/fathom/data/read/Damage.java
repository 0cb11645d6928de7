package dev.fathom.data.read;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Random damage to files: changed, missing and extra bytes. */
final class Damage {
    private Damage() {}

    static byte[] of(byte[] bytes, SplittableRandom random) {
        var damaged = bytes.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(4)) {
                case 0 -> damaged[at] = (byte) random.nextInt(256);
                case 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> damaged = Arrays.copyOf(damaged, Math.max(1, at));
                case 3 -> damaged = Arrays.copyOf(damaged, damaged.length + 1 + random.nextInt(9));
                default -> throw new AssertionError();
            }
        }
        return damaged;
    }
}
