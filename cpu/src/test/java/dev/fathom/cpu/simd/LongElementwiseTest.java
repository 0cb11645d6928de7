package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LongElementwiseTest {

    private interface Binary {
        void run(long[] a, int ao, long[] b, int bo, long[] y, int yo, int n);
    }

    private interface Compare {
        void run(long[] a, int ao, long[] b, int bo, byte[] y, int yo, int n);
    }

    private interface Scalar {
        long of(long a, long b);
    }

    private interface Relation {
        boolean of(long a, long b);
    }

    private static void check(Binary kernel, Scalar oracle) {
        for (int n : Kernels.SIZES) {
            long[] a = Kernels.longs(n + 5, n);
            long[] b = Kernels.longs(n + 5, n + 1);
            long[] y = new long[n + 5];
            kernel.run(a, 1, b, 2, y, 3, n);
            for (int i = 0; i < n; i++) {
                // equal as boxed values: NaN equals NaN, and -0 differs from +0
                assertThat(y[i + 3]).isEqualTo(oracle.of(a[i + 1], b[i + 2]));
            }
            assertThat(y[n + 3]).isZero();
            long[] inPlace = a.clone();
            kernel.run(inPlace, 1, b, 2, inPlace, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(inPlace[i + 1]).isEqualTo(y[i + 3]);
            }
        }
    }

    private static void compare(Compare kernel, Relation oracle) {
        for (int n : Kernels.SIZES) {
            long[] a = Kernels.longs(n + 5, n);
            long[] b = Kernels.longs(n + 5, n + 1);
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
        check(LongElementwise::add, (a, b) -> a + b);
        check(LongElementwise::sub, (a, b) -> a - b);
        check(LongElementwise::mul, (a, b) -> a * b);
        check(LongElementwise::max, (a, b) -> Math.max(a, b));
        check(LongElementwise::min, (a, b) -> Math.min(a, b));
        check(LongElementwise::and, (a, b) -> a & b);
        check(LongElementwise::or, (a, b) -> a | b);
        check(LongElementwise::xor, (a, b) -> a ^ b);
    }

    @Test
    void unaryOperationsAreJavas() {
        check((a, ao, b, bo, y, yo, n) -> LongElementwise.neg(a, ao, y, yo, n), (a, b) -> -a);
        check(
                (a, ao, b, bo, y, yo, n) -> LongElementwise.abs(a, ao, y, yo, n),
                (a, b) -> Math.abs(a));
        check(
                (a, ao, b, bo, y, yo, n) -> LongElementwise.sign(a, ao, y, yo, n),
                (a, b) -> Long.signum(a));
        check((a, ao, b, bo, y, yo, n) -> LongElementwise.not(a, ao, y, yo, n), (a, b) -> ~a);
    }

    @Test
    void comparisonsAreJavas() {
        compare(LongElementwise::eq, (a, b) -> a == b);
        compare(LongElementwise::ne, (a, b) -> a != b);
        compare(LongElementwise::lt, (a, b) -> a < b);
        compare(LongElementwise::le, (a, b) -> a <= b);
        compare(LongElementwise::gt, (a, b) -> a > b);
        compare(LongElementwise::ge, (a, b) -> a >= b);
    }

    @Test
    void shiftsFillWithZeros() {
        for (int distance : new int[] {0, 1, 9, 63}) {
            check(
                    (a, ao, b, bo, y, yo, n) ->
                            LongElementwise.shiftRight(a, ao, distance, y, yo, n),
                    (a, b) -> a >>> distance);
            check(
                    (a, ao, b, bo, y, yo, n) ->
                            LongElementwise.shiftLeft(a, ao, distance, y, yo, n),
                    (a, b) -> a << distance);
        }
    }

    @Test
    void divisionTruncatesAndRefusesZero() {
        long[] a = {7, -7, 7, -7, Long.MIN_VALUE};
        long[] b = {2, 2, -2, -2, -1};
        long[] y = new long[5];
        LongElementwise.div(a, 0, b, 0, y, 0, 5);
        assertThat(y).containsExactly(3, -3, -3, 3, Long.MIN_VALUE);
        LongElementwise.remainder(a, 0, b, 0, y, 0, 5);
        assertThat(y).containsExactly(1, -1, 1, -1, 0);
        long[] zero = new long[5];
        assertThatThrownBy(() -> LongElementwise.div(a, 0, zero, 0, y, 0, 5))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> LongElementwise.remainder(a, 0, zero, 0, y, 0, 5))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void selectTakesFromEither() {
        for (int n : Kernels.SIZES) {
            byte[] p = Kernels.bools(n + 2, n);
            long[] a = Kernels.longs(n + 2, n);
            long[] b = Kernels.longs(n + 2, n + 1);
            long[] y = new long[n + 2];
            LongElementwise.select(p, 1, a, 0, b, 2, y, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(y[i + 1]).isEqualTo(p[i + 1] == 1 ? a[i] : b[i + 2]);
            }
        }
    }

    @Test
    void fillAndCopyKeepToTheirRange() {
        long[] y = new long[5];
        LongElementwise.fill(7, y, 1, 3);
        assertThat(y).containsExactly(0, 7, 7, 7, 0);
        LongElementwise.copy(y, 1, y, 2, 3);
        assertThat(y).containsExactly(0, 7, 7, 7, 7);
    }
}
