package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class IntElementwiseTest {

    private interface Binary {
        void run(int[] a, int ao, int[] b, int bo, int[] y, int yo, int n);
    }

    private interface Compare {
        void run(int[] a, int ao, int[] b, int bo, byte[] y, int yo, int n);
    }

    private interface Scalar {
        int of(int a, int b);
    }

    private interface Relation {
        boolean of(int a, int b);
    }

    private static void check(Binary kernel, Scalar oracle) {
        for (int n : Kernels.SIZES) {
            int[] a = Kernels.ints(n + 5, n);
            int[] b = Kernels.ints(n + 5, n + 1);
            int[] y = new int[n + 5];
            kernel.run(a, 1, b, 2, y, 3, n);
            for (int i = 0; i < n; i++) {
                // equal as boxed values: NaN equals NaN, and -0 differs from +0
                assertThat(y[i + 3]).isEqualTo(oracle.of(a[i + 1], b[i + 2]));
            }
            assertThat(y[n + 3]).isZero();
            int[] inPlace = a.clone();
            kernel.run(inPlace, 1, b, 2, inPlace, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(inPlace[i + 1]).isEqualTo(y[i + 3]);
            }
        }
    }

    private static void compare(Compare kernel, Relation oracle) {
        for (int n : Kernels.SIZES) {
            int[] a = Kernels.ints(n + 5, n);
            int[] b = Kernels.ints(n + 5, n + 1);
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
        check(IntElementwise::add, (a, b) -> a + b);
        check(IntElementwise::sub, (a, b) -> a - b);
        check(IntElementwise::mul, (a, b) -> a * b);
        check(IntElementwise::max, (a, b) -> Math.max(a, b));
        check(IntElementwise::min, (a, b) -> Math.min(a, b));
        check(IntElementwise::and, (a, b) -> a & b);
        check(IntElementwise::or, (a, b) -> a | b);
        check(IntElementwise::xor, (a, b) -> a ^ b);
    }

    @Test
    void unaryOperationsAreJavas() {
        check((a, ao, b, bo, y, yo, n) -> IntElementwise.neg(a, ao, y, yo, n), (a, b) -> -a);
        check(
                (a, ao, b, bo, y, yo, n) -> IntElementwise.abs(a, ao, y, yo, n),
                (a, b) -> Math.abs(a));
        check(
                (a, ao, b, bo, y, yo, n) -> IntElementwise.sign(a, ao, y, yo, n),
                (a, b) -> Integer.signum(a));
        check((a, ao, b, bo, y, yo, n) -> IntElementwise.not(a, ao, y, yo, n), (a, b) -> ~a);
    }

    @Test
    void comparisonsAreJavas() {
        compare(IntElementwise::eq, (a, b) -> a == b);
        compare(IntElementwise::ne, (a, b) -> a != b);
        compare(IntElementwise::lt, (a, b) -> a < b);
        compare(IntElementwise::le, (a, b) -> a <= b);
        compare(IntElementwise::gt, (a, b) -> a > b);
        compare(IntElementwise::ge, (a, b) -> a >= b);
    }

    @Test
    void shiftsFillWithZeros() {
        for (int distance : new int[] {0, 1, 9, 31}) {
            check(
                    (a, ao, b, bo, y, yo, n) ->
                            IntElementwise.shiftRight(a, ao, distance, y, yo, n),
                    (a, b) -> a >>> distance);
            check(
                    (a, ao, b, bo, y, yo, n) -> IntElementwise.shiftLeft(a, ao, distance, y, yo, n),
                    (a, b) -> a << distance);
        }
    }

    @Test
    void divisionTruncatesAndRefusesZero() {
        int[] a = {7, -7, 7, -7, Integer.MIN_VALUE};
        int[] b = {2, 2, -2, -2, -1};
        int[] y = new int[5];
        IntElementwise.div(a, 0, b, 0, y, 0, 5);
        assertThat(y).containsExactly(3, -3, -3, 3, Integer.MIN_VALUE);
        IntElementwise.remainder(a, 0, b, 0, y, 0, 5);
        assertThat(y).containsExactly(1, -1, 1, -1, 0);
        int[] zero = new int[5];
        assertThatThrownBy(() -> IntElementwise.div(a, 0, zero, 0, y, 0, 5))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> IntElementwise.remainder(a, 0, zero, 0, y, 0, 5))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void selectTakesFromEither() {
        for (int n : Kernels.SIZES) {
            byte[] p = Kernels.bools(n + 2, n);
            int[] a = Kernels.ints(n + 2, n);
            int[] b = Kernels.ints(n + 2, n + 1);
            int[] y = new int[n + 2];
            IntElementwise.select(p, 1, a, 0, b, 2, y, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(y[i + 1]).isEqualTo(p[i + 1] == 1 ? a[i] : b[i + 2]);
            }
        }
    }

    @Test
    void fillAndCopyKeepToTheirRange() {
        int[] y = new int[5];
        IntElementwise.fill(7, y, 1, 3);
        assertThat(y).containsExactly(0, 7, 7, 7, 0);
        IntElementwise.copy(y, 1, y, 2, 3);
        assertThat(y).containsExactly(0, 7, 7, 7, 7);
    }
}
