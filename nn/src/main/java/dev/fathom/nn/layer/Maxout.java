package dev.fathom.nn.layer;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;

/**
 * The largest of k affine functions, for each of the outputs: y_i = max_j (x W_ij + b_ij), a convex
 * function that is learned. I. Goodfellow, D. Warde-Farley, M. Mirza, A. Courville, Y. Bengio,
 * "Maxout networks", ICML 2013, section 3. Ties share the derivative equally.
 *
 * <p>Shapes: x (.., in), y (.., out).
 *
 * @param affine from in to out·k features; those of output i are i·k to i·k + k − 1
 * @param pieces k
 */
public record Maxout(Dense affine, int pieces) implements Layer {

    /** Checks the number of pieces. */
    public Maxout {
        Checks.positive("Maxout", "pieces", pieces);
    }

    /** {@code in} features to {@code out}, each the largest of {@code pieces}. */
    public static Maxout of(int in, int out, int pieces, Key key) {
        return new Maxout(Dense.of(in, out * pieces, key), pieces);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Tensor z = pass.child("affine", affine, x); // (.., out·k)
                    int features = z.dim(-1);
                    if (features % pieces != 0) {
                        throw new LayerException(
                                "Maxout: "
                                        + features
                                        + " features do not fall into groups of "
                                        + pieces
                                        + " pieces");
                    }
                    var apart = z.shape().with(z.rank() - 1, features / pieces);
                    return z.reshape(apart.insert(z.rank(), pieces).dims()).max(-1); // (.., out)
                });
    }
}
