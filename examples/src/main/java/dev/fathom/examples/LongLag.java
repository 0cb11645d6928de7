package dev.fathom.examples;

import static dev.fathom.core.transform.Transforms.grad;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.recurrent.Cell;
import dev.fathom.nn.recurrent.Elman;
import dev.fathom.nn.recurrent.Gru;
import dev.fathom.nn.recurrent.Lstm;
import dev.fathom.nn.recurrent.Recurrent;

import java.util.Locale;

/**
 * How much of a gradient is left after a hundred steps of a recurrent network: the length of the
 * gradient of the last output with respect to the first input, beside that with respect to the last
 * input. In the plain cell every step multiplies it by a matrix and by tanh′ < 1, and it is gone;
 * the gated cells add to a memory that is kept, and it is not.
 *
 * <p>Run: {@code ./fathom example LongLag}; a second.
 */
public final class LongLag {
    private static final int WIDTH = 32;
    private static final int BATCH = 16;

    private LongLag() {}

    /** ‖∂y/∂x at the first step‖ over ‖∂y/∂x at the last‖, after {@code lag} steps in between. */
    static <S> double share(Cell<S> cell, int lag) {
        var layer = Recurrent.of(cell).last();
        Tensor x = Key.of(5).normal(BATCH, lag + 1, cell.features()); // (n, time, in)
        Tensor slope =
                grad((Tensor in) -> layer.apply(in, Pass.eval()).square().sum().times(0.5))
                        .apply(x);
        return length(slope.slice(1, 0, 1)) / length(slope.slice(1, lag, lag + 1));
    }

    private static double length(Tensor t) {
        return t.square().sum().sqrt().item();
    }

    /** A GRU whose update gate starts out keeping (z near 1), as an LSTM's forget gate does. */
    static Gru keeping(Gru gru, double bias) {
        Tensor rest = Tensor.zeros(gru.width());
        Tensor biases = Shaping.concatenate(0, rest, rest.plus(bias), rest);
        return new Gru(gru.weight(), gru.recurrent(), biases, gru.resetBias());
    }

    /** Prints the shares at several lags. */
    public static void main(String[] arguments) {
        var key = Key.of(1);
        System.out.println("   lag       plain        LSTM         GRU");
        for (int lag : new int[] {1, 10, 30, 100}) {
            System.out.printf(
                    Locale.ROOT,
                    "%6d  %10.1e  %10.1e  %10.1e%n",
                    lag,
                    share(Elman.of(4, WIDTH, key), lag),
                    share(Lstm.of(4, WIDTH, 4, key), lag),
                    share(keeping(Gru.of(4, WIDTH, key), 4), lag));
        }
    }
}
