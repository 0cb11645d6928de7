package dev.fathom.cpu.reference;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/** Sums of products: matrix products, convolutions and the transposes of convolutions. */
final class ReferenceContraction {
    private ReferenceContraction() {}

    static Values run(Contraction op, List<Values> operands, TensorType to) {
        var a = operands.get(0);
        var b = operands.get(1);
        return switch (op) {
            case Contraction.Dot d -> dot(d, a, b, to);
            case Contraction.Conv c -> {
                Meetings all = f -> meet(c.geometry(), a.shape(), b.shape(), to.shape(), f);
                yield sum(all, (x, w, y) -> x, (x, w, y) -> w, (x, w, y) -> y, a, b, to);
            }
            case Contraction.ConvInput c -> {
                Meetings all = f -> meet(c.geometry(), to.shape(), b.shape(), a.shape(), f);
                yield sum(all, (x, w, y) -> y, (x, w, y) -> w, (x, w, y) -> x, a, b, to);
            }
            case Contraction.ConvKernel c -> {
                Meetings all = f -> meet(c.geometry(), a.shape(), to.shape(), b.shape(), f);
                yield sum(all, (x, w, y) -> x, (x, w, y) -> y, (x, w, y) -> w, a, b, to);
            }
            case Contraction.ConvKernels c -> {
                var kernel = to.shape().range(1, to.shape().rank());
                Meetings all = f -> meet(c.geometry(), a.shape(), kernel, b.shape(), f);
                int image = a.shape().length() / c.samples();
                Which place = (x, w, y) -> x / image * kernel.length() + w;
                yield sum(all, (x, w, y) -> x, (x, w, y) -> y, place, a, b, to);
            }
        };
    }

    private static Values dot(Contraction.Dot op, Values a, Values b, TensorType to) {
        int[] leftBatch = Positions.steps(a.shape(), op.leftBatch());
        int[] leftFree = Positions.steps(a.shape(), op.leftFree(a.shape().rank()));
        int[] leftSum = Positions.steps(a.shape(), op.leftContract());
        int[] rightBatch = Positions.steps(b.shape(), op.rightBatch());
        int[] rightFree = Positions.steps(b.shape(), op.rightFree(b.shape().rank()));
        int[] rightSum = Positions.steps(b.shape(), op.rightContract());
        double[] x = a.reals();
        double[] w = b.reals();
        long[] wholeX = a.wholes();
        long[] wholeW = b.wholes();
        var reals = new double[to.shape().length()];
        var wholes = new long[reals.length];
        int at = 0;
        for (int n = 0; n < leftBatch.length; n++) {
            for (int left : leftFree) {
                for (int right : rightFree) {
                    int p = leftBatch[n] + left;
                    int q = rightBatch[n] + right;
                    for (int k = 0; k < leftSum.length; k++) {
                        if (a.isReal()) {
                            reals[at] += x[p + leftSum[k]] * w[q + rightSum[k]];
                        } else {
                            wholes[at] += wholeX[p + leftSum[k]] * wholeW[q + rightSum[k]];
                        }
                    }
                    at++;
                }
            }
        }
        return a.isReal() ? Values.ofReals(to, reals) : Values.ofWholes(to, wholes);
    }

    /**
     * What is done where an element of the image x meets one of the kernel w for one of the result
     * y.
     */
    @FunctionalInterface
    private interface Meeting {
        void of(int x, int w, int y);
    }

    /** All meetings of one convolution. */
    @FunctionalInterface
    private interface Meetings {
        void each(Meeting f);
    }

    /** One of the three indices of a meeting. */
    @FunctionalInterface
    private interface Which {
        int of(int x, int w, int y);
    }

    /**
     * A convolution y = x ∗ w is the sum of x·w over all meetings, added to y. It is linear in
     * both, so its transposes are the same sum with the roles exchanged.
     */
    private static Values sum(
            Meetings all,
            Which left,
            Which right,
            Which target,
            Values a,
            Values b,
            TensorType to) {
        if (a.isReal()) {
            double[] p = a.reals();
            double[] q = b.reals();
            var sum = new double[to.shape().length()];
            all.each((x, w, y) ->
                    sum[target.of(x, w, y)] += p[left.of(x, w, y)] * q[right.of(x, w, y)]);
            return Values.ofReals(to, sum);
        }
        long[] p = a.wholes();
        long[] q = b.wholes();
        var sum = new long[to.shape().length()];
        all.each(
                (x, w, y) -> sum[target.of(x, w, y)] += p[left.of(x, w, y)] * q[right.of(x, w, y)]);
        return Values.ofWholes(to, sum);
    }

    /**
     * Visits all terms of y[n, o, f] = Σ x[n, o·stride − low + k·dilation, c]·w[k, c, f]: for each
     * place (n, o) of the result each kernel place k that falls inside the image, and for each
     * group its channels c and filters f.
     */
    private static void meet(Contraction.Geometry g, Shape x, Shape w, Shape y, Meeting meeting) {
        int rank = g.rank();
        int channels = w.dim(rank); // of one group
        int allFilters = w.dim(rank + 1);
        int filters = allFilters / g.groups(); // of one group
        int[] image = x.dims();
        int[] steps = x.strides();
        Positions.each(
                y.range(0, rank + 1),
                (place, o) ->
                        Positions.each(
                                w.range(0, rank),
                                (tap, k) -> {
                                    int pixel = o[0] * steps[0];
                                    for (int i = 0; i < rank; i++) {
                                        int at =
                                                o[i + 1] * g.stride().get(i)
                                                        - g.low().get(i)
                                                        + k[i] * g.dilation().get(i);
                                        if (at < 0 || at >= image[i + 1]) {
                                            return;
                                        }
                                        pixel += at * steps[i + 1];
                                    }
                                    for (int group = 0; group < g.groups(); group++) {
                                        for (int c = 0; c < channels; c++) {
                                            for (int f = 0; f < filters; f++) {
                                                int filter = group * filters + f;
                                                meeting.of(
                                                        pixel + group * channels + c,
                                                        (tap * channels + c) * allFilters + filter,
                                                        place * allFilters + filter);
                                            }
                                        }
                                    }
                                }));
    }
}
