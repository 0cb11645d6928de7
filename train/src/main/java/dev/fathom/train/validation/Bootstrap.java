package dev.fathom.train.validation;

import dev.fathom.train.error.SettingException;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** How much a number would vary with other examples of the same kind. */
public final class Bootstrap {
    private Bootstrap() {}

    /**
     * A number and where it probably lies.
     *
     * @param estimate of all examples
     * @param low the lower end
     * @param high the upper end
     * @param level the share of such intervals that contain the truth, about
     */
    public record Interval(double estimate, double low, double high, double level) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%.4f [%.4f, %.4f] (%.1f %%)", estimate, low, high, 100 * level);
        }
    }

    /**
     * The percentile interval: {@code statistic} of {@code resamples} samples of n places, each
     * drawn from all n, and of these values the quantiles (1 − level)/2 and (1 + level)/2, linear
     * between neighbours. B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993,
     * chapter 13. Too narrow for few examples, and of no use for extremes.
     *
     * @param n how many examples there are
     * @param statistic of the examples at these places, such as the AUROC of them
     * @param level in (0, 1), often 0.95
     * @param resamples at least 2; 1000 or more for two digits of the ends
     * @throws SettingException if a statistic is not finite, or a number is out of its range
     */
    public static Interval interval(
            int n, ToDoubleFunction<int[]> statistic, double level, int resamples, long seed) {
        if (n < 1 || resamples < 2 || !(level > 0 && level < 1)) {
            throw new SettingException(
                    "bootstrap: "
                            + n
                            + " examples, "
                            + resamples
                            + " resamples at level "
                            + level
                            + "; needed are at least 1 example, 2 resamples and a level in (0, 1)");
        }
        double estimate = finite(statistic, IntStream.range(0, n).toArray());
        var random = new SplittableRandom(seed);
        var values = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            values[r] = finite(statistic, random.ints(n, 0, n).toArray());
        }
        Arrays.sort(values);
        return new Interval(
                estimate,
                quantile(values, (1 - level) / 2),
                quantile(values, (1 + level) / 2),
                level);
    }

    /** The interval of the mean of values, one for each example: 95 %, 2000 resamples. */
    public static Interval ofMean(double[] values, long seed) {
        return interval(
                values.length,
                places -> IntStream.of(places).mapToDouble(i -> values[i]).average().orElseThrow(),
                0.95,
                2000,
                seed);
    }

    private static double finite(ToDoubleFunction<int[]> statistic, int[] places) {
        double value = statistic.applyAsDouble(places);
        if (!Double.isFinite(value)) {
            throw new SettingException(
                    "bootstrap: the statistic of a sample is "
                            + value
                            + "; a sample may lack a class, so draw from more examples or give the"
                            + " statistic a value there");
        }
        return value;
    }

    private static double quantile(double[] sorted, double q) {
        double place = q * (sorted.length - 1);
        int i = (int) Math.floor(place);
        int next = Math.min(i + 1, sorted.length - 1);
        return sorted[i] + (place - i) * (sorted[next] - sorted[i]);
    }
}
