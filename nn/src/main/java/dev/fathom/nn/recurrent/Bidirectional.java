package dev.fathom.nn.recurrent;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * Two recurrent layers that read in opposite directions, their outputs side by side: x (n, time,
 * features) to (n, time, forward + backward) or, for {@link Recurrent#last}, (n, forward +
 * backward). M. Schuster and K. Paliwal, "Bidirectional recurrent neural networks", IEEE
 * Transactions on Signal Processing 45, 1997.
 *
 * @param forward reads from the beginning
 * @param backward reads from the end
 */
public record Bidirectional<S>(Recurrent<S> forward, Recurrent<S> backward) implements Layer {

    /** Checks the directions. */
    public Bidirectional {
        if (forward.reversed()
                || !backward.reversed()
                || forward.sequences() != backward.sequences()) {
            throw new LayerException(
                    "Bidirectional: needs a layer and a reversed one, both with all outputs or"
                            + " both with the last; use Bidirectional.of(a, b)");
        }
    }

    /** Both given as layers that read forward. */
    public static <S> Bidirectional<S> of(Recurrent<S> forward, Recurrent<S> backward) {
        return new Bidirectional<>(forward, backward.reverse());
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () ->
                        Shaping.concatenate(
                                -1,
                                pass.child("forward", forward, x),
                                pass.child("backward", backward, x)));
    }

    /** On sequences of different lengths, int32 (n), each in 0 .. time. */
    public Tensor apply(Tensor x, Tensor lengths, Pass pass) {
        return Shaping.concatenate(
                -1, forward.apply(x, lengths, pass), backward.apply(x, lengths, pass));
    }
}
