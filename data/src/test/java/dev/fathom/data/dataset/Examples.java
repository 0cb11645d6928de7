package dev.fathom.data.dataset;

import dev.fathom.core.tensor.Shape;

/** Small data sets for tests. */
final class Examples {
    private Examples() {}

    /**
     * {@code n} examples; the features of example i are (i, -i), its class is i modulo {@code
     * classes}.
     */
    static Dataset counting(int n, int classes) {
        var features = new float[2 * n];
        var labels = new int[n];
        for (int i = 0; i < n; i++) {
            features[2 * i] = i;
            features[2 * i + 1] = -i;
            labels[i] = i % classes;
        }
        return Dataset.ofFloats(features, Shape.of(2), labels);
    }

    /** The first feature of every example of a batch, which says which example it is. */
    static int[] places(Batch batch) {
        var values = batch.features().toFloats();
        var places = new int[batch.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = (int) values[2 * i];
        }
        return places;
    }
}
