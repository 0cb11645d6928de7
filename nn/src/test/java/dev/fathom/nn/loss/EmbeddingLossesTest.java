package dev.fathom.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.Pair;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.function.Function;

/** Losses of vectors by hand, against plain loops, and at the edges. */
final class EmbeddingLossesTest {
    @Test
    void cosineByHand() {
        Tensor y = Tensor.of(new double[] {3, 4, 2, 0, 1, 0}, 3, 2);
        Tensor t = Tensor.of(new double[] {4, 3, -7, 0, 0, 5}, 3, 2);
        // cosines 24/25, −1, 0
        assertThat(EmbeddingLosses.cosine(y, t).item())
                .isCloseTo(1 - (24 / 25.0 - 1) / 3, within(1e-15));
    }

    @Test
    void infoNceByHand() {
        Tensor q = Tensor.of(new double[] {1, 0, 0, 2}, 2, 2);
        Tensor k = Tensor.of(new double[] {1, 1, 0, 1}, 2, 2);
        // cosines (1/√2, 0) and (1/√2, 1), the diagonal is right, divided by ½
        double root = Math.sqrt(0.5);
        double first = Math.log(1 + Math.exp(-2 * root));
        double second = Math.log(1 + Math.exp(2 * root - 2));
        assertThat(EmbeddingLosses.infoNce(q, k, 0.5).item())
                .isCloseTo((first + second) / 2, within(1e-15));
    }

    /** Algorithm 1 of the paper in plain loops. */
    @Test
    void ntXentIsItsFormula() {
        int n = 3;
        int d = 4;
        double tau = 0.3;
        Tensor a = Doubles.normal(1, n, d);
        Tensor b = Doubles.normal(2, n, d);
        var z = new double[2 * n][];
        for (int i = 0; i < n; i++) {
            z[i] = a.get(i).toDoubles();
            z[n + i] = b.get(i).toDoubles();
        }
        double loss = 0;
        for (int i = 0; i < 2 * n; i++) {
            double sum = 0;
            for (int j = 0; j < 2 * n; j++) {
                sum += j == i ? 0 : Math.exp(cosine(z[i], z[j]) / tau);
            }
            loss -= Math.log(Math.exp(cosine(z[i], z[(i + n) % (2 * n)]) / tau) / sum);
        }
        assertThat(EmbeddingLosses.ntXent(a, b, tau).item())
                .isCloseTo(loss / (2 * n), within(1e-14));
        // equal views of orthogonal examples: ln(1 + 2 e^(−1/τ))
        Tensor e = Tensor.of(new double[] {1, 0, 0, 1}, 2, 2);
        assertThat(EmbeddingLosses.ntXent(e, e.times(3), 0.5).item())
                .isCloseTo(Math.log(1 + 2 * Math.exp(-2)), within(1e-15));
    }

    private static double cosine(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    @Test
    void tripletByHand() {
        Tensor a = Tensor.of(new double[] {0, 0, 1, 1}, 2, 2);
        Tensor p = Tensor.of(new double[] {1, 0, 1, 1}, 2, 2);
        Tensor n = Tensor.of(new double[] {0, 1, 4, 5}, 2, 2);
        // 1 − 1 + 0.2, and 0 − 25 + 0.2, held at 0
        assertThat(EmbeddingLosses.triplet(a, p, n, 0.2).item()).isCloseTo(0.1, within(1e-15));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cosine", "infoNce", "ntXent", "triplet"})
    void derivativesAndJit(String name) {
        Function<Pair<Tensor, Tensor>, Tensor> f =
                p ->
                        switch (name) {
                            case "cosine" -> EmbeddingLosses.cosine(p.first(), p.second());
                            case "infoNce" -> EmbeddingLosses.infoNce(p.first(), p.second(), 0.5);
                            case "ntXent" -> EmbeddingLosses.ntXent(p.first(), p.second(), 0.5);
                            default ->
                                    EmbeddingLosses.triplet(
                                            p.first(), p.second(), Doubles.normal(3, 4, 3), 1);
                        };
        var point = new Pair<>(Doubles.normal(1, 4, 3), Doubles.normal(2, 4, 3));
        GradientCheck.assertGradients(f, point);
        GradientCheck.assertSecondOrder(f, point);
        FunctionCheck.assertJit(f, point);
    }

    /** Vectors of length 800·√d and of zeros, and a temperature that makes logits of ±1000. */
    @Test
    void edges() {
        for (var dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            Tensor a = Tensor.of(new double[] {800, -800, 0, 0, -800, 800}, 3, 2).cast(dtype);
            Loss[] losses = {
                EmbeddingLosses.cosine(),
                EmbeddingLosses.infoNce(0.001),
                EmbeddingLosses.ntXent(0.001)
            };
            for (Loss loss : losses) {
                var r = Transforms.valueAndGrad((Tensor t) -> loss.apply(t, a)).apply(a);
                assertThat(r.value().item()).isFinite();
                for (double g : r.gradient().toDoubles()) {
                    assertThat(g).isFinite();
                }
            }
            // two of three vectors are their own direction, the cosine of zeros is 0
            assertThat(EmbeddingLosses.cosine(a, a).item()).isCloseTo(1 / 3.0, within(1e-6));
        }
    }

    @Test
    void misfits() {
        assertThatThrownBy(() -> EmbeddingLosses.infoNce(Tensor.zeros(3), Tensor.zeros(3), 1))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("infoNce: queries (3,) are not vectors (n, d)");
        assertThatThrownBy(() -> EmbeddingLosses.cosine(Tensor.zeros(3, 2), Tensor.zeros(2, 2)))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("cosine: output (3, 2) and target (2, 2) must have one");
    }
}
