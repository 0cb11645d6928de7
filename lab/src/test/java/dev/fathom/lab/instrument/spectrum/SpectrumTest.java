package dev.fathom.lab.instrument.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.operator.Curvature;
import dev.fathom.lab.instrument.operator.LinearOperator;
import dev.fathom.lab.study.Estimate;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.Mlp;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

final class SpectrumTest {
    /** Eigenvalues as given, eigenvectors random. */
    private static LinearOperator with(double[] values, long seed) {
        int n = values.length;
        Tensor q = Linalg.qr(Key.of(seed).normal(DType.FLOAT64, n, n)).q();
        return LinearOperator.of(q.times(Tensor.of(values)).matmul(Linalg.transpose(q)));
    }

    private static LinearOperator diagonal(double... values) {
        Tensor d = Tensor.of(values);
        return LinearOperator.symmetric(values.length, v -> v.times(d));
    }

    @Test
    void powerIterationFindsTheLargestMagnitudeAndItsResidualTellsHowWell() {
        var a = with(new double[] {-7, 5, 3, 1, 0.5, 0}, 1);
        var found = PowerIteration.largest(a, 200, 1e-10, Key.of(2));
        assertThat(found.converged()).isTrue();
        assertThat(found.value()).isCloseTo(-7, within(1e-9));
        Tensor rest = a.apply(found.vector()).minus(found.vector().times(found.value()));
        assertThat(Tree.norm(rest).item()).isCloseTo(found.residual(), within(1e-12));
        // 7 and -7: no limit, and the residual says so.
        var torn = PowerIteration.largest(diagonal(7, -7, 1), 500, 1e-6, Key.of(3));
        assertThat(torn.converged()).isFalse();
        assertThat(torn.residual()).isGreaterThan(1);
        assertThat(PowerIteration.largest(diagonal(0, 0), 5, 0, Key.of(1)).value()).isZero();
    }

    @Test
    void normIsTheLargestSingularValue() {
        Tensor a = Tensor.of(new double[] {1, 2, 0, 1}, 2, 2); // 1 + √2
        assertThat(PowerIteration.norm(LinearOperator.of(a), 200, 1e-12, Key.of(1)))
                .isCloseTo(1 + Math.sqrt(2), within(1e-10));
    }

