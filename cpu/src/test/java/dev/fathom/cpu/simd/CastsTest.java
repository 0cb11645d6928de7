package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.tensor.BFloat16;

import org.junit.jupiter.api.Test;

class CastsTest {

    @Test
    void fromFloat() {
        for (int n : Kernels.SIZES) {
            float[] x = Kernels.floats(n + 2, n);
            double[] doubles = new double[n + 1];
            Casts.floatToDouble(x, 2, doubles, 1, n);
            int[] ints = new int[n + 1];
            Casts.floatToInt(x, 2, ints, 1, n);
            long[] longs = new long[n + 1];
            Casts.floatToLong(x, 2, longs, 1, n);
            byte[] bools = new byte[n + 1];
            Casts.floatToBool(x, 2, bools, 1, n);
            for (int i = 0; i < n; i++) {
                float v = x[i + 2];
                assertThat(doubles[i + 1]).isEqualTo(Double.valueOf((double) v));
                assertThat(ints[i + 1]).isEqualTo((int) v);
                assertThat(longs[i + 1]).isEqualTo((long) v);
                assertThat((int) bools[i + 1]).isEqualTo(v != 0 ? 1 : 0);
            }
        }
    }

    /** Bfloat16 is the upper half of a float; what lies beside the range stays. */
    @Test
    void fromAndToBFloat16() {
        for (int n : Kernels.SIZES) {
            float[] x = Kernels.floats(n + 2, n);
            short[] upper = new short[n + 2];
            BFloats.fromFloat(x, 2, upper, 1, n);
            float[] back = new float[n + 4];
            BFloats.toFloat(upper, 1, back, 3, n);
            double[] wide = new double[n];
            BFloats.toDouble(upper, 1, wide, 0, n);
            for (int i = 0; i < n; i++) {
                assertThat(upper[i + 1]).isEqualTo(BFloat16.of(x[i + 2]));
                float kept = BFloat16.toFloat(upper[i + 1]);
                assertThat(back[i + 3]).isEqualTo(Float.valueOf(kept));
                assertThat(wide[i]).isEqualTo(Double.valueOf(kept));
            }
            assertThat(upper[0] + upper[n + 1]).isZero();
            assertThat(back[2]).isZero();
        }
    }

    @Test
    void fromDouble() {
        for (int n : Kernels.SIZES) {
            double[] x = Kernels.doubles(n + 2, n);
            float[] floats = new float[n + 1];
            Casts.doubleToFloat(x, 2, floats, 1, n);
            int[] ints = new int[n + 1];
            Casts.doubleToInt(x, 2, ints, 1, n);
            long[] longs = new long[n + 1];
            Casts.doubleToLong(x, 2, longs, 1, n);
            byte[] bools = new byte[n + 1];
            Casts.doubleToBool(x, 2, bools, 1, n);
            for (int i = 0; i < n; i++) {
                double v = x[i + 2];
                assertThat(floats[i + 1]).isEqualTo(Float.valueOf((float) v));
                assertThat(ints[i + 1]).isEqualTo((int) v);
                assertThat(longs[i + 1]).isEqualTo((long) v);
                assertThat((int) bools[i + 1]).isEqualTo(v != 0 ? 1 : 0);
            }
        }
    }

    @Test
    void fromInt() {
        for (int n : Kernels.SIZES) {
            int[] x = Kernels.ints(n + 2, n);
            float[] floats = new float[n + 1];
            Casts.intToFloat(x, 2, floats, 1, n);
            double[] doubles = new double[n + 1];
            Casts.intToDouble(x, 2, doubles, 1, n);
            long[] longs = new long[n + 1];
            Casts.intToLong(x, 2, longs, 1, n);
            byte[] bools = new byte[n + 1];
            Casts.intToBool(x, 2, bools, 1, n);
            for (int i = 0; i < n; i++) {
                int v = x[i + 2];
                assertThat(floats[i + 1]).isEqualTo(Float.valueOf((float) v));
                assertThat(doubles[i + 1]).isEqualTo(Double.valueOf((double) v));
                assertThat(longs[i + 1]).isEqualTo((long) v);
                assertThat((int) bools[i + 1]).isEqualTo(v != 0 ? 1 : 0);
            }
        }
    }

    @Test
    void fromLong() {
        for (int n : Kernels.SIZES) {
            long[] x = Kernels.longs(n + 2, n);
            float[] floats = new float[n + 1];
            Casts.longToFloat(x, 2, floats, 1, n);
            double[] doubles = new double[n + 1];
            Casts.longToDouble(x, 2, doubles, 1, n);
            int[] ints = new int[n + 1];
            Casts.longToInt(x, 2, ints, 1, n);
            byte[] bools = new byte[n + 1];
            Casts.longToBool(x, 2, bools, 1, n);
            for (int i = 0; i < n; i++) {
                long v = x[i + 2];
                assertThat(floats[i + 1]).isEqualTo(Float.valueOf((float) v));
                assertThat(doubles[i + 1]).isEqualTo(Double.valueOf((double) v));
                assertThat(ints[i + 1]).isEqualTo((int) v);
                assertThat((int) bools[i + 1]).isEqualTo(v != 0 ? 1 : 0);
            }
        }
    }

    @Test
    void fromBool() {
        for (int n : Kernels.SIZES) {
            byte[] x = Kernels.bools(n + 2, n);
            float[] floats = new float[n + 1];
            Casts.boolToFloat(x, 2, floats, 1, n);
            double[] doubles = new double[n + 1];
            Casts.boolToDouble(x, 2, doubles, 1, n);
            int[] ints = new int[n + 1];
            Casts.boolToInt(x, 2, ints, 1, n);
            long[] longs = new long[n + 1];
            Casts.boolToLong(x, 2, longs, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(floats[i + 1]).isEqualTo((float) x[i + 2]);
                assertThat(doubles[i + 1]).isEqualTo((double) x[i + 2]);
                assertThat(ints[i + 1]).isEqualTo((int) x[i + 2]);
                assertThat(longs[i + 1]).isEqualTo((long) x[i + 2]);
            }
        }
    }

    @Test
    void floatToIntegerTruncatesAndSaturates() {
        float[] x = {1.9f, -1.9f, 3e9f, -3e9f, Float.POSITIVE_INFINITY, Float.NaN, 1e19f};
        int[] ints = new int[7];
        Casts.floatToInt(x, 0, ints, 0, 7);
        assertThat(ints)
                .containsExactly(
                        1,
                        -1,
                        Integer.MAX_VALUE,
                        Integer.MIN_VALUE,
                        Integer.MAX_VALUE,
                        0,
                        Integer.MAX_VALUE);
        long[] longs = new long[7];
        Casts.floatToLong(x, 0, longs, 0, 7);
        assertThat(longs)
                .containsExactly(
                        1, -1, 3_000_000_000L, -3_000_000_000L, Long.MAX_VALUE, 0, Long.MAX_VALUE);
    }
}
