package dev.fathom.train.loop;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Dropout;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.norm.BatchNorm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Small data and small models for tests of training. */
public final class Toy {
    private Toy() {}

    /** One of everything that has a state: parameters, running statistics, random masks. */
    public record Net(Dense hidden, BatchNorm norm, Dropout dropout, Dense output)
            implements Layer {
        /** For 4 features and 3 classes. */
        public static Net of(long seed) {
            var keys = Key.of(seed).split(2);
            return new Net(
                    Dense.of(4, 6, keys[0]),
                    BatchNorm.of(6),
                    Dropout.of(0.25),
                    Dense.of(6, 3, keys[1]));
        }

        @Override
        public Tensor apply(Tensor x, Pass pass) {
            Tensor h = norm.apply(hidden.apply(x, pass), pass); // (n, 6)
            h = dropout.apply(Activation.RELU.apply(h, pass), pass); // (n, 6)
            return output.apply(h, pass); // (n, 3)
        }
    }

    /** Three clouds of points in four dimensions. */
    public static Dataset clouds(int n, long seed) {
        var random = new SplittableRandom(seed);
        var features = new float[4 * n];
        var labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % 3;
            for (int j = 0; j < 4; j++) {
                features[4 * i + j] = (float) (random.nextGaussian() + (j == labels[i] ? 2.5 : 0));
            }
        }
        return Dataset.ofFloats(features, Shape.of(4), labels);
    }

    /** All numbers of a tree, bit by bit. */
    public static List<String> bits(Object tree) {
        var all = new ArrayList<String>();
        for (var leaf : Tree.flatten(tree).leaves()) {
            all.add(
                    leaf.path()
                            + " "
                            + Arrays.toString(
                                    Arrays.stream(leaf.tensor().toDoubles())
                                            .mapToLong(Double::doubleToRawLongBits)
                                            .toArray()));
        }
        return all;
    }
}
