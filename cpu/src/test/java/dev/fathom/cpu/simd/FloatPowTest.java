package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Random;

/** Powers and arc tangents: the two-argument functions of {@code float}. */
class FloatPowTest {

    @Test
    void powOfRandomPairsIsAllButCorrectlyRounded() {
        Random random = new Random(11);
        int n = 100_000;
        float[] a = new float[n];
        float[] b = new float[n];
        for (int i = 0; i < n; i++) {
            a[i] = Float.intBitsToFloat(random.nextInt(0x7f800000));
            b[i] = (float) (random.nextGaussian() * (i % 2 == 0 ? 2 : 80 / Math.log(a[i])));
        }
        float[] y = new float[n];
        FloatPow.pow(a, 0, b, 0, y, 0, n);
        for (int i = 0; i < n; i++) {
            assertThat(Kernels.ulps(y[i], Math.pow(a[i], b[i])))
                    .as("%s ^ %s", a[i], b[i])
                    .isLessThanOrEqualTo(0.51);
        }
    }

    @Test
    void powHasTheSpecialCasesOfJava() {
        float[] values = {
            0f,
            -0f,
            1f,
            -1f,
            2f,
            -2f,
            3f,
            -3f,
            0.5f,
            -0.5f,
            1.5f,
            -2.5f,
            8388607.5f,
            8388609f,
            16777217f,
            1e10f,
            -1e10f,
            0.99999994f,
            -0.99999994f,
            Float.MIN_VALUE,
            -Float.MIN_VALUE,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN
        };
        int m = values.length;
        float[] a = new float[m * m];
        float[] b = new float[m * m];
        for (int i = 0; i < m * m; i++) {
            a[i] = values[i / m];
            b[i] = values[i % m];
        }
        float[] y = new float[m * m];
        FloatPow.pow(a, 0, b, 0, y, 0, m * m);
        for (int i = 0; i < m * m; i++) {
            assertThat(y[i])
                    .as("%s ^ %s", a[i], b[i])
                    .isEqualTo(Float.valueOf((float) Math.pow(a[i], b[i])));
        }
    }

    @Test
    void atan2OfAllPairsOfAwkwardNumbers() {
        int m = Kernels.FLOATS.length;
        float[] a = new float[m * m];
        float[] b = new float[m * m];
        for (int i = 0; i < m * m; i++) {
            a[i] = Kernels.FLOATS[i / m];
            b[i] = Kernels.FLOATS[i % m];
        }
        float[] y = new float[m * m];
        FloatTrig.atan2(a, 0, b, 0, y, 0, m * m);
        for (int i = 0; i < m * m; i++) {
            double exact = Math.atan2(a[i], b[i]);
            assertThat(Kernels.ulps(y[i], exact)).as("%s, %s", a[i], b[i]).isLessThanOrEqualTo(1.5);
            if (exact == 0) {
                assertThat(y[i]).isEqualTo(Float.valueOf((float) exact));
            }
        }
    }

    @Test
    void atan2OfRandomPointsIsWithinOneAndAHalfUlps() {
        Random random = new Random(12);
        int n = 100_000;
        float[] a = new float[n];
        float[] b = new float[n];
        for (int i = 0; i < n; i++) {
            a[i] = (float) random.nextGaussian();
            b[i] = (float) (random.nextGaussian() * Math.exp(3 * random.nextGaussian()));
        }
        float[] y = new float[n];
        FloatTrig.atan2(a, 0, b, 0, y, 0, n);
        for (int i = 0; i < n; i++) {
            assertThat(Kernels.ulps(y[i], Math.atan2(a[i], b[i]))).isLessThanOrEqualTo(1.5);
        }
    }

    @Test
    void bitsDoNotDependOnPositionOrWidth() {
        float[] a = Kernels.floats(1001, 5);
        float[] b = Kernels.floats(1001, 6);
        float[] y = new float[1001];
        FloatPow.pow(a, 0, b, 0, y, 0, 1001);
        assertThat(Kernels.hash(y)).isEqualTo(-1942738802086882286L);
        float[] z = new float[1001];
        FloatTrig.atan2(a, 0, b, 0, z, 0, 1001);
        assertThat(Kernels.hash(z)).isEqualTo(-6685182797757789421L);
        for (int i = 0; i < 1001; i++) {
            float[] one = new float[1];
            FloatPow.pow(a, i, b, i, one, 0, 1);
            assertThat(one[0]).isEqualTo(Float.valueOf(y[i]));
            FloatTrig.atan2(a, i, b, i, one, 0, 1);
            assertThat(one[0]).isEqualTo(Float.valueOf(z[i]));
        }
    }
}
