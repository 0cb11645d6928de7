package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DoubleElementwiseTest {

    private interface Binary {
        void run(double[] a, int ao, double[] b, int bo, double[] y, int yo, int n);
    }

    private interface Compare {
        void run(double[] a, int ao, double[] b, int bo, byte[] y, int yo, int n);
    }

    private interface Scalar {
        double of(double a, double b);
    }

    private interface Relation {
        boolean of(double a, double b);
    }

    private static void check(Binary kernel, Scalar oracle) {
        for (int n : Kernels.SIZES) {
            double[] a = Kernels.doubles(n + 5, n);
            double[] b = Kernels.doubles(n + 5, n + 1);
            double[] y = new double[n + 5];
            kernel.run(a, 1, b, 2, y, 3, n);
            for (int i = 0; i < n; i++) {
                // equal as boxed values: NaN equals NaN, and -0 differs from +0
                assertThat(y[i + 3]).isEqualTo(Double.valueOf(oracle.of(a[i + 1], b[i + 2])));
            }
            assertThat(y[n + 3]).isZero();
            double[] inPlace = a.clone();
            kernel.run(inPlace, 1, b, 2, inPlace, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(inPlace[i + 1]).isEqualTo(Double.valueOf(y[i + 3]));
            }
        }
    }

    private static void compare(Compare kernel, Relation oracle) {
        for (int n : Kernels.SIZES) {
            double[] a = Kernels.doubles(n + 5, n);
            double[] b = Kernels.doubles(n + 5, n + 1);
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
        check(DoubleElementwise::add, (a, b) -> a + b);
        check(DoubleElementwise::sub, (a, b) -> a - b);
        check(DoubleElementwise::mul, (a, b) -> a * b);
        check(DoubleElementwise::max, (a, b) -> Math.max(a, b));
        check(DoubleElementwise::min, (a, b) -> Math.min(a, b));
        check(DoubleElementwise::div, (a, b) -> a / b);
        check(DoubleElementwise::remainder, (a, b) -> a % b);
    }

    @Test
    void unaryOperationsAreJavas() {
        check((a, ao, b, bo, y, yo, n) -> DoubleElementwise.neg(a, ao, y, yo, n), (a, b) -> -a);
        check(
                (a, ao, b, bo, y, yo, n) -> DoubleElementwise.abs(a, ao, y, yo, n),
                (a, b) -> Math.abs(a));
        check(
                (a, ao, b, bo, y, yo, n) -> DoubleElementwise.sign(a, ao, y, yo, n),
                (a, b) -> Math.signum(a));
        check(
                (a, ao, b, bo, y, yo, n) -> DoubleElementwise.floor(a, ao, y, yo, n),
                (a, b) -> Math.floor(a));
        check(
                (a, ao, b, bo, y, yo, n) -> DoubleElementwise.ceil(a, ao, y, yo, n),
                (a, b) -> Math.ceil(a));
        check(
                (a, ao, b, bo, y, yo, n) -> DoubleElementwise.round(a, ao, y, yo, n),
                (a, b) -> Math.rint(a));
        check(
                (a, ao, b, bo, y, yo, n) -> DoubleElementwise.sqrt(a, ao, y, yo, n),
                (a, b) -> Math.sqrt(a));
        check(
                (a, ao, b, bo, y, yo, n) -> DoubleElementwise.rsqrt(a, ao, y, yo, n),
                (a, b) -> 1 / Math.sqrt(a));
    }

    @Test
    void comparisonsAreJavas() {
        compare(DoubleElementwise::eq, (a, b) -> a == b);
        compare(DoubleElementwise::ne, (a, b) -> a != b);
        compare(DoubleElementwise::lt, (a, b) -> a < b);
        compare(DoubleElementwise::le, (a, b) -> a <= b);
        compare(DoubleElementwise::gt, (a, b) -> a > b);
        compare(DoubleElementwise::ge, (a, b) -> a >= b);
        compare(
                (a, ao, b, bo, y, yo, n) -> DoubleElementwise.isFinite(a, ao, y, yo, n),
                (a, b) -> Double.isFinite(a));
    }

    @Test
    void selectTakesFromEither() {
        for (int n : Kernels.SIZES) {
            byte[] p = Kernels.bools(n + 2, n);
            double[] a = Kernels.doubles(n + 2, n);
            double[] b = Kernels.doubles(n + 2, n + 1);
            double[] y = new double[n + 2];
            DoubleElementwise.select(p, 1, a, 0, b, 2, y, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(y[i + 1]).isEqualTo(Double.valueOf(p[i + 1] == 1 ? a[i] : b[i + 2]));
            }
        }
    }

    @Test
    void fillAndCopyKeepToTheirRange() {
        double[] y = new double[5];
        DoubleElementwise.fill(7, y, 1, 3);
        assertThat(y).containsExactly(0, 7, 7, 7, 0);
        DoubleElementwise.copy(y, 1, y, 2, 3);
        assertThat(y).containsExactly(0, 7, 7, 7, 7);
    }
}
