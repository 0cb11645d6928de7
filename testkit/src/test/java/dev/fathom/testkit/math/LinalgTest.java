package dev.fathom.testkit.math;

import static dev.fathom.core.transform.Transforms.grad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backend;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.stream.Stream;

/** Dense linear algebra against EJML, and by what defines it. */
class LinalgTest {

    static Stream<String> backends() {
        return Backends.all().stream().map(Backend::name);
    }

    private static void on(String backend, Runnable body) {
        Backends.with(
                Backends.named(backend),
                () -> {
                    body.run();
                    return 0;
                });
    }

    private static Tensor normal(int seed, int... shape) {
        return Key.of(seed).normal(DType.FLOAT64, shape);
    }

    private static SimpleMatrix ejml(Tensor a) {
        return new SimpleMatrix(a.dim(0), a.dim(1), true, a.toDoubles());
    }

    private static void close(Tensor found, SimpleMatrix expected, double tolerance) {
        double[] p = found.toDoubles();
        double[] q = expected.getDDRM().getData();
        for (int i = 0; i < p.length; i++) {
            assertThat(p[i]).as("element %d", i).isCloseTo(q[i], within(tolerance));
        }
    }

    private static void orthonormal(Tensor q) {
        TreeAssert.assertClose(
                "columns", q.transpose().matmul(q), Creation.eye(DType.FLOAT64, q.dim(1)), 1e-13);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void solveAndInverse(String backend) {
        on(
                backend,
                () -> {
                    for (int n : new int[] {1, 2, 5, 23}) {
                        Tensor a = normal(n, n, n);
                        Tensor b = normal(n + 1, n, 3);
                        close(Linalg.solve(a, b), ejml(a).solve(ejml(b)), 1e-9);
                        close(Linalg.inverse(a), ejml(a).invert(), 1e-9);
                        TreeAssert.assertClose(
                                "a vector",
                                Linalg.solve(a, b.slice(1, 0, 1).squeeze(1)),
                                Linalg.solve(a, b).slice(1, 0, 1).squeeze(1),
                                1e-12);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("backends")
    void cholesky(String backend) {
        on(
                backend,
                () -> {
                    for (int n : new int[] {1, 3, 19}) {
                        Tensor r = normal(n, n, n);
                        Tensor a = r.matmul(r.transpose()).plus(Creation.eye(DType.FLOAT64, n));
                        Tensor l = Linalg.cholesky(a);
                        TreeAssert.assertClose("l lT", l.matmul(l.transpose()), a, 1e-13);
                        TreeAssert.assertClose("lower", Shaping.lowerTriangle(l, 0), l, 0);
                        Tensor b = normal(5, n, 2);
                        TreeAssert.assertClose(
                                "solve", l.matmul(Linalg.solveLower(l, b)), b, 1e-10);
                        Tensor u = l.transpose();
                        TreeAssert.assertClose(
                                "solve", u.matmul(Linalg.solveUpper(u, b)), b, 1e-10);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("backends")
    void qr(String backend) {
        on(
                backend,
                () -> {
                    for (int[] size : new int[][] {{4, 4}, {7, 3}, {3, 7}, {1, 1}}) {
                        Tensor a = normal(size[0], size);
                        var f = Linalg.qr(a);
                        orthonormal(f.q());
                        TreeAssert.assertClose("product", f.q().matmul(f.r()), a, 1e-13);
                        int n = f.r().dim(1);
                        double[] r = f.r().toDoubles();
                        for (int i = 0; i < f.r().dim(0); i++) {
                            assertThat(r[i * n + i]).isNotNegative();
                            for (int j = 0; j < i; j++) {
                                assertThat(r[i * n + j]).isZero();
                            }
                        }
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("backends")
    void symmetricEigenvalues(String backend) {
        on(
                backend,
                () -> {
                    for (int n : new int[] {1, 2, 6, 17}) {
                        Tensor r = normal(n, n, n);
                        Tensor a = r.plus(r.transpose());
                        var f = Linalg.eigh(a);
                        double[] expected =
                                ejml(a).eig().getEigenvalues().stream()
                                        .mapToDouble(c -> c.real)
                                        .sorted()
                                        .toArray();
                        assertThat(f.values().toDoubles()).containsExactly(expected, within(1e-11));
                        orthonormal(f.vectors());
                        TreeAssert.assertClose(
                                "A V = V diag(w)",
                                a.matmul(f.vectors()),
                                f.vectors().times(f.values()),
                                1e-12);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("backends")
    void singularValues(String backend) {
        on(
                backend,
                () -> {
                    for (int[] size : new int[][] {{5, 5}, {9, 4}, {4, 9}, {1, 3}}) {
                        Tensor a = normal(size[1], size);
                        var f = Linalg.svd(a);
                        Tensor tall = size[0] < size[1] ? a.transpose() : a;
                        double[] expected = ejml(tall).svd().getSingularValues();
                        assertThat(f.s().toDoubles()).containsExactly(expected, within(1e-12));
                        orthonormal(f.u());
                        orthonormal(f.vt().transpose());
                        TreeAssert.assertClose(
                                "product", f.u().times(f.s()).matmul(f.vt()), a, 1e-13);
                    }
                });
    }

    /**
     * Ones give rank one, and zeros rank none: repeated singular values are no obstacle to the
     * factorisation.
     */
    @ParameterizedTest
    @MethodSource("backends")
    void degenerateMatrices(String backend) {
        on(
                backend,
                () -> {
                    Tensor ones = Tensor.full(DType.FLOAT64, 1, 4, 3);
                    var f = Linalg.svd(ones);
                    assertThat(f.s().toDoubles())
                            .containsExactly(new double[] {Math.sqrt(12), 0, 0}, within(1e-14));
                    orthonormal(f.u());
                    TreeAssert.assertClose(
                            "product", f.u().times(f.s()).matmul(f.vt()), ones, 1e-14);
                    Tensor zero = Tensor.full(DType.FLOAT64, 0, 3, 3);
                    orthonormal(Linalg.svd(zero).u());
                    orthonormal(Linalg.qr(zero).q());
                    var eye = Linalg.eigh(Creation.eye(DType.FLOAT64, 4));
                    assertThat(eye.values().toDoubles()).containsOnly(1);
                    orthonormal(eye.vectors());
                });
    }

    @Test
    void derivativesWithClosedForms() {
        Tensor a = normal(31, 4, 4).plus(Creation.eye(DType.FLOAT64, 4).times(4));
        // d ln det A = tr(A⁻¹ dA): by Cholesky of S = A Aᵀ, ln det S = 2 Σ ln lᵢᵢ, the gradient is
        // S⁻¹
        Tensor s = a.matmul(a.transpose());
        Tensor eye = Creation.eye(DType.FLOAT64, 4);
        Tensor g =
                grad((Tensor m) -> Linalg.cholesky(m).times(eye).sum(1).log().sum().times(2))
                        .apply(s);
        close(g, ejml(s).invert(), 1e-12);
        // the gradient of the sum of singular values is U Vᵀ, that of an eigenvalue is v vᵀ
        var f = Linalg.svd(a);
        TreeAssert.assertClose(
                "nuclear norm",
                grad((Tensor m) -> Linalg.svd(m).s().sum()).apply(a),
                f.u().matmul(f.vt()),
                1e-11);
        Tensor v = Linalg.eigh(s).vectors().slice(1, 3, 4);
        TreeAssert.assertClose(
                "largest eigenvalue",
                grad((Tensor m) -> Linalg.eigh(m).values().get(3)).apply(s),
                v.matmul(v.transpose()),
                1e-11);
        GradientCheck.assertGradients((Tensor m) -> Linalg.inverse(m), a);
        GradientCheck.assertSecondOrder((Tensor m) -> Linalg.inverse(m).square().sum(), a);
        GradientCheck.assertSecondOrder(
                (Tensor m) -> Linalg.qr(m).r().square().sum(0).matmul(m.get(0)), a);
        FunctionCheck.assertVmap(
                grad((Tensor m) -> Linalg.svd(m).s().log().sum()), Shaping.stack(0, a, s));
    }

    @Test
    void aWideMatrixHasNoDerivativeOfItsQr() {
        assertThatThrownBy(() -> grad((Tensor m) -> Linalg.qr(m).r().sum()).apply(normal(1, 2, 3)))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("more columns than rows");
    }

    @Test
    void leadingAxesRunInParallel() {
        Tensor many = Shaping.stack(0, normal(1, 3, 3), normal(2, 3, 3), normal(3, 3, 3));
        for (int i = 0; i < 3; i++) {
            TreeAssert.assertClose(
                    "matrix " + i,
                    List.of(
                            Linalg.svd(many).s().get(i),
                            Linalg.qr(many).q().get(i),
                            Linalg.inverse(many).get(i)),
                    List.of(
                            Linalg.svd(many.get(i)).s(),
                            Linalg.qr(many.get(i)).q(),
                            Linalg.inverse(many.get(i))),
                    1e-12);
        }
    }
}
