package dev.fathom.nn.norm;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Affine;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;

import java.util.ArrayList;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * First values that let residual networks of any depth train without normalisation: of the m
 * weights of each of L residual branches, drawn by He's law, the last is zero and the others are
 * times
 *
 * <pre>L^(−1/(2m−2))</pre>
 *
 * <p>so that one step of gradient descent changes the output of the network by an amount that does
 * not grow with L. A trained scalar is added before every layer and every nonlinearity, and one
 * multiplies each branch. The layer to the logits is zero as well. H. Zhang, Y. Dauphin, T. Ma,
 * "Fixup initialization: residual learning without normalization", ICLR 2019, section 3 ("Fixup
 * initialization", steps 1 to 3).
 */
public final class Fixup {
    private Fixup() {}

    /**
     * One trained scalar for a whole layer: y = x + b.
     *
     * @param offset b, ()
     */
    public record Shift(Tensor offset) implements Layer {
        /** With b = 0, float32. */
        public static Shift of() {
            return new Shift(Tensor.scalar(0f));
        }

        @Override
        public Tensor apply(Tensor x, Pass pass) {
            return pass.in(this, () -> x.plus(offset));
        }
    }

    /**
     * One trained scalar for a whole layer: y = s x.
     *
     * @param factor s, ()
     */
    public record Scale(Tensor factor) implements Layer {
        /** With s = 1, float32. */
        public static Scale of() {
            return new Scale(Tensor.scalar(1f));
        }

        @Override
        public Tensor apply(Tensor x, Pass pass) {
            return pass.in(this, () -> x.times(factor));
        }
    }

    /**
     * A residual branch of affine layers and nonlinearities, with the weights and the scalars of
     * above; biases of the layers go. Put it into a {@link dev.fathom.nn.layer.Residual}.
     *
     * @param branches L, the number of residual branches of the whole network
     * @param layers of the branch, the weights by {@link dev.fathom.nn.init.Initializer#heNormal},
     *     the default
     */
    public static Sequential branch(int branches, Layer... layers) {
        if (branches < 1) {
            throw new LayerException(
                    "Fixup: " + branches + " branches in the network; there is at least this one");
        }
        long m = Stream.of(layers).filter(Affine.class::isInstance).count();
        if (m == 0) {
            throw new LayerException(
                    "Fixup: the branch has no dense layer and no convolution to initialise");
        }
        double scale = m == 1 ? 1 : Math.pow(branches, -1.0 / (2 * m - 2));
        var all = new ArrayList<Layer>();
        int seen = 0;
        for (var layer : layers) {
            all.add(Shift.of());
            if (layer instanceof Affine affine) {
                seen++;
                Tensor w = affine.weight().times(seen == m ? 0 : scale);
                all.add(affine.with(w, Optional.empty()));
            } else {
                all.add(layer);
            }
        }
        all.add(Scale.of());
        all.add(Shift.of());
        return new Sequential(all);
    }
}
