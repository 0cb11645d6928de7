package dev.fathom.data.dataset;

import dev.fathom.data.error.MalformedDataException;

import java.util.ArrayList;
import java.util.List;

/**
 * Shifts and scales every feature to mean 0 and deviation 1: {@code x' = (x - mean) / deviation},
 * one mean and one deviation for each index of the last axis: per channel of images {@code (h, w,
 * c)}, per column of tables {@code (d)}. Measured on training examples only, then applied to all.
 *
 * <p>{@code deviation} is the population's, {@code sqrt(mean((x - mean)^2))}; where a channel is
 * constant it is 1, so that the channel becomes 0 instead of NaN.
 *
 * @param mean the mean of each channel
 * @param deviation the standard deviation of each channel, above 0
 */
public record Normalisation(List<Float> mean, List<Float> deviation) implements Transform {
    /** Copies both lists. */
    public Normalisation {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.isEmpty() || mean.size() != deviation.size()) {
            throw new MalformedDataException(
                    "a normalisation needs one mean and one deviation per channel; it got "
                            + mean.size()
                            + " and "
                            + deviation.size());
        }
        for (float d : deviation) {
            if (!(d > 0 && d < Float.POSITIVE_INFINITY)) {
                throw new MalformedDataException(
                        "a deviation must be above 0 and finite, not " + d);
            }
        }
        for (float m : mean) {
            if (!Float.isFinite(m)) {
                throw new MalformedDataException("a mean must be finite, not " + m);
            }
        }
    }

    /** Measures the examples of {@code train} as they are now, in two passes over them. */
    public static Normalisation of(Dataset train) {
        int channels = train.featureShape().rank() == 0 ? 1 : train.featureShape().dim(-1);
        var mean = averages(train, channels, new double[channels], 1);
        var variance = averages(train, channels, mean, 2);
        var means = new ArrayList<Float>();
        var deviations = new ArrayList<Float>();
        for (int c = 0; c < channels; c++) {
            float deviation = (float) Math.sqrt(variance[c]);
            means.add((float) mean[c]);
            deviations.add(deviation > 0 ? deviation : 1f);
        }
        return new Normalisation(means, deviations);
    }

    /**
     * The average of {@code (x - centre)^power} of each channel, summed in the order of the
     * examples.
     */
    private static double[] averages(Dataset data, int channels, double[] centre, int power) {
        var sums = new double[channels];
        var values = new float[data.featureShape().length()];
        for (int i = 0; i < data.size(); i++) {
            data.readFeatures(i, values, 0);
            for (int c = 0; c < channels; c++) {
                double sum = 0;
                for (int j = c; j < values.length; j += channels) {
                    double x = values[j] - centre[c];
                    sum += power == 1 ? x : x * x;
                }
                sums[c] += sum;
            }
        }
        double count = (double) data.size() * values.length / channels;
        for (int c = 0; c < channels; c++) {
            sums[c] /= count;
        }
        return sums;
    }

    @Override
    public void apply(float[] values, int offset, int length) {
        int channels = mean.size();
        if (length % channels != 0) {
            throw new MalformedDataException(
                    "a normalisation of "
                            + channels
                            + " channels cannot be applied to examples of "
                            + length
                            + " values");
        }
        for (int c = 0; c < channels; c++) {
            float m = mean.get(c);
            float d = deviation.get(c);
            for (int i = offset + c; i < offset + length; i += channels) {
                values[i] = (values[i] - m) / d;
            }
        }
    }
}
