package dev.fathom.data.table;

import java.util.Arrays;

/** The number that stands for a blank: a statistic of the training cells that are not blank. */
public enum Imputation {
    /** Their mean. */
    MEAN,
    /** The middle one of them in order, or the mean of the middle two. */
    MEDIAN,
    /** The one that occurs most; of equals the smallest. */
    MOST_FREQUENT;

    /** The statistic of at least one number. */
    double of(double[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return switch (this) {
            case MEAN -> {
                double mean = 0;
                for (double v : sorted) {
                    mean += v / n; // before the sum, which might overflow
                }
                yield mean;
            }
            case MEDIAN -> sorted[(n - 1) / 2] / 2 + sorted[n / 2] / 2;
            case MOST_FREQUENT -> mostFrequent(sorted);
        };
    }

    private static double mostFrequent(double[] sorted) {
        double best = sorted[0];
        int most = 0;
        int run = 0;
        for (int i = 0; i < sorted.length; i++) {
            run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
            if (run > most) {
                most = run;
                best = sorted[i];
            }
        }
        return best;
    }
}
