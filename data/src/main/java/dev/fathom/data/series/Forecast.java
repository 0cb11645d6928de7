package dev.fathom.data.series;

import dev.fathom.core.tensor.Shape;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.MalformedDataException;

/**
 * A series cut into windows to learn forecasting from, divided by time. Window {@code i} is the
 * values {@code i stride .. i stride + window - 1}; to be predicted are the {@code horizon} values
 * that follow. No value that is predicted in the test, nor a later one, is seen in training:
 * neither in a window, nor as a target, nor in the mean and the deviation by which all values are
 * standardised, {@code (x - mean) / deviation}. The window of a test example may reach back into
 * the training part, as the past is known when one forecasts.
 *
 * @param train examples of the earlier part: float32 {@code (n, window)} and {@code (n, horizon)}
 * @param test examples of the later part
 * @param mean of the values of the training part
 * @param deviation of the values of the training part
 */
public record Forecast(Dataset train, Dataset test, double mean, double deviation) {
    /** A window at every place. */
    public static Forecast of(double[] values, int window, int horizon, double testShare) {
        return of(values, window, horizon, 1, testShare);
    }

    /**
     * Cuts a series.
     *
     * @param values finite numbers in the order of time, at equal distances
     * @param window how many values are known
     * @param horizon how many are to be predicted
     * @param stride how far one window is from the next
     * @param testShare the share of the values, at the end, that is kept for the test
     * @throws MalformedDataException if the series is too short, constant, or has a blank
     */
    public static Forecast of(
            double[] values, int window, int horizon, int stride, double testShare) {
        if (window < 1 || horizon < 1 || stride < 1) {
            throw new MalformedDataException(
                    "window, horizon and stride are at least 1, not %d, %d and %d"
                            .formatted(window, horizon, stride));
        }
        if (!(testShare > 0 && testShare < 1)) {
            throw new MalformedDataException(
                    "the test share lies between 0 and 1, not at " + testShare);
        }
        int n = values.length;
        int cut = n - (int) Math.round(testShare * n); // the first value of the test
        if (cut < window + horizon || n - cut < horizon) {
            throw new MalformedDataException(
                    "the series has %d values, %d to train and %d to test; a window of %d and a horizon of %d need at least %d and %d: take a longer series, or a shorter window or horizon"
                            .formatted(
                                    n, cut, n - cut, window, horizon, window + horizon, horizon));
        }
        double mean = 0;
        for (int t = 0; t < n; t++) {
            if (!Double.isFinite(values[t])) {
                throw new MalformedDataException(
                        "value %d of the series is %s; fill in what is missing first"
                                .formatted(t + 1, values[t]));
            }
            mean += t < cut ? values[t] / cut : 0;
        }
        double variance = 0;
        for (int t = 0; t < cut; t++) {
            variance += (values[t] - mean) * (values[t] - mean) / cut;
        }
        double deviation = Math.sqrt(variance);
        if (!((float) deviation > 0 && deviation < Float.MAX_VALUE)) {
            throw new MalformedDataException(
                    "the training part of the series is constant, or its numbers are too large:"
                            + " its deviation is "
                            + deviation);
        }
        var scaled = new float[n];
        for (int t = 0; t < n; t++) {
            scaled[t] = (float) ((values[t] - mean) / deviation);
        }
        return new Forecast(
                windows(scaled, 0, cut, window, horizon, stride),
                windows(scaled, cut - window, n, window, horizon, stride),
                mean,
                deviation);
    }

    /** The windows that begin at {@code from} or later and whose targets end before {@code to}. */
    private static Dataset windows(
            float[] values, int from, int to, int window, int horizon, int stride) {
        int count = (to - from - window - horizon) / stride + 1;
        var features = new float[Math.multiplyExact(count, window)];
        var targets = new float[Math.multiplyExact(count, horizon)];
        for (int i = 0; i < count; i++) {
            int start = from + i * stride;
            System.arraycopy(values, start, features, i * window, window);
            System.arraycopy(values, start + window, targets, i * horizon, horizon);
        }
        return Dataset.ofFloats(features, Shape.of(window), targets, horizon);
    }

    /**
     * The error to beat: the root of the mean squared error on the test, in the units of the
     * series, of predicting for each time what was one, two, ... periods before, the nearest that
     * is known. With period 1 that is persistence, with the length of a season the seasonal naive
     * forecast.
     *
     * @throws MalformedDataException if a period is longer than the window
     */
    public double naiveError(int period) {
        int window = test.featureShape().dim(0);
        if (period < 1 || period > window) {
            throw new MalformedDataException(
                    "a period of %d is not within the window of %d values"
                            .formatted(period, window));
        }
        var all = test.all();
        var x = all.features().toFloats();
        var y = all.labels().toFloats();
        int horizon = test.outputs();
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            int example = i / horizon;
            int step = i % horizon % period;
            double error = y[i] - x[example * window + window - period + step];
            sum += error * error;
        }
        return deviation * Math.sqrt(sum / y.length);
    }
}
