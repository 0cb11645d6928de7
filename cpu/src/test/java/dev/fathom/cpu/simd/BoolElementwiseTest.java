package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BoolElementwiseTest {

    private interface Binary {
        void run(byte[] a, int ao, byte[] b, int bo, byte[] y, int yo, int n);
    }

    private interface Scalar {
        boolean of(boolean a, boolean b);
    }

    private static void check(Binary kernel, Scalar oracle) {
        for (int n : Kernels.SIZES) {
            byte[] a = Kernels.bools(n + 5, n);
            byte[] b = Kernels.bools(n + 5, n + 1);
            byte[] y = new byte[n + 5];
            kernel.run(a, 1, b, 2, y, 3, n);
            for (int i = 0; i < n; i++) {
                int expected = oracle.of(a[i + 1] == 1, b[i + 2] == 1) ? 1 : 0;
                assertThat((int) y[i + 3]).isEqualTo(expected);
            }
            assertThat(y[n + 3]).isZero();
        }
    }

    @Test
    void logicFollowsTheTruthTables() {
        check(BoolElementwise::and, (a, b) -> a && b);
        check(BoolElementwise::or, (a, b) -> a || b);
        check(BoolElementwise::xor, (a, b) -> a != b);
        check((a, ao, b, bo, y, yo, n) -> BoolElementwise.not(a, ao, y, yo, n), (a, b) -> !a);
    }

    @Test
    void falseComesBeforeTrue() {
        check(BoolElementwise::eq, (a, b) -> a == b);
        check(BoolElementwise::ne, (a, b) -> a != b);
        check(BoolElementwise::lt, (a, b) -> !a && b);
        check(BoolElementwise::le, (a, b) -> !a || b);
        check(BoolElementwise::gt, (a, b) -> a && !b);
        check(BoolElementwise::ge, (a, b) -> a || !b);
    }

    @Test
    void selectFillAndCopy() {
        for (int n : Kernels.SIZES) {
            byte[] p = Kernels.bools(n + 2, n);
            byte[] a = Kernels.bools(n + 2, n + 1);
            byte[] b = Kernels.bools(n + 2, n + 2);
            byte[] y = new byte[n + 2];
            BoolElementwise.select(p, 1, a, 0, b, 2, y, 1, n);
            for (int i = 0; i < n; i++) {
                assertThat(y[i + 1]).isEqualTo(p[i + 1] == 1 ? a[i] : b[i + 2]);
            }
        }
        byte[] y = new byte[5];
        BoolElementwise.fill(true, y, 1, 3);
        assertThat(y).containsExactly(0, 1, 1, 1, 0);
        BoolElementwise.copy(y, 1, y, 2, 3);
        assertThat(y).containsExactly(0, 1, 1, 1, 1);
        BoolElementwise.fill(false, y, 0, 5);
        assertThat(y).containsOnly(0);
    }
}
