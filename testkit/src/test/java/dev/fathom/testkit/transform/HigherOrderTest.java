package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.axis;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hessian;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.hvpReverse;
import static dev.fathom.core.transform.Transforms.jacobianForward;
import static dev.fathom.core.transform.Transforms.jacobianReverse;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jvp;
import static dev.fathom.core.transform.Transforms.shared;
import static dev.fathom.core.transform.Transforms.vmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Statistic;
import dev.fathom.core.tree.Tree;
import dev.fathom.testkit.check.Directions;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.function.BiFunction;
import java.util.function.Function;

/** Derivatives of derivatives, and derivatives for each example of a batch. */
class HigherOrderTest {

    private static Tensor normal(long seed, int... shape) {
        return Key.of(seed).normal(DType.FLOAT64, shape);
    }

    @Test
    void thirdDerivativesHaveTheirClosedForms() {
        Function<Tensor, Tensor> sine = x -> Functions.sin(x.times(2));
        Function<Tensor, Tensor> power = x -> x.times(x).times(x).times(x).times(x);
        Function<Tensor, Tensor> bell = x -> x.times(x).negate().exp();
        double x = 0.7;
        assertThat(third(sine, x)).isCloseTo(-8 * Math.cos(2 * x), within(1e-13));
        assertThat(third(power, x)).isCloseTo(60 * x * x, within(1e-12));
        // (e^(−x²))''' = (12x − 8x³) e^(−x²)
        assertThat(third(bell, x))
                .isCloseTo((12 * x - 8 * x * x * x) * Math.exp(-x * x), within(1e-13));
    }

    private static double third(Function<Tensor, Tensor> f, double x) {
        double reverse = grad(grad(grad(f))).apply(Tensor.scalar(x)).item();
        Tensor one = Tensor.scalar(1.0);
        Function<Tensor, Tensor> first = v -> jvp(f, v, one).tangent();
        Function<Tensor, Tensor> second = v -> jvp(first, v, one).tangent();
        assertThat(jvp(second, Tensor.scalar(x), one).tangent().item())
                .isCloseTo(reverse, within(1e-12));
        assertThat(grad(jit(grad(jit(grad(f))))).apply(Tensor.scalar(x)).item())
                .isCloseTo(reverse, within(1e-12));
        return reverse;
    }

    @Test
    void tanhToTheFifthDerivative() {
        // tanh⁽⁵⁾(0) = 16, from tanh x = x − x³/3 + 2x⁵/15 − …: 5! · 2/15
        Function<Tensor, Tensor> f = Tensor::tanh;
        assertThat(grad(grad(grad(grad(grad(f))))).apply(Tensor.scalar(0.0)).item())
                .isCloseTo(16, within(1e-12));
    }

