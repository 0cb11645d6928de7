package dev.fathom.cpu.reference;

import dev.fathom.core.op.Window;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import java.util.Arrays;
import java.util.List;

/**
 * Pooling. Every operation here is a walk over the pairs (window, element of the image inside it).
 */
final class ReferenceWindow {
    private ReferenceWindow() {}

    static Values run(Window op, List<Values> operands, TensorType to) {
        var a = operands.getFirst();
        double[] v = operands.getLast().reals();
        var y = new double[to.shape().length()];
        switch (op) {
            case Window.SumPool s ->
                    meet(
                            s.frame(),
                            a.shape(),
                            to.shape(),
                            (element, window) -> y[window] += v[element]);
            case Window.Spread s ->
                    meet(
                            s.frame(),
                            to.shape(),
                            a.shape(),
                            (element, window) -> y[element] += v[window]);
            case Window.MaxPool m -> {
                int[] best = firstMaxima(m.frame(), a.shape(), a.reals(), to.shape());
                for (int window = 0; window < y.length; window++) {
                    y[window] = best[window] < 0 ? Double.NEGATIVE_INFINITY : v[best[window]];
                }
            }
            case Window.Pick p -> {
                int[] best =
                        firstMaxima(p.frame(), a.shape(), times(a, operands.get(1)), to.shape());
                for (int window = 0; window < y.length; window++) {
                    y[window] = best[window] < 0 ? 0 : v[best[window]];
                }
            }
            case Window.Unpick u -> {
                int[] best =
                        firstMaxima(
                                u.frame(),
                                a.shape(),
                                times(a, operands.get(1)),
                                operands.get(2).shape());
                for (int window = 0; window < best.length; window++) {
                    if (best[window] >= 0) {
                        y[best[window]] += v[window];
                    }
                }
            }
        }
        return Values.ofReals(to, y);
    }

    /**
     * For each window the index of its first largest element, row-major in the window, a NaN
     * counting as the largest; −1 for a window without elements, which only an empty image has.
     */
    private static int[] firstMaxima(Window.Frame frame, Shape image, double[] x, Shape windows) {
        var best = new int[windows.length()];
        Arrays.fill(best, -1);
        meet(
                frame,
                image,
                windows,
                (element, window) -> {
                    if (best[window] < 0
                            || ReferenceReduction.beats(x[element], x[best[window]], true)) {
                        best[window] = element;
                    }
                });
        return best;
    }

    /** The elements of an image, each times the factor of its channel. */
    private static double[] times(Values image, Values factors) {
        double[] k = factors.reals();
        double[] x = image.reals();
        var y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i] * k[i % k.length];
        }
        return Values.ofReals(image.type(), y).reals(); // rounded as kernels round
    }

    /** What is done for an element inside a window. */
    @FunctionalInterface
    private interface Meeting {
        void of(int element, int window);
    }

    /**
     * Window o covers the elements o·stride − low + k, k < size, of the image; padding is skipped.
     */
    private static void meet(Window.Frame frame, Shape image, Shape windows, Meeting meeting) {
        int[] dims = image.dims();
        int[] steps = image.strides();
        Positions.each(
                windows,
                (window, o) ->
                        Positions.each(
                                Shape.of(frame.size().toArray()),
                                (_, k) -> {
                                    int at = o[0] * steps[0] + o[o.length - 1];
                                    for (int i = 0; i < k.length; i++) {
                                        int place =
                                                o[i + 1] * frame.stride().get(i)
                                                        - frame.low().get(i)
                                                        + k[i];
                                        if (place < 0 || place >= dims[i + 1]) {
                                            return;
                                        }
                                        at += place * steps[i + 1];
                                    }
                                    meeting.of(at, window);
                                }));
    }
}
