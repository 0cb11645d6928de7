package dev.fathom.nn.zoo;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.Conv1d;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.norm.BatchNorm;

/**
 * A convolutional network for sequences such as MNIST-1D (40 points): three convolutions that halve
 * the length, and a dense layer. The shape of the network that S. Greydanus and D. Kobak, "Scaling
 * down deep learning with MNIST-1D", ICML 2024, compare; we differ in the width (32 for 25) and by
 * batch normalisation.
 *
 * @param features sequences to (n, time/8, 32)
 * @param output those, flattened, to logits
 */
public record Cnn1d(Sequential features, Dense output) implements Layer {

    /** For sequences (time) or (time, channels). */
    public static Cnn1d of(Shape input, int classes, Key key) {
        var sequence = Inputs.sequence("Cnn1d", input);
        if (sequence.dim(0) < 1) {
            throw new ShapeException("Cnn1d: sequences " + input + " are empty");
        }
        var keys = key.split(4);
        int length = (sequence.dim(0) + 7) / 8;
        return new Cnn1d(
                Sequential.of(
                        Conv1d.of(sequence.dim(1), 32, 5, keys[0]).withStride(2).withoutBias(),
                        BatchNorm.of(32),
                        Activation.RELU,
                        Conv1d.of(32, 32, 5, keys[1]).withStride(2).withoutBias(),
                        BatchNorm.of(32),
                        Activation.RELU,
                        Conv1d.of(32, 32, 5, keys[2]).withStride(2).withoutBias(),
                        BatchNorm.of(32),
                        Activation.RELU),
                Dense.of(length * 32, classes, Initializer.glorotUniform(), keys[3]));
    }

    @Override
    public Tensor apply(Tensor sequences, Pass pass) {
        Tensor x = Inputs.withChannels(sequences, 3); // (n, time, channels)
        Tensor maps = pass.child("features", features, x); // (n, time/8, 32)
        return output.apply(Flatten.of().apply(maps, pass), pass); // (n, classes)
    }
}
