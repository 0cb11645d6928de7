package dev.fathom.cpu.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CholeskyTest {

    @Test
    void byHand() {
        // (2 0 0; 1 3 0; -1 2 1) times its transpose; the upper triangle is not read
        double[] a = {0, 4, 99, 99, 2, 10, 99, -2, 5, 6};
        double[] l = new double[10];
        Cholesky.factor(a, 1, 3, l, 1);
        assertThat(l).containsExactly(0, 2, 0, 0, 1, 3, 0, -1, 2, 1);
        Cholesky.factor(a, 1, 3, a, 1);
        assertThat(a).containsExactly(l);
    }

    @Test
    void reconstruction() {
        for (int n : new int[] {0, 1, 2, 7, 20}) {
            double[] b = Check.random(n * n, n);
            double[] a = Check.product(b, Check.transpose(b, n, n), n, n, n);
            for (int i = 0; i < n; i++) {
                a[i * n + i] += 0.1;
            }
            double[] l = new double[n * n];
            Cholesky.factor(a, 0, n, l, 0);
            Check.assertClose(Check.product(l, Check.transpose(l, n, n), n, n, n), a, 1e-13);
            float[] narrow = new float[n * n];
            Cholesky.factor(Check.floats(a), 0, n, narrow, 0);
            Check.assertClose(Check.doubles(narrow), l, 1e-5);
        }
    }

    @Test
    void indefiniteMatricesAreRefused() {
        assertThatThrownBy(() -> Cholesky.factor(new double[] {1, 2, 2, 1}, 0, 2, new double[4], 0))
                .isInstanceOf(LinearAlgebraException.class)
                .hasMessageContaining("pivot 1 of 2 is -3.0");
        assertThatThrownBy(() -> Cholesky.factor(new double[1], 0, 1, new double[1], 0))
                .isInstanceOf(LinearAlgebraException.class);
        assertThatThrownBy(() -> Cholesky.factor(new float[] {Float.NaN}, 0, 1, new float[1], 0))
                .isInstanceOf(LinearAlgebraException.class);
    }
}
