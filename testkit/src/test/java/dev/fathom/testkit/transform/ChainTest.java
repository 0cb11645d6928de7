package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.jacobianForward;
import static dev.fathom.core.transform.Transforms.jacobianReverse;
import static dev.fathom.core.transform.Transforms.valueAndGrad;
import static dev.fathom.core.transform.Transforms.vjp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.testkit.check.Directions;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Chains of layers h ← tanh(W h + b): the derivative, against the chain rule in plain Java, and its
 * price.
 */
class ChainTest {

    record Layer(Tensor weight, Tensor bias) {}

    private static List<Layer> layers(int depth, int width, long seed) {
        var r = new SplittableRandom(seed);
        var layers = new ArrayList<Layer>();
        for (int l = 0; l < depth; l++) {
            layers.add(
                    new Layer(
                            Tensor.of(
                                    r.doubles((long) width * width)
                                            .map(v -> (2 * v - 1) / Math.sqrt(width))
                                            .toArray(),
                                    width,
                                    width),
                            Tensor.of(r.doubles(width).map(v -> v - 0.5).toArray())));
        }
        return layers;
    }

    private static Tensor run(List<Layer> layers, Tensor x) {
        Tensor h = x;
        for (var l : layers) {
            h = l.weight().matmul(h).plus(l.bias()).tanh();
        }
        return h;
    }

    private static Tensor vector(int n, long seed) {
        return Tensor.of(new SplittableRandom(seed).doubles(n).map(v -> 2 * v - 1).toArray());
    }

    /** J = D_L W_L ⋯ D_1 W_1 with D_l = diag(1 − h_l²), multiplied out with loops over doubles. */
    private static double[][] jacobian(List<Layer> layers, double[] x) {
        int n = x.length;
        var j = new double[n][n];
        for (int i = 0; i < n; i++) {
            j[i][i] = 1;
        }
        double[] h = x;
        for (var layer : layers) {
            double[] w = layer.weight().toDoubles();
            double[] b = layer.bias().toDoubles();
            var next = new double[n];
            var product = new double[n][n];
            for (int i = 0; i < n; i++) {
                double sum = b[i];
                for (int k = 0; k < n; k++) {
                    sum += w[i * n + k] * h[k];
                }
                next[i] = Math.tanh(sum);
                for (int c = 0; c < n; c++) {
                    double p = 0;
                    for (int k = 0; k < n; k++) {
                        p += w[i * n + k] * j[k][c];
                    }
                    product[i][c] = (1 - next[i] * next[i]) * p;
                }
            }
            h = next;
            j = product;
        }
        return j;
    }

    @ParameterizedTest
    @CsvSource({"1, 4", "2, 3", "7, 5", "30, 6"})
    void gradientOfAChainIsTheProductOfItsJacobians(int depth, int width) {
        var layers = layers(depth, width, depth);
        var x = vector(width, 3);
        double[][] expected = jacobian(layers, x.toDoubles());
        double size = 0;
        for (var row : expected) {
            for (double v : row) {
                size = Math.max(size, Math.abs(v));
            }
        }
        Function<Tensor, Tensor> f = v -> run(layers, v);
        double[] forward = jacobianForward(f).apply(x).toDoubles();
        double[] reverse = jacobianReverse(f).apply(x).toDoubles();
        double[] w = vector(width, 4).toDoubles();
        double[] pulled = vjp(f, x).pullback().apply(Tensor.of(w)).toDoubles();
        for (int c = 0; c < width; c++) {
            double sum = 0;
            for (int i = 0; i < width; i++) {
                assertThat(forward[i * width + c]).isCloseTo(expected[i][c], within(1e-12 * size));
                assertThat(reverse[i * width + c]).isCloseTo(expected[i][c], within(1e-12 * size));
                sum += w[i] * expected[i][c];
            }
            assertThat(pulled[c]).isCloseTo(sum, within(1e-12 * size * width));
        }
    }

    private static Function<List<Layer>, Tensor> loss(Tensor x) {
        return m -> run(m, x).square().sum();
    }

    private static double ratio(Function<List<Layer>, Tensor> f, List<Layer> layers) {
        long forward = Cost.of(() -> f.apply(layers));
        long both = Cost.of(() -> valueAndGrad(f).apply(layers));
        return (double) (both - forward) / forward;
    }

    @Test
    void backwardCostsAtMostFourForwardsAtAnyDepthAndWidth() {
        for (int width : new int[] {1, 2, 8, 32}) {
            var ratios = new ArrayList<Double>();
            for (int depth : new int[] {1, 4, 16, 64}) {
                ratios.add(ratio(loss(vector(width, 1)), layers(depth, width, 1)));
            }
            assertThat(ratios).allMatch(r -> r > 0.5 && r <= 4);
            // flat in depth: 16 times as many layers cost 16 times as much in both directions
            assertThat(ratios.get(3)).isCloseTo(ratios.get(2), within(0.1));
        }
    }

    @Test
    void wideLayersCostTwoForwardsBackwards() {
        // per layer 2n² forward; Wᵀ ct and ct hᵀ make 4n² backward; all else is of order n
        assertThat(ratio(loss(vector(256, 1)), layers(3, 256, 1))).isBetween(1.4, 2.0);
    }

    /** One layer applied again and again. */
    private static Function<Layer, Tensor> recurrent(int steps, Tensor x) {
        return l -> {
            Carried<Tensor, Tensor> r =
                    Loops.scan(
                            (Tensor h, Tensor in) -> {
                                Tensor next = l.weight().matmul(h).plus(l.bias()).plus(in).tanh();
                                return new Carried<>(next, next);
                            },
                            x,
                            Tensor.full(x.dtype(), 0.1, steps, x.dim(0)));
            return r.outputs().square().sum();
        };
    }

    @Test
    void backwardThroughALoopCostsAtMostFourForwardsAtAnyLength() {
        var layer = layers(1, 8, 5).getFirst();
        var ratios = new ArrayList<Double>();
        for (int steps : new int[] {1, 10, 100}) {
            var f = recurrent(steps, vector(8, 1));
            long forward = Cost.of(() -> f.apply(layer));
            long both = Cost.of(() -> valueAndGrad(f).apply(layer));
            ratios.add((double) (both - forward) / forward);
        }
        assertThat(ratios).allMatch(r -> r > 0.5 && r <= 4);
        assertThat(ratios.get(2)).isCloseTo(ratios.get(1), within(0.2));
    }

    @Test
    void gradientThroughALoopIsThatOfTheUnrolledLoop() {
        var layer = layers(1, 5, 6).getFirst();
        var x = vector(5, 2);
        Function<Layer, Tensor> unrolled =
                l -> {
                    Tensor h = x;
                    Tensor total = Tensor.scalar(0.0);
                    for (int i = 0; i < 12; i++) {
                        h = l.weight().matmul(h).plus(l.bias()).plus(Tensor.scalar(0.1)).tanh();
                        total = total.plus(h.square().sum());
                    }
                    return total;
                };
        TreeAssert.assertClose(
                "gradient",
                grad(recurrent(12, x)).apply(layer),
                grad(unrolled).apply(layer),
                1e-13);
        var v = Directions.random(layer, 3);
        TreeAssert.assertClose(
                "curvature", hvp(recurrent(12, x), layer, v), hvp(unrolled, layer, v), 1e-12);
    }
}
