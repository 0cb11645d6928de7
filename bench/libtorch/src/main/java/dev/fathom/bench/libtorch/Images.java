package dev.fathom.bench.libtorch;

import ai.djl.modality.cv.util.NDImageUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

import dev.fathom.bench.measure.Steps;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/** Bytes of images to batches, image by image as DJL's transforms work. */
final class Images implements Steps {
    private static final int SIDE = 32;
    private static final int CHANNELS = 3;
    private static final int BATCH = 128;
    private static final int PADDING = 4;
    private static final float[] MEAN = {0.5f, 0.5f, 0.5f};
    private static final float[] DEVIATION = {0.25f, 0.25f, 0.25f};

    private final NDManager manager;
    private final NDArray pixels; // (n, h, w, c)
    private final RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    private int[] order = {};
    private int at;
    private @Nullable NDArray last;

    Images(NDList problem) {
        manager = problem.get("count").getManager();
        int count = problem.get("count").toIntArray()[0];
        var bytes = new byte[count * SIDE * SIDE * CHANNELS];
        random.nextBytes(bytes);
        pixels =
                manager.create(
                        ByteBuffer.wrap(bytes),
                        new Shape(count, SIDE, SIDE, CHANNELS),
                        DataType.UINT8);
    }

    private int next() {
        if (at >= order.length / BATCH * BATCH) {
            order =
                    manager.randomPermutation(pixels.getShape().get(0))
                            .toType(DataType.INT32, true)
                            .toIntArray();
            at = 0;
        }
        return order[at++];
    }

    private NDArray image(int i) {
        NDArray x = NDImageUtils.toTensor(pixels.get(i)); // (c, h, w), from 0 to 1
        x = NDImageUtils.normalize(x, MEAN, DEVIATION);
        x = x.pad(new Shape(PADDING, PADDING, PADDING, PADDING), 0);
        int top = random.nextInt(2 * PADDING + 1);
        int left = random.nextInt(2 * PADDING + 1);
        x =
                x.get(
                        new NDIndex()
                                .addAllDim()
                                .addSliceDim(top, top + SIDE)
                                .addSliceDim(left, left + SIDE));
        return random.nextBoolean() ? x.flip(2) : x;
    }

    @Override
    public void step(long i) {
        if (last != null) {
            last.close();
        }
        try (var _ = new NDScope()) {
            var images = new NDList();
            for (int k = 0; k < BATCH; k++) {
                images.add(image(next()));
            }
            last = NDArrays.stack(images);
            NDScope.unregister(last);
        }
    }

    @Override
    public double value() {
        if (last == null) {
            throw new IllegalStateException("no step was made");
        }
        return Math.sqrt(last.square().mean().getFloat());
    }
}
