package dev.fathom.bench.libtorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

import dev.fathom.bench.measure.Steps;

import java.util.List;

/**
 * A vision transformer in the manner of timm: patches by a convolution with steps of its size, a
 * class token, pre-norm blocks. Its attention is written out: DJL does not offer libtorch's fused
 * one.
 */
final class Vision {
    private static final int PATCH = 4;
    private static final int HEADS = 3;

    /** Arrays before the blocks: patches with bias, token, positions. */
    private static final int FIRST = 4;

    private Vision() {}

    static Steps vit(NDList problem) {
        var p = Networks.weights(problem);
        long width = p.getFirst().getShape().get(1);
        p.set( // (patch · patch · channels, width) to (width, channels, patch, patch)
                0, p.getFirst().reshape(PATCH, PATCH, 3, width).transpose(3, 2, 0, 1).duplicate());
        var adamW =
                Optimizer.adamW()
                        .optLearningRateTracker(Tracker.fixed(1e-4f))
                        .optWeightDecays(0.01f)
                        .build();
        return new Networks.Trained(p, Networks.features(problem, true), problem, adamW) {
            @Override
            NDArray loss(List<NDArray> w, NDArray x, NDArray y) {
                var step = new Shape(PATCH, PATCH);
                NDArray h =
                        Conv2d.conv2d(x, w.get(0), w.get(1), step, new Shape(0, 0))
                                .singletonOrThrow();
                long n = h.getShape().get(0);
                h = h.reshape(n, width, -1).transpose(0, 2, 1); // (n, patches, width)
                NDArray token = w.get(2).broadcast(new Shape(n, 1, width));
                h = NDArrays.concat(new NDList(token, h), 1).add(w.get(3));
                int last = w.size() - 4;
                for (int b = FIRST; b < last; b += Transformer.BLOCK) {
                    h = Transformer.block(h, w, b, HEADS, null);
                }
                h = Transformer.norm(h.get(":, 0"), w, last);
                return Networks.crossEntropy(Transformer.dense(h, w, last + 2), y);
            }
        };
    }
}
