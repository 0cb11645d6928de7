package dev.fathom.nn.conv;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Makes every spatial axis {@code factor} times as long, channel by channel: (n, height, width, c)
 * to (n, height·f, width·f, c), and the same for one or three spatial axes.
 *
 * @param factor f, how many times as long
 * @param mode where the new elements come from
 */
public record Upsample(int factor, Mode mode) implements Layer {

    /** Where new elements come from. */
    public enum Mode {
        /** Every element is repeated. */
        NEAREST,
        /**
         * Linear between neighbours along each axis (bilinear on images), pixels being areas: new
         * element i lies at (i + ½)/f − ½ of the old ones, held inside their range. An image keeps
         * its place; the corners of the images, not those of the pixels' centres, coincide. The
         * choice of OpenCV, and {@code align_corners=False} elsewhere.
         */
        LINEAR,
        /**
         * Linear between neighbours, pixels being points: new element i lies at i·(h − 1)/(h·f − 1)
         * of the old ones, so that first and last elements stay ({@code align_corners=True}). The
         * spacing depends on the size of the image.
         */
        LINEAR_ALIGNED
    }

    /** Checks the factor. */
    public Upsample {
        Checks.positive("Upsample", "factor", factor);
    }

    /** Every element repeated {@code factor} times along every axis. */
    public static Upsample nearest(int factor) {
        return new Upsample(factor, Mode.NEAREST);
    }

    /** Linear interpolation ({@link Mode#LINEAR}); on images bilinear. */
    public static Upsample linear(int factor) {
        return new Upsample(factor, Mode.LINEAR);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.image("Upsample", x);
                    Tensor y = x;
                    for (int axis = 1; axis < x.rank() - 1; axis++) {
                        double last = x.dim(axis) - 1.0;
                        double end = (double) x.dim(axis) * factor - 1;
                        y =
                                switch (mode) {
                                    case NEAREST -> repeat(y, axis);
                                    case LINEAR -> between(y, axis, i -> (i + 0.5) / factor - 0.5);
                                    case LINEAR_ALIGNED ->
                                            between(y, axis, i -> end == 0 ? 0 : i * last / end);
                                };
                    }
                    return y; // (n, spatial·f.., c)
                });
    }

    private Tensor repeat(Tensor x, int axis) {
        Tensor apart = x.expandDims(axis + 1);
        Tensor many = apart.broadcastTo(apart.shape().with(axis + 1, factor).dims());
        return many.reshape(x.shape().with(axis, x.dim(axis) * factor).dims());
    }

    /** {@code source} gives the place among the old elements for each new one. */
    private Tensor between(Tensor x, int axis, DoubleUnaryOperator source) {
        int last = x.dim(axis) - 1;
        int n = x.dim(axis) * factor;
        var below = new int[n];
        var above = new int[n];
        var share = new double[n];
        for (int i = 0; i < n; i++) {
            double at = Math.clamp(source.applyAsDouble(i), 0, last);
            below[i] = (int) at;
            above[i] = Math.min(below[i] + 1, last);
            share[i] = at - below[i];
        }
        var column = new int[x.rank() - axis]; // along the axis, the same for all after it
        Arrays.fill(column, 1);
        column[0] = n;
        Tensor t = Tensor.of(share, column).cast(x.dtype());
        Tensor a = Shaping.take(x, Tensor.of(below), axis);
        Tensor b = Shaping.take(x, Tensor.of(above), axis);
        return a.plus(b.minus(a).times(t));
    }
}
