package dev.fathom.lab.studies.support;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.dataset.Dataset;

/**
 * Images of clothes as rows of 784 numbers from 0 to 1: the part of Fashion-MNIST that ships with
 * the library, in its own order, which mixes the classes.
 *
 * @param x (n, 784)
 * @param y classes, int32 (n)
 */
public record Images(Tensor x, Tensor y) {
    /** Numbers in a row. */
    public static final int PIXELS = 784;

    /** Kinds of clothes. */
    public static final int CLASSES = 10;

    /** The first n of the 6000 for training, float32. */
    public static Images train(int n) {
        return of(Datasets.load("fashion-mnist-small").train(), n);
    }

    /** The first n of the 1000 for testing, float32. */
    public static Images test(int n) {
        return of(Datasets.load("fashion-mnist-small").test(), n);
    }

    private static Images of(Dataset set, int n) {
        var all = set.take(n).all();
        return new Images(all.features().reshape(n, PIXELS), all.labels());
    }

    /** How many. */
    public int size() {
        return x.dim(0);
    }

    /** The same in another precision. */
    public Images cast(DType dtype) {
        return new Images(x.cast(dtype), y);
    }

    /** The same with other labels. */
    public Images labelled(Tensor labels) {
        return new Images(x, labels);
    }

    /** Every label drawn at random, independent of its image. */
    public Images randomlyLabelled(Key key) {
        return labelled(key.integers(CLASSES, size()));
    }

    /** The rows at these places. */
    public Images rows(Tensor which) {
        return new Images(Shaping.take(x, which, 0), Shaping.take(y, which, 0));
    }

    /** So many at random, with replacement; another draw for every step. */
    public Images batch(Key key, Tensor step, int size) {
        return rows(key.fold(step).integers(size(), size));
    }
}
