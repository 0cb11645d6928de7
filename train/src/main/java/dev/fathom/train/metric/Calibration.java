package dev.fathom.train.metric;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.train.error.SettingException;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether a model that says "80 %" is right in 80 % of the cases: a reliability table. Each example
 * is put into one of B bins of equal width by its confidence, the largest of its probabilities; bin
 * b holds the confidences in ((b − 1)/B, b/B]. In a calibrated model accuracy and mean confidence
 * agree in every bin.
 *
 * <p>M. Naeini, G. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
 * binning", AAAI 2015; C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural
 * networks", ICML 2017, equations 1 to 5.
 *
 * @param bins from the least confident
 */
public record Calibration(List<Bin> bins) {
    /** How many bins there are unless told otherwise: as in Guo et al. */
    public static final int BINS = 15;

    /** Copies the list. */
    public Calibration {
        bins = List.copyOf(bins);
    }

    /**
     * One row of the table.
     *
     * @param low confidence above this
     * @param high up to this
     * @param examples how many
     * @param confidence their mean confidence; NaN without examples
     * @param accuracy the share of them that is right; NaN without examples
     */
    public record Bin(double low, double high, long examples, double confidence, double accuracy) {}

    /** With 15 bins. */
    public static Calibration of(Tensor probabilities, int[] labels) {
        return of(probabilities, labels, BINS);
    }

    /**
     * The table of these predictions.
     *
     * @param probabilities (n, classes), each row adding up to 1: {@code Functions.softmax} of
     *     logits
     * @param labels of the n examples
     * @param bins B, at least 1
     * @throws SettingException if the rows are not probabilities
     */
    public static Calibration of(Tensor probabilities, int[] labels, int bins) {
        if (bins < 1) {
            throw new SettingException("calibration: " + bins + " bins; at least 1 is needed");
        }
        var rows = Collected.rows("calibration", probabilities, labels);
        var counts = new long[bins];
        var confidence = new double[bins];
        var right = new double[bins];
        for (int i = 0; i < rows.length; i++) {
            int best = 0;
            double sum = 0;
            for (int c = 0; c < rows[i].length; c++) {
                sum += rows[i][c];
                best = rows[i][c] > rows[i][best] ? c : best;
            }
            double p = rows[i][best];
            if (!(Math.abs(sum - 1) < 1e-3)) {
                throw new SettingException(
                        "calibration: the probabilities of example "
                                + i
                                + " add up to "
                                + sum
                                + ", not to 1. Are they logits? Take Functions.softmax(outputs, -1)"
                                + " first");
            }
            int b = Math.clamp((long) Math.ceil(p * bins) - 1, 0, bins - 1);
            counts[b]++;
            confidence[b] += p;
            right[b] += best == labels[i] ? 1 : 0;
        }
        var table = new ArrayList<Bin>();
        for (int b = 0; b < bins; b++) {
            table.add(
                    new Bin(
                            (double) b / bins,
                            (b + 1.0) / bins,
                            counts[b],
                            confidence[b] / counts[b],
                            right[b] / counts[b]));
        }
        return new Calibration(table);
    }

    /** All examples. */
    public long examples() {
        return bins.stream().mapToLong(Bin::examples).sum();
    }

    /**
     * The expected calibration error, Σ_b (n_b / n) |accuracy_b − confidence_b|; NaN of nothing.
     */
    public double ece() {
        double sum = 0;
        for (var bin : bins) {
            sum += bin.examples() == 0 ? 0 : bin.examples() * gap(bin);
        }
        return sum / examples();
    }

    /** The largest |accuracy_b − confidence_b| of a bin with examples; NaN if there are none. */
    public double mce() {
        return bins.stream()
                .filter(b -> b.examples() > 0)
                .mapToDouble(Calibration::gap)
                .max()
                .orElse(Double.NaN);
    }

    private static double gap(Bin bin) {
        return Math.abs(bin.accuracy() - bin.confidence());
    }

    /** The reliability table, without empty bins. */
    @Override
    public String toString() {
        var text = new StringBuilder("confidence    examples  mean conf.  accuracy");
        for (var b : bins) {
            if (b.examples() > 0) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "%n%.3f-%.3f %10d %11.4f %9.4f",
                                b.low(),
                                b.high(),
                                b.examples(),
                                b.confidence(),
                                b.accuracy()));
            }
        }
        return text.toString();
    }
}
