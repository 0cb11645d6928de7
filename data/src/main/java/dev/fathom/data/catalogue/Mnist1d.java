package dev.fathom.data.catalogue;

import dev.fathom.core.tensor.Shape;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.file.Sha256;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * MNIST-1D: ten templates of twelve points, each drawn 500 times padded, stretched, moved, sheared
 * and covered with noise, 40 points an example. Small enough to train on in seconds and made so
 * that the models part: a linear one reaches about 0.33, a fully connected one 0.68, a
 * convolutional one 0.94 (S. Greydanus and D. Kobak, "Scaling down deep learning with MNIST-1D",
 * arXiv:2011.14439, sections 2 and 3).
 *
 * <p>With the published seed, 42, this gives the numbers that NumPy gives, to the last bit of the
 * float32: 4,000 training and 1,000 test examples, centred and scaled by the mean and deviation of
 * all.
 */
public final class Mnist1d {
    /** The seed of the published data. */
    public static final int PUBLISHED_SEED = 42;

    private static final int CLASSES = 10;
    private static final int PER_CLASS = 500;
    private static final int TRAIN = 4000;
    private static final int LENGTH = 40;
    private static final int LEAST_PADDING = 36;
    private static final int MOST_PADDING = 60;
    private static final int TEMPLATE = 12;
    private static final int CANVAS = TEMPLATE + MOST_PADDING;
    private static final double SCALE = 0.4;
    private static final int TRANSLATION = 48;
    private static final double CORRELATED_NOISE = 0.25;
    private static final double INDEPENDENT_NOISE = 0.02;
    private static final double SHEAR = 0.75;
    private static final double BLUR = 2;

    /** The templates of the paper's figure 1, before they are centred and scaled. */
    private static final double[][] DIGITS = {
        {5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5},
        {5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5},
        {5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5},
        {5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5},
        {5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5},
        {5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5},
        {5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5},
        {5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5},
        {5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5},
        {5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5},
    };

    private final MersenneTwister random;
    private final double[] kernel = gaussian(BLUR);

    private Mnist1d(int seed) {
        this.random = new MersenneTwister(seed);
    }

    /** The published data: features {@code (40)}, ten classes. */
    public static TrainTest load() {
        return generate(PUBLISHED_SEED);
    }

    /** Other examples of the same distribution, a function of the seed alone. */
    public static TrainTest generate(int seed) {
        return new Mnist1d(seed).generate("generated with seed " + seed);
    }

    private TrainTest generate(String source) {
        int n = CLASSES * PER_CLASS;
        var drawn = new double[n][];
        for (int i = 0; i < n; i++) {
            drawn[i] = example(template(DIGITS[i / PER_CLASS]));
        }
        var order = random.permutation(n);
        double mean = Arrays.stream(drawn).flatMapToDouble(Arrays::stream).sum() / (n * LENGTH);
        double variance =
                Arrays.stream(drawn)
                                .flatMapToDouble(Arrays::stream)
                                .map(v -> (v - mean) * (v - mean))
                                .sum()
                        / (n * LENGTH);
        double deviation = Math.sqrt(variance);
        var features = new float[n * LENGTH];
        var labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = order[i] / PER_CLASS;
            for (int j = 0; j < LENGTH; j++) {
                features[i * LENGTH + j] = (float) ((drawn[order[i]][j] - mean) / deviation);
            }
        }
        var all =
                Dataset.ofFloats(features, Shape.of(LENGTH), labels)
                        .describedAs("mnist-1d", source, sha256(features, labels));
        return new TrainTest(all.take(TRAIN), all.subset(IntStream.range(TRAIN, n).toArray()));
    }

    /** Of the values as little-endian float32 followed by the labels as bytes. */
    private static String sha256(float[] features, int[] labels) {
        var bytes = ByteBuffer.allocate(4 * features.length + labels.length);
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        for (float value : features) {
            bytes.putFloat(value);
        }
        for (int label : labels) {
            bytes.put((byte) label);
        }
        return Sha256.of(bytes.array());
    }

    /** Mean 0 and deviation 1, then moved to start at 0, then a sixth of that. */
    private static double[] template(double[] digit) {
        double mean = Arrays.stream(digit).sum() / TEMPLATE;
        double variance = Arrays.stream(digit).map(v -> (v - mean) * (v - mean)).sum() / TEMPLATE;
        double deviation = Math.sqrt(variance);
        double start = (digit[0] - mean) / deviation;
        return Arrays.stream(digit).map(v -> ((v - mean) / deviation - start) / 6).toArray();
    }

    /** One example; the order of the random draws is part of the definition. */
    private double[] example(double[] template) {
        int padding = LEAST_PADDING + (int) (random.uniform() * (MOST_PADDING - LEAST_PADDING + 1));
        var padded = new double[TEMPLATE + padding];
        for (int i = 0; i < TEMPLATE; i++) {
            padded[i] =
                    template[i] + 1e-8; // so that a template's own zeros are not taken for padding
        }
        var signal = interpolate(padded, CANVAS);
        double scale = 1 + SCALE * (random.uniform() - 0.5);
        int shift = random.below(TRANSLATION);
        var moved = new double[CANVAS];
        for (int i = 0; i < CANVAS; i++) {
            moved[(i + shift) % CANVAS] = signal[i] * scale;
        }
        var noise = blur(normals(CORRELATED_NOISE));
        var fine = normals(INDEPENDENT_NOISE);
        double shear = SHEAR * (random.uniform() - 0.5);
        for (int i = 0; i < CANVAS; i++) {
            double value = moved[i] == 0 ? noise[i] : moved[i];
            moved[i] = value + fine[i] - shear * (-0.5 + i / (CANVAS - 1.0));
        }
        return interpolate(moved, LENGTH);
    }

    private double[] normals(double scale) {
        var values = new double[CANVAS];
        for (int i = 0; i < CANVAS; i++) {
            values[i] = scale * random.normal();
        }
        return values;
    }

    /** {@code n} equally spaced points of the broken line through {@code values}, ends included. */
    private static double[] interpolate(double[] values, int n) {
        var result = new double[n];
        int last = values.length - 1;
        for (int i = 0; i < n; i++) {
            double at = (double) i * last / (n - 1);
            int left = Math.min((int) at, last - 1);
            result[i] = values[left] + (at - left) * (values[left + 1] - values[left]);
        }
        return result;
    }

    private static double[] gaussian(double sigma) {
        int radius = (int) (4 * sigma + 0.5);
        var weights = new double[2 * radius + 1];
        for (int i = 0; i < weights.length; i++) {
            double x = (i - radius) / sigma;
            weights[i] = StrictMath.exp(-0.5 * x * x);
        }
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    /**
     * Convolution with the Gaussian; the signal is mirrored at its ends, the end points doubled.
     */
    private double[] blur(double[] values) {
        int radius = kernel.length / 2;
        var result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double sum = values[i] * kernel[radius];
            for (int j = 1; j <= radius; j++) {
                sum += (mirrored(values, i - j) + mirrored(values, i + j)) * kernel[radius + j];
            }
            result[i] = sum;
        }
        return result;
    }

    private static double mirrored(double[] values, int i) {
        int n = values.length;
        return values[i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i];
    }
}
