package dev.fathom.bench.libtorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.LayerNorm;

import dev.fathom.bench.measure.Steps;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** A GPT of pre-norm blocks with tied embeddings, as its users write it by hand. */
final class Transformer {
    private static final int HEADS = 4;

    /** Arrays of a block: query, key, value, output with biases; norm; two layers; norm. */
    static final int BLOCK = 16;

    private Transformer() {}

    static Steps gpt(NDList problem) {
        var p = Networks.weights(problem);
        return new Networks.Trained(
                p, Networks.features(problem, false), problem, Networks.adam()) {
            @Override
            NDArray loss(List<NDArray> w, NDArray x, NDArray y) {
                long n = x.getShape().get(0);
                long t = x.getShape().get(1);
                NDArray ids = x.toType(DataType.INT64, false);
                NDArray h =
                        Embedding.embedding(ids, w.get(0), SparseFormat.DENSE)
                                .singletonOrThrow()
                                .add(w.get(1)); // (n, t, width)
                NDArray at = x.getManager().arange((float) t);
                NDArray hidden =
                        at.expandDims(1).lt(at.expandDims(0)).toType(DataType.FLOAT32, false);
                NDArray mask = hidden.mul(-1e9f); // (t, t)
                int last = w.size() - 2;
                for (int b = 2; b < last; b += BLOCK) {
                    h = block(h, w, b, HEADS, mask);
                }
                NDArray logits = norm(h, w, last).matMul(w.get(0).transpose()); // (n, t, v)
                return Networks.crossEntropy(logits.reshape(n * t, -1), y.reshape(n * t));
            }
        };
    }

    /** A pre-norm block whose arrays begin at {@code at}; the mask is added to the scores. */
    static NDArray block(NDArray x, List<NDArray> w, int at, int heads, @Nullable NDArray mask) {
        NDArray h = x.add(attention(norm(x, w, at + 8), w, at, heads, mask));
        NDArray u = dense(norm(h, w, at + 14), w, at + 10);
        return h.add(dense(Activation.gelu(u), w, at + 12));
    }

    private static NDArray attention(
            NDArray x, List<NDArray> w, int at, int heads, @Nullable NDArray mask) {
        NDArray q = heads(dense(x, w, at), heads);
        NDArray k = heads(dense(x, w, at + 2), heads);
        NDArray v = heads(dense(x, w, at + 4), heads);
        double scale = 1 / Math.sqrt(q.getShape().get(3));
        NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)).mul(scale); // (n, h, t, t)
        scores = mask == null ? scores : scores.add(mask);
        NDArray mixed = scores.softmax(3).matMul(v).transpose(0, 2, 1, 3); // (n, t, h, d)
        return dense(mixed.reshape(x.getShape()), w, at + 6);
    }

    /** (n, t, width) to (n, heads, t, width / heads). */
    private static NDArray heads(NDArray x, int heads) {
        var s = x.getShape();
        return x.reshape(s.get(0), s.get(1), heads, s.get(2) / heads).transpose(0, 2, 1, 3);
    }

    static NDArray dense(NDArray x, List<NDArray> w, int at) {
        return x.matMul(w.get(at)).add(w.get(at + 1));
    }

    static NDArray norm(NDArray x, List<NDArray> w, int at) {
        var features = new Shape(x.getShape().get(x.getShape().dimension() - 1));
        return LayerNorm.layerNorm(x, features, w.get(at), w.get(at + 1), 1e-5f).singletonOrThrow();
    }
}
