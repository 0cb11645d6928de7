package dev.fathom.bench.dl4j;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Weights and data of a workload, in this library's arrays and layouts. */
record Problem(Map<String, Tensor> arrays) {
    private static final int BATCHES = 8;
    private static final int CLASSES = 10;

    INDArray get(String name) {
        var t = arrays.get(name);
        if (t == null) {
            throw new IllegalArgumentException("the problem has no array " + name);
        }
        return Nd4j.create(t.toFloats(), t.shape().dims(), 'c');
    }

    INDArray weight(int i) {
        return get("p" + i);
    }

    /** Labels are one-hot where they are numbers of classes. */
    List<DataSet> batches(UnaryOperator<INDArray> features) {
        return IntStream.range(0, BATCHES)
                .mapToObj(i -> new DataSet(features.apply(get("x" + i)).dup('c'), labels("y" + i)))
                .toList();
    }

    private INDArray labels(String name) {
        var y = arrays.get(name);
        if (y == null || y.dtype() != DType.INT32) {
            return get(name);
        }
        int[] classes = y.toInts();
        var hot = Nd4j.zeros(classes.length, CLASSES);
        for (int i = 0; i < classes.length; i++) {
            hot.putScalar(i, classes[i], 1);
        }
        return hot;
    }

    /** (height, width, in, out) to (out, in, height, width). */
    static INDArray kernel(INDArray w) {
        return w.permute(3, 2, 0, 1).dup('c');
    }

    /** The rows of a dense layer after flattening channels last, as channels first orders them. */
    static INDArray afterFlatten(INDArray w, int height, int width, int channels) {
        long out = w.size(1);
        return w.reshape(height, width, channels, out)
                .permute(2, 0, 1, 3)
                .dup('c')
                .reshape((long) height * width * channels, out);
    }

    /** Columns of gates i, f, g, o to this library's: g, f, o, i. */
    static INDArray gates(INDArray w) {
        long n = w.size(1) / 4;
        var g = w.reshape(w.size(0), 4, n);
        return Nd4j.concat(
                1,
                IntStream.of(2, 1, 3, 0)
                        .mapToObj(i -> g.slice(i, 1).dup('c'))
                        .toArray(INDArray[]::new));
    }
}
