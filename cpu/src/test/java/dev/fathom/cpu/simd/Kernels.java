package dev.fathom.cpu.simd;

import java.util.Random;

/** What the kernel tests share: awkward sizes, awkward numbers, and distances in ulps. */
final class Kernels {

    /** Around every number of lanes and every group of 64. */
    static final int[] SIZES = {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 1000};

    static final float[] FLOATS = {
        0f,
        -0f,
        1f,
        -1f,
        0.5f,
        -0.5f,
        1.5f,
        2.5f,
        -2.5f,
        0.49999997f,
        8388607.5f,
        -8388607.5f,
        8388609f,
        1e10f,
        -1e10f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    static final double[] DOUBLES = {
        0d,
        -0d,
        1d,
        -1d,
        0.5,
        -0.5,
        1.5,
        2.5,
        -2.5,
        0.49999999999999994,
        4503599627370495.5,
        -4503599627370495.5,
        1e300,
        -1e300,
        Double.MIN_VALUE,
        -Double.MIN_VALUE,
        Double.MIN_NORMAL,
        Double.MAX_VALUE,
        -Double.MAX_VALUE,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.NaN
    };

    interface FloatUnary {
        void run(float[] x, int xo, float[] y, int yo, int n);
    }

    interface DoubleUnary {
        void run(double[] x, int xo, double[] y, int yo, int n);
    }

    private Kernels() {}

    /** Normal numbers with the awkward ones strewn in. */
    static float[] floats(int n, long seed) {
        Random random = new Random(seed);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] =
                    random.nextInt(4) == 0
                            ? FLOATS[random.nextInt(FLOATS.length)]
                            : (float) (3 * random.nextGaussian());
        }
        return x;
    }

    /** Normal numbers with the awkward ones strewn in. */
    static double[] doubles(int n, long seed) {
        Random random = new Random(seed);
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] =
                    random.nextInt(4) == 0
                            ? DOUBLES[random.nextInt(DOUBLES.length)]
                            : 3 * random.nextGaussian();
        }
        return x;
    }

    /** Any bits, with 0 and the ends of the range strewn in. */
    static int[] ints(int n, long seed) {
        Random random = new Random(seed);
        int[] awkward = {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE};
        int[] x = new int[n];
        for (int i = 0; i < n; i++) {
            x[i] = random.nextInt(3) == 0 ? awkward[random.nextInt(5)] : random.nextInt();
        }
        return x;
    }

    /** Any bits, with 0 and the ends of the range strewn in. */
    static long[] longs(int n, long seed) {
        Random random = new Random(seed);
        long[] awkward = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE};
        long[] x = new long[n];
        for (int i = 0; i < n; i++) {
            x[i] = random.nextInt(3) == 0 ? awkward[random.nextInt(5)] : random.nextLong();
        }
        return x;
    }

    /** Zeros and ones. */
    static byte[] bools(int n, long seed) {
        Random random = new Random(seed);
        byte[] x = new byte[n];
        for (int i = 0; i < n; i++) {
            x[i] = (byte) random.nextInt(2);
        }
        return x;
    }

    /** The distance of a float from the exact value, in ulps of the exact value's binade. */
    static double ulps(float got, double exact) {
        float nearest = (float) exact;
        if (Float.isNaN(nearest) || Float.isInfinite(nearest) || nearest == 0) {
            return Float.compare(got, nearest) == 0 || got == nearest ? 0 : Double.MAX_VALUE;
        }
        int exponent = Math.max(Float.MIN_EXPONENT, Math.getExponent(exact));
        double distance = Math.abs(got - exact) / Math.scalb(1d, exponent - 23);
        return distance == distance ? distance : Double.MAX_VALUE;
    }

    /** A hash of bits in order, every NaN counting as one. */
    static long hash(float[] x) {
        long h = 0;
        for (float v : x) {
            h = h * 0x9E3779B97F4A7C15L + Float.floatToIntBits(v);
        }
        return h;
    }

    /** A hash of bits in order, every NaN counting as one. */
    static long hash(double[] x) {
        long h = 0;
        for (double v : x) {
            h = h * 0x9E3779B97F4A7C15L + Double.doubleToLongBits(v);
        }
        return h;
    }

    /** What a kernel makes of these. */
    static float[] apply(FloatUnary kernel, float... x) {
        float[] y = new float[x.length];
        kernel.run(x, 0, y, 0, x.length);
        return y;
    }
}
