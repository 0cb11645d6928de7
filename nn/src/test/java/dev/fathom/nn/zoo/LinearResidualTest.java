package dev.fathom.nn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Pass;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

/** Hardt and Ma's chains: derivative by hand, their bound, and what they cannot reach. */
final class LinearResidualTest {
    private static final int D = 4;

    private static Tensor eye() {
        return Creation.eye(DType.FLOAT64, D);
    }

    /** f = ½ ‖M − B‖². */
    private static Tensor loss(LinearResidual chain, Tensor target) {
        return chain.product().minus(target).square().sum().times(0.5);
    }

    private static LinearResidual gradient(LinearResidual chain, Tensor target) {
        return Transforms.grad((LinearResidual c) -> loss(c, target)).apply(chain);
    }

    @Test
    void theChainIsItsProduct() {
        var chain = new LinearResidual(Doubles.normal(1, 3, D, D));
        Tensor a1 = eye().plus(chain.maps().get(0));
        Tensor a2 = eye().plus(chain.maps().get(1));
        Tensor a3 = eye().plus(chain.maps().get(2));
        Tensor m = a3.matmul(a2).matmul(a1);
        TreeAssert.assertClose("product", chain.product(), m, 1e-14);
        Tensor x = Doubles.normal(2, 5, D);
        TreeAssert.assertClose(
                "rows", chain.apply(x, Pass.eval()), x.matmul(Linalg.transpose(m)), 1e-13);
        var zero = LinearResidual.of(7, D);
        Tensor ones = Tensor.ones(2, D);
        assertThat(zero.apply(ones, Pass.eval()).toFloats()).isEqualTo(ones.toFloats());
        assertThat(LinearResidual.of(2, D, Initializer.normal(1), Key.of(1)).maps().shape().dims())
                .containsExactly(2, D, D);
    }

    /**
     * With M = U (I + A_i) V, where U is what comes after block i and V what comes before: df = ⟨M
     * − B, U dA_i V⟩, so ∂f/∂A_i = Uᵀ (M − B) Vᵀ.
     */
    @Test
    void theDerivativeByHand() {
        int layers = 5;
        var chain = new LinearResidual(Doubles.normal(3, layers, D, D).times(0.4));
        Tensor target = Doubles.normal(4, D, D);
        Tensor error = chain.product().minus(target);
        var gradient = gradient(chain, target);
        for (int i = 0; i < layers; i++) {
            Tensor after = eye();
            Tensor before = eye();
            for (int j = 0; j < layers; j++) {
                Tensor block = eye().plus(chain.maps().get(j));
                if (j < i) {
                    before = block.matmul(before);
                } else if (j > i) {
                    after = block.matmul(after);
                }
            }
            Tensor hand = Linalg.transpose(after).matmul(error).matmul(Linalg.transpose(before));
            TreeAssert.assertClose("∂f/∂A_" + (i + 1), gradient.maps().get(i), hand, 1e-12);
        }
    }

    private static double norm(LinearResidual chain) {
        double tau = 0;
        for (int i = 0; i < chain.maps().dim(0); i++) {
            tau = Math.max(tau, Linalg.svd(chain.maps().get(i)).s().toDoubles()[0]);
        }
        return tau;
    }

    /** Σ ‖∂f/∂A_i‖² ≥ 2 L (1 − τ)^(2L−2) f at every step, and descent from zero reaches B. */
    @Test
    void insideTheBallTheGradientVanishesOnlyAtTheTarget() {
        int layers = 6;
        Tensor target = eye().plus(Doubles.normal(5, D, D).times(0.2));
        assertThat(Linalg.svd(target).s().toDoubles()[D - 1]).isGreaterThan(0.1);
        var chain = Doubles.of(LinearResidual.of(layers, D));
        double tightest = Double.POSITIVE_INFINITY;
        for (int step = 0; step < 400; step++) {
            double f = loss(chain, target).item();
            var g = gradient(chain, target);
            double tau = norm(chain);
            assertThat(tau).isLessThan(1);
            double squares = g.maps().square().sum().item();
            double bound = 2 * layers * Math.pow(1 - tau, 2 * layers - 2) * f;
            assertThat(squares).isGreaterThanOrEqualTo(bound * (1 - 1e-9));
            if (f > 1e-20) {
                tightest = Math.min(tightest, squares / bound);
            }
            chain = new LinearResidual(chain.maps().minus(g.maps().times(0.05)));
        }
        assertThat(loss(chain, target).item()).isLessThan(1e-18);
        // the bound says something: it is met with equality where all A_i are zero
        assertThat(tightest).isCloseTo(1, within(1e-9));
    }

    /**
     * A target of negative determinant is not reached from zero: for B = diag(1.5, −0.7, 1, 1) the
     * chain stays diagonal, (1 + a)^L cannot pass zero, and what is left is ½ 0.7² = ½ σ_min².
     */
    @Test
    void aTargetOfNegativeDeterminantIsOutOfReach() {
        Tensor target = eye().times(Tensor.of(new double[] {1.5, -0.7, 1, 1}));
        var chain = Doubles.of(LinearResidual.of(6, D));
        for (int step = 0; step < 6000; step++) {
            chain =
                    new LinearResidual(
                            chain.maps().minus(gradient(chain, target).maps().times(0.05)));
        }
        assertThat(loss(chain, target).item()).isBetween(0.245, 0.245 * 1.001);
        // a product of plain linear maps that begin at zero does not move at all: every derivative
        // has another of them as a factor
        Tensor still =
                Transforms.grad((Tensor a) ->
                                a.get(1).matmul(a.get(0)).minus(target).square().sum())
                        .apply(Tensor.full(DType.FLOAT64, 0, 2, D, D));
        assertThat(still.toDoubles()).containsOnly(0);
    }

    @Test
    void messages() {
        assertThatThrownBy(() -> LinearResidual.of(2, 3).apply(Tensor.ones(2, 4), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "LinearResidual: input (2, 4) does not end in the 3 numbers of the chain's"
                                + " maps (2, 3, 3)");
        assertThatThrownBy(() -> new LinearResidual(Tensor.ones(2, 3, 4)).product())
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("LinearResidual: maps (2, 3, 4) are not square");
    }
}