    @Test
    void hessianOfAQuadraticFormIsItsMatrix() {
        Tensor a = normal(1, 4, 4);
        Function<Tensor, Tensor> f = x -> x.matmul(a).matmul(x).times(0.5);
        double[] h = hessian(f).apply(normal(2, 4)).toDoubles();
        double[] m = a.toDoubles();
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                assertThat(h[4 * i + j])
                        .isCloseTo((m[4 * i + j] + m[4 * j + i]) / 2, within(1e-13));
            }
        }
    }

    @Test
    void jacobiansOfMatrixFunctionsHaveResultAxesFirst() {
        Function<Tensor, Tensor> f = x -> x.matmul(x.transpose()).tanh(); // (2, 3) to (2, 2)
        Tensor x = normal(3, 2, 3);
        Tensor forward = jacobianForward(f).apply(x);
        assertThat(forward.shape().dims()).containsExactly(2, 2, 2, 3);
        TreeAssert.assertClose("Jacobian", jacobianReverse(f).apply(x), forward, 1e-13);
    }

    record Net(Tensor w1, Tensor b1, Tensor w2) {}

    private static Net net() {
        return new Net(normal(4, 3, 5), normal(5, 5), normal(6, 5, 2));
    }

    private static Function<Net, Tensor> loss(Tensor x) {
        return m ->
                Functions.logSumExp(x.matmul(m.w1()).plus(m.b1()).tanh().matmul(m.w2()), 1)
                        .square()
                        .mean();
    }

    @Test
    void hessianVectorProductsAgreeBothWaysAndWithDifferences() {
        var f = loss(normal(7, 4, 3));
        var v = Directions.random(net(), 8);
        TreeAssert.assertClose("hvp", hvp(f, net(), v), hvpReverse(f, net(), v), 1e-10);
        GradientCheck.assertGradients(f, net());
        GradientCheck.assertSecondOrder(f, net());
        GradientCheck.assertSecondOrder(jit(f), net());
    }

    /** Convolution, batch norm with fixed statistics, ReLU, pooling, a linear layer. */
    record ConvNet(
            Tensor kernel,
            Tensor scale,
            Tensor shift,
            Statistic mean,
            Statistic variance,
            Tensor dense) {

        static ConvNet random() {
            return new ConvNet(
                    normal(11, 3, 3, 2, 4).times(0.4),
                    normal(12, 4).times(0.2).plus(1),
                    normal(13, 4).times(0.1),
                    new Statistic(normal(14, 4).times(0.1)),
                    new Statistic(normal(15, 4).square().plus(0.5)),
                    normal(16, 16, 3).times(0.3));
        }

        /** Logits (n, 3) of images (n, 4, 4, 2). */
        Tensor apply(Tensor x) {
            Tensor c = Convolutions.conv(x, kernel, Padding.SAME); // (n, 4, 4, 4)
            Tensor n =
                    c.minus(mean.value())
                            .times(Functions.rsqrt(variance.value().plus(1e-5)))
                            .times(scale)
                            .plus(shift);
            Tensor p = Convolutions.maxPool(Functions.relu(n), 2, 2, Padding.VALID); // (n, 2, 2, 4)
            return p.flatten(1).matmul(dense);
        }
    }

    private static Tensor crossEntropy(Tensor logits, Tensor label) {
        Tensor rows = Functions.logSoftmax(logits, -1);
        return Shaping.takeAlong(rows, label.expandDims(-1), -1).mean().negate();
    }

    @Test
    void perExampleGradientsOfAConvolutionalNetAreTheLoops() {
        var net = ConvNet.random();
        Tensor images = normal(21, 5, 4, 4, 2);
        Tensor labels = Tensor.of(new int[] {0, 2, 1, 1, 0});
        BiFunction<Tensor, Tensor, ConvNet> example =
                (x, y) ->
                        grad((ConvNet m) -> crossEntropy(m.apply(x.expandDims(0)), y.expandDims(0)))
                                .apply(net);
        ConvNet together = vmap(example, axis(0), axis(0)).apply(images, labels);
        assertThat(together.kernel().shape().dims()).containsExactly(5, 3, 3, 2, 4);
        for (int i = 0; i < 5; i++) {
            int row = i;
            TreeAssert.assertClose(
                    "example " + i,
                    Tree.map(t -> t.get(row), together),
                    example.apply(images.get(i), labels.get(i)),
                    1e-12);
        }
        var mean = Tree.map(t -> t.mean(0), together);
        var whole = grad((ConvNet m) -> crossEntropy(m.apply(images), labels)).apply(net);
        TreeAssert.assertClose("their mean", mean, whole, 1e-12);
        assertThat(whole.mean().value().toDoubles())
                .containsOnly(0); // statistics are not differentiated
        GradientCheck.assertGradients((ConvNet m) -> crossEntropy(m.apply(images), labels), net);
    }

    record Rnn(Tensor recurrent, Tensor input, Tensor read) {}

    private static Tensor sequenceLoss(Rnn m, Tensor xs, Tensor target) {
        Carried<Tensor, Tensor> r =
                Loops.scan(
                        (Tensor h, Tensor x) -> {
                            Tensor next = h.matmul(m.recurrent()).plus(x.matmul(m.input())).tanh();
                            return new Carried<>(next, next.matmul(m.read()));
                        },
                        Tensor.full(DType.FLOAT64, 0, 4),
                        xs);
        return r.outputs().minus(target).square().mean();
    }

    @Test
    void perExampleGradientsThroughALoopAreTheLoops() {
        var m = new Rnn(normal(31, 4, 4).times(0.4), normal(32, 2, 4), normal(33, 4));
        Tensor xs = normal(34, 3, 6, 2);
        Tensor targets = normal(35, 3, 6);
        BiFunction<Tensor, Tensor, Rnn> example =
                (x, y) -> grad((Rnn p) -> sequenceLoss(p, x, y)).apply(m);
        var together = vmap(example, axis(0), axis(0)).apply(xs, targets);
        var compiled = jit(vmap(example, axis(0), axis(0))).apply(xs, targets);
        for (int i = 0; i < 3; i++) {
            int row = i;
            var alone = example.apply(xs.get(i), targets.get(i));
            TreeAssert.assertClose("example", Tree.map(t -> t.get(row), together), alone, 1e-12);
            TreeAssert.assertClose("jit", Tree.map(t -> t.get(row), compiled), alone, 1e-12);
        }
        GradientCheck.assertGradients((Rnn p) -> sequenceLoss(p, xs.get(0), targets.get(0)), m);
        GradientCheck.assertSecondOrder((Rnn p) -> sequenceLoss(p, xs.get(0), targets.get(0)), m);
        Function<Rnn, Tensor> batchLoss =
                p ->
                        vmap((Tensor x, Tensor y) -> sequenceLoss(p, x, y), axis(0), axis(0))
                                .apply(xs, targets)
                                .mean();
        TreeAssert.assertClose(
                "grad of vmap",
                grad(batchLoss).apply(m),
                Tree.map(t -> t.mean(0), together),
                1e-12);
        var parameters =
                vmap((Rnn p, Tensor x) -> sequenceLoss(p, x, targets.get(0)), axis(0), shared())
                        .apply(Tree.map(t -> t.expandDims(0), m), xs.get(0));
        assertThat(parameters.toDoubles()[0])
                .isCloseTo(sequenceLoss(m, xs.get(0), targets.get(0)).item(), within(1e-13));
    }
}
