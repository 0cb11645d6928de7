package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.gaussNewton;
import static dev.fathom.core.transform.Transforms.hessian;
import static dev.fathom.core.transform.Transforms.jacobian;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.linearize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.function.Function;

/** Products with the Gauss–Newton matrix against the matrix formed. */
final class GaussNewtonTest {
    private static final Tensor M = Key.of(1).normal(DType.FLOAT64, 5, 4);
    private static final Function<Tensor, Tensor> F = x -> M.matmul(x.tanh().expandDims(1));
    private static final Function<Tensor, Tensor> LOSS =
            z -> Functions.logSumExp(z.squeeze(1), 0).plus(z.square().sum());

    @Test
    void productsAreThoseOfTheMatrix() {
        Tensor x = Key.of(2).normal(DType.FLOAT64, 4);
        Tensor v = Key.of(3).normal(DType.FLOAT64, 4);
        Tensor j = jacobian(F).apply(x).squeeze(1); // (5, 4)
        Tensor h = hessian(LOSS).apply(F.apply(x)).reshape(5, 5);
        Tensor matrix = j.transpose().matmul(h).matmul(j);
        var expected = matrix.matmul(v.expandDims(1)).squeeze(1).toDoubles();
        assertThat(gaussNewton(F, LOSS, x).apply(v).toDoubles())
                .containsExactly(expected, within(1e-12));
        assertThat(jit((Tensor u) -> gaussNewton(F, LOSS, x).apply(u)).apply(v).toDoubles())
                .containsExactly(expected, within(1e-12));
    }

    @Test
    void theTransposeOfALinearisationIsThatOfTheJacobian() {
        Tensor x = Key.of(2).normal(DType.FLOAT64, 4);
        Tensor u = Key.of(4).normal(DType.FLOAT64, 5, 1);
        Tensor j = jacobian(F).apply(x).squeeze(1);
        assertThat(linearize(F, x).transposed().apply(u).toDoubles())
                .containsExactly(j.transpose().matmul(u).squeeze(1).toDoubles(), within(1e-13));
    }
}
