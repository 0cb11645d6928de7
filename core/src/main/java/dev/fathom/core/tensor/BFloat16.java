package dev.fathom.core.tensor;

/**
 * The 16 bits of {@link DType#BFLOAT16}: the upper half of a float, so a sign, the eight bits of
 * its exponent and seven of its 23 bits of fraction. The range is that of float; the step between
 * neighbours is 2⁻⁷ of a power of two, two to three decimal digits.
 */
public final class BFloat16 {
    /** What every NaN becomes. */
    private static final short NAN = 0x7fc0;

    private BFloat16() {}

    /**
     * The nearest value, of two equally near ones that whose last bit is 0. Beyond the largest,
     * 3.3895314e38, it is infinity; subnormal numbers stay; every NaN becomes the same one.
     */
    public static short of(float x) {
        int bits = Float.floatToRawIntBits(x);
        // half a step less one, and one more if the last bit that stays is 1: ties end at even
        return x != x ? NAN : (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    /** The number itself: every value is a float. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
