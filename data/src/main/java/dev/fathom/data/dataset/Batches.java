package dev.fathom.data.dataset;

import dev.fathom.core.random.Key;
import dev.fathom.data.augment.Augmentation;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How to walk through a data set in batches. A value without a position: every batch is a function
 * of (seed, epoch, index), so that {@code epoch(e, i)} continues an interrupted epoch exactly.
 *
 * @param data the examples
 * @param batchSize examples in a batch; the last batch of an epoch may have fewer
 * @param seed the seed of the order, which is new in every epoch; none keeps the data set's order
 * @param dropsLast leaves out a last batch that is not full
 * @param ahead how many batches a second thread prepares in advance; 0 for none
 * @param augmentation what is done to each image, on that second thread if there is one
 */
public record Batches(
        Dataset data,
        int batchSize,
        OptionalLong seed,
        boolean dropsLast,
        int ahead,
        Optional<Augmentation> augmentation) {
    /** Checks the sizes. */
    public Batches {
        if (batchSize < 1) {
            throw new MalformedDataException("a batch needs at least 1 example, not " + batchSize);
        }
        if (ahead < 0) {
            throw new MalformedDataException("cannot prepare " + ahead + " batches in advance");
        }
        if (dropsLast && batchSize > data.size()) {
            throw new MalformedDataException(
                    "batches of "
                            + batchSize
                            + " with dropLast leave nothing of the "
                            + data.size()
                            + " examples; use a smaller batch");
        }
        int rank = data.featureShape().rank();
        if (augmentation.isPresent() && rank != 3 && rank != 4) {
            throw new MalformedDataException(
                    "augmentation ("
                            + augmentation.get()
                            + ") changes images (height, width, channels); these examples are "
                            + data.featureShape());
        }
    }

    /** Batches in the data set's order, the last one as large as it comes out. */
    public static Batches of(Dataset data, int batchSize) {
        return new Batches(data, batchSize, OptionalLong.empty(), false, 0, Optional.empty());
    }

    /**
     * In another random order in every epoch, given by {@code seed} and the number of the epoch.
     */
    public Batches shuffled(long seed) {
        return new Batches(data, batchSize, OptionalLong.of(seed), dropsLast, ahead, augmentation);
    }

    /** {@link #shuffled(long)} with the randomness of a key. */
    public Batches shuffled(Key key) {
        return shuffled(Dataset.seed(key));
    }

    /** Without a last batch that is not full. */
    public Batches dropLast() {
        return new Batches(data, batchSize, seed, true, ahead, augmentation);
    }

    /** With the next {@code n} batches being prepared on a daemon thread while one is used. */
    public Batches prefetch(int n) {
        return new Batches(data, batchSize, seed, dropsLast, n, augmentation);
    }

    /**
     * With every image changed anew each time it is seen. What happens to an image depends on the
     * seed of the order (0 if there is none), the epoch and the place of the image in the data set,
     * and on nothing else. Of several {@linkplain Dataset#views views} each is changed for itself.
     *
     * @throws MalformedDataException if the examples are no images
     */
    public Batches augmented(Augmentation other) {
        return new Batches(data, batchSize, seed, dropsLast, ahead, Optional.of(other));
    }

    /** Number of batches in an epoch. */
    public int count() {
        int full = data.size() / batchSize;
        return dropsLast || data.size() % batchSize == 0 ? full : full + 1;
    }

    /** The places of the examples in the order in which epoch {@code epoch} visits them. */
    public int[] order(int epoch) {
        return seed.isPresent()
                ? Shuffle.permutation(data.size(), seed.getAsLong(), checked(epoch))
                : IntStream.range(0, data.size()).toArray();
    }

    private static int checked(int epoch) {
        if (epoch < 0) {
            throw new DataNotFoundException("epochs count from 0; there is no epoch " + epoch);
        }
        return epoch;
    }

    /** Batch {@code index} of epoch {@code epoch}: the same one that {@link #epoch(int)} gives. */
    public Batch batch(int epoch, int index) {
        if (index < 0 || index >= count()) {
            throw new DataNotFoundException(
                    "an epoch has "
                            + count()
                            + " batches, counted from 0; there is no batch "
                            + index);
        }
        return gather(order(epoch), epoch, index).batch(data);
    }

    /** All batches of an epoch. */
    public Iterable<Batch> epoch(int epoch) {
        return epoch(epoch, 0);
    }

    /**
     * The batches of an epoch from batch {@code from} on. Each iterator is for one thread. An error
     * in preparing a batch is thrown by the {@code next()} that should have given it.
     */
    public Iterable<Batch> epoch(int epoch, int from) {
        checked(epoch);
        if (from < 0 || from > count()) {
            throw new DataNotFoundException(
                    "an epoch has " + count() + " batches; it cannot go on at batch " + from);
        }
        return () -> {
            var order = order(epoch);
            return ahead == 0
                    ? new Direct(this, order, epoch, from)
                    : new Prefetch(this, order, epoch, from);
        };
    }

    Dataset.Gathered gather(int[] order, int epoch, int index) {
        int start = index * batchSize;
        int end = (int) Math.min((long) start + batchSize, order.length);
        var places = Arrays.copyOfRange(order, start, end);
        var gathered = data.gather(places, index);
        augmentation.ifPresent(a -> augment(a, gathered.features(), places, epoch));
        return gathered;
    }

    private void augment(Augmentation augmentation, float[] images, int[] places, int epoch) {
        var shape = data.featureShape();
        int views = shape.rank() == 4 ? shape.dim(0) : 1;
        var layout = new Augmentation.Layout(shape.dim(-3), shape.dim(-2), shape.dim(-1));
        long key = Shuffle.mix(Shuffle.mix(seed.orElse(0)) + epoch);
        for (int i = 0; i < places.length; i++) {
            var random = new SplittableRandom(Shuffle.mix(key + places[i]));
            for (int v = 0; v < views; v++) {
                augmentation.apply(
                        images, i * shape.length() + v * (shape.length() / views), layout, random);
            }
        }
    }

    /** Prepares each batch when it is asked for. */
    private static final class Direct implements Iterator<Batch> {
        private final Batches batches;
        private final int[] order;
        private final int epoch;
        private int next;

        Direct(Batches batches, int[] order, int epoch, int from) {
            this.batches = batches;
            this.order = order;
            this.epoch = epoch;
            this.next = from;
        }

        @Override
        public boolean hasNext() {
            return next < batches.count();
        }

        @Override
        public Batch next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the epoch has no more batches");
            }
            return batches.gather(order, epoch, next++).batch(batches.data());
        }
    }
}
