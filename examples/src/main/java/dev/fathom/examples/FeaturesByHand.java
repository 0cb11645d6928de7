package dev.fathom.examples;

import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;

import java.util.Optional;

/**
 * Template matching, pooling and nonlinear lifting are all affine maps with max(x, 0) behind them:
 * three classical ways to make features, written with the layers that networks learn, weights set
 * by hand and results exact.
 *
 * <p>Run: {@code ./fathom example FeaturesByHand}. Prints where a cross lies in an image, the
 * maximum of each 2×2 cell, squares of whole numbers, and exclusive or.
 */
public final class FeaturesByHand {
    private FeaturesByHand() {}

    /**
     * Template matching. On images of −1 and 1 the product with a template of m pixels is m less
     * two for each pixel that differs, so max(0, ⟨template, x⟩ − m + 1) is 1 where the template
     * lies and 0 elsewhere.
     *
     * @param template (h, w) of −1 and 1
     */
    static Layer match(Tensor template) {
        Tensor w = template.reshape(template.dim(0), template.dim(1), 1, 1);
        Tensor b = Tensor.of(new double[] {1.0 - template.size()}).cast(template.dtype());
        return Sequential.of(convolution(w, b, 1), Activation.RELU);
    }

    /** Average pooling of one channel: a convolution with ¼ everywhere and steps of 2. */
    static Layer averagePool() {
        Tensor quarter = Tensor.of(new double[] {0.25, 0.25, 0.25, 0.25}, 2, 2, 1, 1);
        return convolution(quarter, Tensor.of(new double[] {0}), 2);
    }

    /**
     * Max pooling of one channel: max(a, b) = max(a − b, 0) + max(b, 0) − max(−b, 0), for the upper
     * and the lower pair of each cell, and then for those two.
     */
    static Layer maxPool() {
        // of a cell (a, b; c, d): a − b, b, −b, c − d, d, −d
        double[] pairs = {
            1, 0, 0, 0, 0, 0, // a
            -1, 1, -1, 0, 0, 0, // b
            0, 0, 0, 1, 0, 0, // c
            0, 0, 0, -1, 1, -1 // d
        };
        // the two maxima p and q from those, as p − q, q, −q
        double[] both = {
            1, 0, 0, //
            1, 0, 0, //
            -1, 0, 0, //
            -1, 1, -1, //
            -1, 1, -1, //
            1, -1, 1
        };
        double[] join = {1, 1, -1};
        return Sequential.of(
                convolution(Tensor.of(pairs, 2, 2, 1, 6), Tensor.of(new double[6]), 2),
                Activation.RELU,
                convolution(Tensor.of(both, 1, 1, 6, 3), Tensor.of(new double[3]), 1),
                Activation.RELU,
                convolution(Tensor.of(join, 1, 1, 3, 1), Tensor.of(new double[1]), 1));
    }

    /**
     * Nonlinear lifting of one number: the square of whole numbers from −n to n, which a line
     * cannot give. |x| = max(x, 0) + max(−x, 0), and |x| + 2 Σ max(|x| − k, 0) over k = 1 .. n − 1
     * is 1 + 3 + 5 + .. = x².
     */
    static Layer square(int n) {
        var ones = new double[n];
        var knots = new double[n];
        var weights = new double[n];
        for (int k = 0; k < n; k++) {
            ones[k] = 1;
            knots[k] = -k;
            weights[k] = k == 0 ? 1 : 2;
        }
        Tensor lift = Tensor.of(ones, 1, n);
        return Sequential.of(
                new Dense(Tensor.of(new double[] {1, -1}, 1, 2), Optional.empty()),
                Activation.RELU,
                new Dense(
                        Tensor.of(new double[] {1, 1}, 2, 1).matmul(lift),
                        Optional.of(Tensor.of(knots))),
                Activation.RELU,
                new Dense(Tensor.of(weights, n, 1), Optional.empty()));
    }

    /** Nonlinear lifting of two: a xor b = max(a + b, 0) − 2 max(a + b − 1, 0) for 0 and 1. */
    static Layer xor() {
        return Sequential.of(
                new Dense(
                        Tensor.of(new double[] {1, 1, 1, 1}, 2, 2),
                        Optional.of(Tensor.of(new double[] {0, -1}))),
                Activation.RELU,
                new Dense(Tensor.of(new double[] {1, -2}, 2, 1), Optional.empty()));
    }

    private static Conv2d convolution(Tensor w, Tensor b, int stride) {
        return new Conv2d(w, Optional.of(b), stride, Padding.VALID, 1, 1);
    }

    /** Prints one of each. */
    public static void main(String[] arguments) {
        Tensor cross = Tensor.of(new double[] {-1, 1, -1, 1, 1, 1, -1, 1, -1}, 3, 3);
        Tensor image = Tensor.full(cross.dtype(), -1, 6, 8);
        Tensor start = Tensor.of(new int[] {2, 4});
        Tensor marked = Shaping.dynamicUpdate(image, cross, start).reshape(1, 6, 8, 1);
        Tensor found = match(cross).apply(marked, Pass.eval());
        System.out.println("cross at row 2, column 4: " + found.reshape(4, 6));
        System.out.println("2×2 maxima: " + maxPool().apply(marked, Pass.eval()).reshape(3, 4));
        Tensor numbers = Tensor.of(new double[] {-3, -2, -1, 0, 1, 2, 3}, 7, 1);
        System.out.println("squares: " + square(3).apply(numbers, Pass.eval()).reshape(7));
        Tensor bits = Tensor.of(new double[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
        System.out.println("xor: " + xor().apply(bits, Pass.eval()).reshape(4));
    }
}
