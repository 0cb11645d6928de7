package dev.fathom.cpu.reference;

import dev.fathom.core.op.Ordering;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Sorting by the order of the numbers: −0 equals 0, equal elements keep their order, NaN goes last.
 */
final class ReferenceOrdering {
    private ReferenceOrdering() {}

    static Values run(Ordering op, Values x, TensorType to) {
        return switch (op) {
            case Ordering.Sort _ -> {
                var y = Values.zeros(to);
                eachRow(op, x, false, (at, from, _) -> y.put(at, x, from));
                yield y;
            }
            case Ordering.ArgSort a -> {
                var y = new long[to.shape().length()];
                eachRow(op, x, a.descending(), (at, _, place) -> y[at] = place);
                yield Values.ofWholes(to, y);
            }
        };
    }

    /** What is done with each element once its place is known. */
    @FunctionalInterface
    private interface Placing {
        /**
         * Index {@code at} of the result gets element {@code from}, which stood at {@code place} of
         * its row.
         */
        void put(int at, int from, int place);
    }

    private static void eachRow(Ordering op, Values x, boolean descending, Placing placing) {
        int n = x.shape().dim(op.axis());
        int step = x.shape().strides()[op.axis()];
        int[] rows = Positions.steps(x.shape(), Axes.of(op.axis()).complement(x.shape().rank()));
        var order = order(x, descending);
        for (int row : rows) {
            List<Integer> indices = new ArrayList<>();
            for (int k = 0; k < n; k++) {
                indices.add(row + k * step);
            }
            indices.sort(order); // stable
            for (int k = 0; k < n; k++) {
                int from = indices.get(k);
                placing.put(row + k * step, from, (from - row) / step);
            }
        }
    }

    /** The order of two elements, given by their indices. */
    private static Comparator<Integer> order(Values x, boolean descending) {
        if (x.isReal()) {
            double[] v = x.reals();
            Comparator<Integer> rising = (i, j) -> v[i] < v[j] ? -1 : v[i] > v[j] ? 1 : 0;
            Comparator<Integer> nanLast = Comparator.comparing(i -> Double.isNaN(v[i]));
            return nanLast.thenComparing(descending ? rising.reversed() : rising);
        }
        long[] v = x.wholes();
        Comparator<Integer> rising = (i, j) -> Long.compare(v[i], v[j]);
        return descending ? rising.reversed() : rising;
    }
}
