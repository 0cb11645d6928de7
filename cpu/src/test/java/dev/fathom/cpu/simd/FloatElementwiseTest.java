package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FloatElementwiseTest {

    private interface Binary {
        void run(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);
    }

    private interface Compare {
        void run(float[] a, int ao, float[] b, int bo, byte[] y, int yo, int n);
    }

    private interface Scalar {
        float of(float a, float b);
    }

    private interface Relation {
        boolean of(float a, float b);
    }

    private static void check(Binary kernel, Scalar oracle) {
        for (int n : Kernels.SIZES) {
            float[] a = Kernels.floats(n + 5, n);
            float[] b = Kernels.floats(n + 5, n + 1);
            float[] y = new float[n + 5];
            kernel.run(a, 1, b, 2, y, 3, n);
            for (int i = 0; i < n; i++) {
                // equal as boxed values: NaN equals NaN, and -0 differs from +0
                assertThat(y[i + 3]).isEqualTo(Float.valueOf(oracle.of(a[i + 1], b[i + 2])));
            }
            assertThat(y[n + 3]).isZero();
            float[] inPlace = a.clone();
            kernel.run(inPlace, 1, b, 2, inPlace, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(inPlace[i + 1]).isEqualTo(Float.valueOf(y[i + 3]));
            }
        }
    }

    private static void compare(Compare kernel, Relation oracle) {
        for (int n : Kernels.SIZES) {
            float[] a = Kernels.floats(n + 5, n);
            float[] b = Kernels.floats(n + 5, n + 1);
            System.arraycopy(a, 1, b, 2, n / 2);
            byte[] y = new byte[n + 5];
            kernel.run(a, 1, b, 2, y, 3, n);
            for (int i = 0; i < n; i++) {
                int expected = oracle.of(a[i + 1], b[i + 2]) ? 1 : 0;
                assertThat((int) y[i + 3]).isEqualTo(expected);
            }
            assertThat(y[n + 3]).isZero();
        }
    }

    @Test
    void arithmeticIsJavas() {
        check(FloatElementwise::add, (a, b) -> a + b);
        check(FloatElementwise::sub, (a, b) -> a - b);
        check(FloatElementwise::mul, (a, b) -> a * b);
        check(FloatElementwise::max, (a, b) -> Math.max(a, b));
        check(FloatElementwise::min, (a, b) -> Math.min(a, b));
        check(FloatElementwise::div, (a, b) -> a / b);
        check(FloatElementwise::remainder, (a, b) -> a % b);
    }

    @Test
    void unaryOperationsAreJavas() {
        check((a, ao, b, bo, y, yo, n) -> FloatElementwise.neg(a, ao, y, yo, n), (a, b) -> -a);
        check(
                (a, ao, b, bo, y, yo, n) -> FloatElementwise.abs(a, ao, y, yo, n),
                (a, b) -> Math.abs(a));
        check(
                (a, ao, b, bo, y, yo, n) -> FloatElementwise.sign(a, ao, y, yo, n),
                (a, b) -> Math.signum(a));
        check(
                (a, ao, b, bo, y, yo, n) -> FloatElementwise.floor(a, ao, y, yo, n),
                (a, b) -> (float) Math.floor(a));
        check(
                (a, ao, b, bo, y, yo, n) -> FloatElementwise.ceil(a, ao, y, yo, n),
                (a, b) -> (float) Math.ceil(a));
        check(
                (a, ao, b, bo, y, yo, n) -> FloatElementwise.round(a, ao, y, yo, n),
                (a, b) -> (float) Math.rint(a));
        check(
                (a, ao, b, bo, y, yo, n) -> FloatElementwise.sqrt(a, ao, y, yo, n),
                (a, b) -> (float) Math.sqrt(a));
        check(
                (a, ao, b, bo, y, yo, n) -> FloatElementwise.rsqrt(a, ao, y, yo, n),
                (a, b) -> 1 / (float) Math.sqrt(a));
    }

    @Test
    void comparisonsAreJavas() {
        compare(FloatElementwise::eq, (a, b) -> a == b);
        compare(FloatElementwise::ne, (a, b) -> a != b);
        compare(FloatElementwise::lt, (a, b) -> a < b);
        compare(FloatElementwise::le, (a, b) -> a <= b);
        compare(FloatElementwise::gt, (a, b) -> a > b);
        compare(FloatElementwise::ge, (a, b) -> a >= b);
        compare(
                (a, ao, b, bo, y, yo, n) -> FloatElementwise.isFinite(a, ao, y, yo, n),
                (a, b) -> Float.isFinite(a));
    }

    @Test
    void selectTakesFromEither() {
        for (int n : Kernels.SIZES) {
            byte[] p = Kernels.bools(n + 2, n);
            float[] a = Kernels.floats(n + 2, n);
            float[] b = Kernels.floats(n + 2, n + 1);
            float[] y = new float[n + 2];
            FloatElementwise.select(p, 1, a, 0, b, 2, y, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(y[i + 1]).isEqualTo(Float.valueOf(p[i + 1] == 1 ? a[i] : b[i + 2]));
            }
        }
    }

    @Test
    void fillAndCopyKeepToTheirRange() {
        float[] y = new float[5];
        FloatElementwise.fill(7, y, 1, 3);
        assertThat(y).containsExactly(0, 7, 7, 7, 0);
        FloatElementwise.copy(y, 1, y, 2, 3);
        assertThat(y).containsExactly(0, 7, 7, 7, 7);
    }
}
