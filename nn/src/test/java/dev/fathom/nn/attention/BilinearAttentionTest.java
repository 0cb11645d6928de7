package dev.fathom.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Pass;
import dev.fathom.testkit.check.GradientCheck;

import org.junit.jupiter.api.Test;

/** The text's attention layer and the dense layer that it is a case of. */
final class BilinearAttentionTest {
    private static final int D = 3;
    private static final int M = 5;
    private static final int D_OUT = 4;
    private static final int M_OUT = 6;
    private static final BilinearAttention LAYER =
            Doubles.of(
                    BilinearAttention.of(D, M, D_OUT, M_OUT, Key.of(3))
                            .withActivation(Activation.SIGMOID));

    /**
     * vec(z) = σ((V ⊗ U) vec(x)), columns stacked: the weight of the dense layer by plain loops.
     */
    @Test
    void isADenseLayerWithAKroneckerProductForWeight() {
        Tensor x = Doubles.normal(1, 2, D, M);
        double[] u = LAYER.u().toDoubles();
        double[] v = LAYER.v().toDoubles();
        double[] in = x.toDoubles();
        double[] z = LAYER.apply(x, Pass.eval()).toDoubles();
        var kronecker = new double[M_OUT * D_OUT][M * D];
        for (int b = 0; b < M_OUT; b++) {
            for (int a = 0; a < D_OUT; a++) {
                for (int j = 0; j < M; j++) {
                    for (int i = 0; i < D; i++) {
                        kronecker[b * D_OUT + a][j * D + i] = v[b * M + j] * u[a * D + i];
                    }
                }
            }
        }
        double worst = 0;
        for (int n = 0; n < 2; n++) {
            for (int b = 0; b < M_OUT; b++) {
                for (int a = 0; a < D_OUT; a++) {
                    double s = 0;
                    for (int j = 0; j < M; j++) {
                        for (int i = 0; i < D; i++) {
                            s += kronecker[b * D_OUT + a][j * D + i] * in[(n * D + i) * M + j];
                        }
                    }
                    double expected = 1 / (1 + Math.exp(-s));
                    double got = z[(n * D_OUT + a) * M_OUT + b];
                    worst = Math.max(worst, Math.abs(got - expected));
                }
            }
        }
        assertThat(worst).isLessThanOrEqualTo(1e-15);
    }

    /** U has 4 · 3 and V 6 · 5 numbers: 42. A dense layer from 15 to 24 numbers has 360. */
    @Test
    void hasFewerParametersThanTheDenseLayer() {
        long dense = Tree.countTrained(Dense.of(D * M, D_OUT * M_OUT, Key.of(1)).withoutBias());
        assertThat(Tree.countTrained(LAYER)).isEqualTo(42);
        assertThat(dense).isEqualTo(360);
    }

    @Test
    void gradients() {
        Tensor x = Doubles.normal(2, 2, D, M);
        GradientCheck.assertGradients((BilinearAttention l) -> l.apply(x, Pass.eval()), LAYER);
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThatThrownBy(() -> LAYER.apply(Doubles.normal(2, 2, M, D), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "BilinearAttention: input (2, 5, 3) is not (n, 3, 5): U is (4, 3), V is"
                                + " (6, 5). Features come before positions here:"
                                + " x.transpose(0, 2, 1)");
    }
}
