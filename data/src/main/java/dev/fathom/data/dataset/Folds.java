package dev.fathom.data.dataset;

import dev.fathom.data.error.MalformedDataException;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Several splits of one data set, to measure a way of training more than once: k-fold
 * cross-validation and the bootstrap. A split is a function of the data set's size, the classes if
 * they matter, and the seed.
 */
public final class Folds {
    private static final long FOLD_STREAM = -2;
    private static final long BOOTSTRAP_STREAM = -3;

    private Folds() {}

    /**
     * k splits: every example is in exactly one validation part, and these parts differ in size by
     * at most one. The order is random; within a part examples keep their order.
     *
     * @param k from 2 to the number of examples, which is {@link #leaveOneOut}
     * @throws MalformedDataException if k is not
     */
    public static List<Split> of(Dataset data, int k, long seed) {
        check(data, k);
        var order = Shuffle.permutation(data.size(), seed, FOLD_STREAM);
        var fold = new int[data.size()];
        for (int i = 0; i < order.length; i++) {
            fold[order[i]] = i % k;
        }
        return splits(data, k, fold);
    }

    /**
     * The same with every class spread evenly: the numbers of examples of a class in two validation
     * parts differ by at most one, and so do the sizes of the parts.
     *
     * @throws MalformedDataException also if a class has examples, but fewer than k
     */
    public static List<Split> stratified(Dataset data, int k, long seed) {
        check(data, k);
        var counts = data.classCounts();
        var labels = data.labels();
        for (int c = 0; c < counts.length; c++) {
            if (counts[c] > 0 && counts[c] < k) {
                throw new MalformedDataException(
                        "class "
                                + data.classNames().get(c)
                                + " has "
                                + counts[c]
                                + " examples, too few for each of "
                                + k
                                + " folds; take fewer folds, or Folds.of");
            }
        }
        // dealt out like cards, class after class, so that no fold gets all remainders
        var order = Shuffle.permutation(data.size(), seed, FOLD_STREAM);
        var fold = new int[data.size()];
        int dealt = 0;
        for (int c = 0; c < counts.length; c++) {
            for (int i : order) {
                if (labels[i] == c) {
                    fold[i] = dealt++ % k;
                }
            }
        }
        return splits(data, k, fold);
    }

    /** One split for each example, which alone is its validation part; in their order. */
    public static List<Split> leaveOneOut(Dataset data) {
        check(data, data.size());
        return splits(data, data.size(), IntStream.range(0, data.size()).toArray());
    }

    /**
     * A bootstrap sample: as many examples as there are, each drawn from all of them, to train
     * with, and those that were never drawn, about 1/e of them, to validate with. B. Efron,
     * "Bootstrap methods: another look at the jackknife", 1979.
     *
     * @throws MalformedDataException if every example was drawn, which only happens to the smallest
     *     data sets
     */
    public static Split bootstrap(Dataset data, long seed) {
        var drawn = Shuffle.draws(data.size(), seed, BOOTSTRAP_STREAM);
        var isDrawn = new boolean[data.size()];
        for (int i : drawn) {
            isDrawn[i] = true;
        }
        var left = IntStream.range(0, data.size()).filter(i -> !isDrawn[i]).toArray();
        if (left.length == 0) {
            throw new MalformedDataException(
                    "a bootstrap sample of "
                            + data.size()
                            + " examples leaves none to validate with; take another seed or more"
                            + " examples");
        }
        return new Split(data.subset(drawn), data.subset(left));
    }

    private static void check(Dataset data, int k) {
        if (k < 2 || k > data.size()) {
            throw new MalformedDataException(
                    data.size()
                            + " examples cannot be split into "
                            + k
                            + " folds; take from 2 to as many as there are examples");
        }
    }

    private static List<Split> splits(Dataset data, int k, int[] fold) {
        var splits = new ArrayList<Split>(k);
        for (int f = 0; f < k; f++) {
            int held = f;
            var train = IntStream.range(0, fold.length).filter(i -> fold[i] != held).toArray();
            var validation = IntStream.range(0, fold.length).filter(i -> fold[i] == held).toArray();
            splits.add(new Split(data.subset(train), data.subset(validation)));
        }
        return List.copyOf(splits);
    }
}
