package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;

/**
 * {@link TurnF32} and {@link TurnF64} against plain loops, with neighbours that must stay, at the
 * width at which they are used.
 */
class TurnTest {
    private static final float KEPT = -1;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 15, 16, 17, 33, 64})
    void eightRowsSideBySide(int k) {
        if (!TurnF32.FITS) {
            assertThat(Width.F32.length()).isLessThan(16); // then nobody calls it
            return;
        }
        int rs = k + 3;
        float[] a = ascending(8 * rs + 5);
        float[] expected = kept(8 * k + 9);
        for (int r = 0; r < 8; r++) {
            for (int p = 0; p < k; p++) {
                expected[4 + 8 * p + r] = a[5 + r * rs + p];
            }
        }
        float[] to = kept(expected.length);
        TurnF32.rows(k, a, 5, rs, to, 4);
        assertThat(to).isEqualTo(expected);

        double[] to64 = doubles(kept(expected.length));
        TurnF64.rows(k, doubles(a), 5, rs, to64, 4);
        assertThat(to64).isEqualTo(doubles(expected));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 15, 16, 17, 33, 64})
    void asManyRowsAsLanesTransposed(int k) {
        if (!TurnF32.FITS) {
            assertThat(Width.F32.length()).isLessThan(16); // then nobody calls it
            return;
        }
        int rs = k + 3;
        int step = 37;
        int rows = Width.F32.length();
        float[] a = ascending(rows * rs + 5);
        float[] to = kept(k * step + 9);
        TurnF32.all(k, a, 5, rs, to, 4, step, new float[16 * k]);
        assertThat(to).isEqualTo(transposed(k, rows, a, rs, step));

        int rows64 = Width.F64.length();
        double[] to64 = doubles(kept(to.length));
        TurnF64.all(k, doubles(a), 5, rs, to64, 4, step, new double[16 * k]);
        assertThat(to64).isEqualTo(doubles(transposed(k, rows64, a, rs, step)));
    }

    private static float[] transposed(int k, int rows, float[] a, int rs, int step) {
        float[] expected = kept(k * step + 9);
        for (int r = 0; r < rows; r++) {
            for (int p = 0; p < k; p++) {
                expected[4 + p * step + r] = a[5 + r * rs + p];
            }
        }
        return expected;
    }

    private static float[] ascending(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = i;
        }
        return values;
    }

    private static float[] kept(int length) {
        float[] values = new float[length];
        Arrays.fill(values, KEPT);
        return values;
    }

    private static double[] doubles(float[] values) {
        double[] all = new double[values.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = values[i];
        }
        return all;
    }
}