    @Test
    void lanczosToTheEndIsTheWholeSpectrumWithCopies() {
        var values = new double[] {-2, 1, 1, 1, 3, 3, 8, 0, 0, 0};
        var run = Lanczos.of(with(values, 4), 10, Key.of(5));
        Arrays.sort(values);
        assertThat(run.values()).containsExactly(values, within(1e-10));
        assertThat(run.invariant()).isTrue();
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j <= i; j++) {
                assertThat(Vectors.dot(run.basis()[i], run.basis()[j]))
                        .isCloseTo(i == j ? 1 : 0, within(1e-13));
            }
        }
    }

    @Test
    void lanczosFromAVectorEndsWhereItsSpaceIsInvariant() {
        // The start lies in the span of two eigenvectors, so two steps say all there is.
        var run = Lanczos.from(diagonal(2, 5, 9, 11), 4, Tensor.of(new double[] {1, 0, 1, 0}));
        assertThat(run.steps()).isEqualTo(2);
        assertThat(run.invariant()).isTrue();
        assertThat(run.values()).containsExactly(new double[] {2, 9}, within(1e-12));
        assertThat(run.top()[0] * run.top()[0]).isCloseTo(0.5, within(1e-12));
        assertThatThrownBy(() -> Lanczos.from(diagonal(1, 2), 2, Tensor.of(new double[2])))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("a start of length 0.0 has no direction");
    }

    @Test
    void lanczosResidualsAreThoseOfItsVectors() {
        var values = IntStream.range(0, 60).mapToDouble(i -> Math.exp(i / 10.0)).toArray();
        var a = with(values, 6);
        var run = Lanczos.of(a, 25, Key.of(7));
        for (int i : new int[] {0, 5, 12, 24}) {
            Tensor y = run.vector(i);
            Tensor rest = a.apply(y).minus(y.times(run.values()[i]));
            assertThat(Tree.norm(y).item()).isCloseTo(1, within(1e-12));
            assertThat(Tree.norm(rest).item()).isCloseTo(run.residual(i), within(1e-9));
        }
        assertThat(run.largest()).isCloseTo(values[59], within(1e-6));
        assertThat(run.smallest()).isGreaterThanOrEqualTo(1 - 1e-9);
    }

    @Test
    void orthogonalisationKeepsConvergedValuesFromComingTwice() {
        var values = new double[100];
        Arrays.setAll(values, i -> i == 99 ? 1e6 : i / 100.0);
        var run = Lanczos.of(diagonal(values), 60, Key.of(8));
        assertThat(run.values()[59]).isCloseTo(1e6, within(1e-3));
        assertThat(run.values()[58]).isLessThan(1);
    }

    @Test
    void densityOfANetsHessianIsNearTheExactSpectrum() {
        Mlp net = Tree.map(t -> t.cast(DType.FLOAT64), Mlp.of(Shape.of(8), 3, Key.of(1), 12));
        Tensor x = Key.of(2).normal(DType.FLOAT64, 40, 8);
        Tensor y = Key.of(3).integers(3, 40);
        var h = Curvature.hessian((Mlp m) -> Losses.crossEntropy(m.apply(x, Pass.eval()), y), net);
        var exact = Linalg.eigh(h.dense()).values().toDoubles();
        var slq = SpectralDensity.of(h, 8, 30, Key.of(4));
        double width = exact[exact.length - 1] - exact[0];
        assertThat(slq.distance(exact)).isLessThan(0.01 * width);
        assertThat(Arrays.stream(slq.weights()).sum()).isCloseTo(1, within(1e-12));
        double trace = Arrays.stream(exact).sum();
        assertThat(covers(slq.trace(v -> v), trace, 4)).isTrue();
        assertThat(Lanczos.of(h, 40, Key.of(6)).largest())
                .isCloseTo(exact[exact.length - 1], within(1e-8));
    }

    @Test
    void densityOfTwoEigenvaluesIsExact() {
        // Each start finds both values; only the weights are random.
        var d = SpectralDensity.of(diagonal(1, 1, 1, 5), 400, 4, Key.of(9));
        assertThat(d.distribution(0.9)).isZero();
        assertThat(d.distribution(2)).isCloseTo(0.75, within(0.05));
        assertThat(covers(d.trace(v -> v * v), 28, 4)).isTrue();
        double area = 0;
        for (double v = -2; v < 8; v += 0.01) {
            area += 0.01 * d.density(v, 0.3);
        }
        assertThat(area).isCloseTo(1, within(1e-6));
        // Against {1, 5}: 1/4 of the mass moves by 4, up to the noise of the weights.
        assertThat(d.distance(new double[] {5, 1})).isCloseTo(1, within(0.2));
        var single =
                new SpectralDensity(new double[] {0, 2}, new double[] {0.5, 0.5}, List.of(), 2);
        assertThat(single.distance(new double[] {1, 1})).isCloseTo(1, within(1e-15));
    }

    @Test
    void hutchinsonIsExactForDiagonalsAndCoversOtherwise() {
        var exact = Trace.hutchinson(diagonal(1, 2, 3, -4), 5, Key.of(1));
        assertThat(exact.value()).isCloseTo(2, within(1e-14));
        assertThat(exact.error()).isCloseTo(0, within(1e-14));
        var a = with(IntStream.range(1, 41).mapToDouble(i -> 10.0 / i).toArray(), 2);
        double trace = IntStream.range(1, 41).mapToDouble(i -> 10.0 / i).sum();
        int inside = 0;
        double plain = 0;
        double plus = 0;
        for (int run = 0; run < 100; run++) {
            var h = Trace.hutchinson(a, 30, Key.of(100 + run));
            var p = Trace.hutchPlusPlus(a, 30, Key.of(100 + run));
            inside += covers(h, trace, 2.05) ? 1 : 0; // Student's t with 29 degrees of freedom
            plain += Math.pow(h.value() - trace, 2);
            plus += Math.pow(p.value() - trace, 2);
        }
        assertThat(inside).isGreaterThanOrEqualTo(88); // of 100 at 95 %: 4 deviations below
        assertThat(Math.sqrt(plus)).isLessThan(Math.sqrt(plain) / 2);
    }

    @Test
    void hutchPlusPlusIsExactForLowRank() {
        Tensor b = Key.of(4).normal(DType.FLOAT64, 50, 3);
        var a = LinearOperator.of(b.matmul(Linalg.transpose(b)));
        double trace = b.square().sum().item();
        var found = Trace.hutchPlusPlus(a, 12, Key.of(5)); // 4 directions for rank 3
        assertThat(found.value()).isCloseTo(trace, within(1e-10 * trace));
        assertThatThrownBy(() -> Trace.hutchPlusPlus(a, 5, Key.of(1)))
                .hasMessageContaining("Hutch++: products is 5.0; it must be at least 6");
    }

    @Test
    void theSameKeyGivesTheSameBits() {
        var a = with(new double[] {4, 2, 1, 0.5, 0.25}, 3);
        assertThat(Lanczos.of(a, 4, Key.of(1)).values())
                .containsExactly(Lanczos.of(a, 4, Key.of(1)).values());
        assertThat(Shaping.stack(0, Lanczos.of(a, 4, Key.of(1)).vector(0)).toDoubles())
                .isNotEqualTo(Shaping.stack(0, Lanczos.of(a, 4, Key.of(2)).vector(0)).toDoubles());
    }

    private static boolean covers(Estimate e, double truth, double errors) {
        return Math.abs(e.value() - truth) <= errors * e.error();
    }

    /** Numbers whose squares are 0 or ∞ are none the worse for it. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-200, 1e200})
    void sizesDoNotMatter(double size) {
        var a = LinearOperator.of(Tensor.of(new double[] {size, 0, 0, 3 * size}, 2, 2));
        var values = Lanczos.of(a, 2, Key.of(1)).values();
        assertThat(values[0] / size).isCloseTo(1, within(1e-9));
        assertThat(values[1] / size).isCloseTo(3, within(1e-9));
        var top = PowerIteration.largest(a, 100, 1e-9, Key.of(1));
        assertThat(top.value() / size).isCloseTo(3, within(1e-9));
        assertThat(top.converged()).isTrue();
    }

    @Test
    void theTraceOfOneNumberHasNoError() {
        var a = LinearOperator.of(Tensor.of(new double[] {3}, 1, 1));
        assertThat(Trace.hutchPlusPlus(a, 6, Key.of(1))).isEqualTo(new Estimate(3, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 3})
    void anEigenvalueThatIsNotThereIsNamed(int i) {
        var run = Lanczos.of(diagonal(1, 2, 3), 3, Key.of(1));
        for (Runnable ask : List.<Runnable>of(() -> run.vector(i), () -> run.residual(i))) {
            assertThatThrownBy(ask::run)
                    .isInstanceOf(InstrumentException.class)
                    .hasMessageContaining("Lanczos: there is no value " + i + "; they are 0 to 2");
        }
    }
}
