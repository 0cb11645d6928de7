package dev.fathom.nn.layer;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;

import java.util.stream.IntStream;

/**
 * Channels weighed by what is in all places together: s = σ(W₂ relu(W₁ mean(x))), y = s x. J. Hu,
 * L. Shen, G. Sun, "Squeeze-and-excitation networks", CVPR 2018, equations 2 to 4.
 *
 * <p>Shapes: x and y (n, .., channels), the mean (n, channels).
 *
 * @param squeeze W₁, channels to channels/r
 * @param excite W₂, channels/r to channels
 */
public record SqueezeExcite(Dense squeeze, Dense excite) implements Layer {

    /** With the paper's r = 16, and at least one unit in the middle. */
    public static SqueezeExcite of(int channels, Key key) {
        return of(channels, Math.max(1, channels / 16), key);
    }

    /** With {@code middle} units between. */
    public static SqueezeExcite of(int channels, int middle, Key key) {
        Checks.positive("SqueezeExcite", "channels", channels);
        Checks.positive("SqueezeExcite", "middle", middle);
        var keys = key.split(2);
        return new SqueezeExcite(
                Dense.of(channels, middle, keys[0]),
                Dense.of(middle, channels, Initializer.glorotUniform(), keys[1]));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    if (x.rank() < 3) {
                        throw new ShapeException(
                                "SqueezeExcite: input "
                                        + x.shape()
                                        + " has no places to take the mean over; it takes (n, ..,"
                                        + " channels)");
                    }
                    var places = IntStream.range(1, x.rank() - 1).toArray();
                    Tensor mean = x.mean(places); // (n, channels)
                    Tensor h = Functions.relu(pass.child("squeeze", squeeze, mean));
                    Tensor s = Functions.sigmoid(pass.child("excite", excite, h));
                    for (int i = 0; i < places.length; i++) {
                        s = s.expandDims(1);
                    }
                    return x.times(s);
                });
    }
}
