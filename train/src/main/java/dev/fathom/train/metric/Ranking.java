package dev.fathom.train.metric;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.train.error.SettingException;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well scores put the positive examples before the negative ones. Only the order of the scores
 * counts.
 */
public final class Ranking {
    private Ranking() {}

    /**
     * The area under the receiver operating characteristic: the probability that a positive example
     * has a larger score than a negative one, where a tie counts one half,
     *
     * <pre>AUROC = (R − m (m + 1) / 2) / (m n)</pre>
     *
     * with R the sum of the ranks of the m positive examples among all m + n, ties sharing the mean
     * of their ranks: the statistic of H. Mann and D. Whitney (1947) over m n. J. Hanley and B.
     * McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
     * curve", Radiology 1982. O(n log n); NaN without positive or without negative examples.
     *
     * @throws SettingException if a score is NaN, or the arrays differ in length
     */
    public static double auroc(double[] scores, boolean[] positive) {
        check("auroc", scores, positive);
        var order = descending(scores);
        long below = 0; // negatives with smaller scores, seen from the end
        long positives = 0;
        double wins = 0;
        for (int end = order.length; end > 0; ) {
            int start = end;
            long p = 0;
            long q = 0;
            do {
                start--;
                if (positive[order[start]]) {
                    p++;
                } else {
                    q++;
                }
            } while (start > 0 && same(scores, order, start - 1, end - 1));
            wins += p * (below + 0.5 * q);
            below += q;
            positives += p;
            end = start;
        }
        return wins / ((double) positives * below);
    }

    /**
     * Average precision, the area under the precision-recall curve as a sum of steps:
     *
     * <pre>AP = Σ_t (recall_t − recall_{t−1}) precision_t</pre>
     *
     * over the thresholds t at each different score, from the largest down. Nothing is
     * interpolated, which would be too optimistic (J. Davis and M. Goadrich, ICML 2006). Scores
     * that say nothing give the share of the positive examples. NaN without positive examples.
     *
     * @throws SettingException if a score is NaN, or the arrays differ in length
     */
    public static double averagePrecision(double[] scores, boolean[] positive) {
        check("averagePrecision", scores, positive);
        var order = descending(scores);
        long hits = 0;
        double sum = 0;
        for (int start = 0; start < order.length; ) {
            int end = start;
            long before = hits;
            do {
                hits += positive[order[end]] ? 1 : 0;
                end++;
            } while (end < order.length && same(scores, order, end, start));
            sum += (hits - before) * ((double) hits / end);
            start = end;
        }
        return sum / hits;
    }

    /**
     * {@link #auroc} of each class against all others, by its column. Take probabilities, {@code
     * Functions.softmax} of logits: a logit says nothing without the others of its row.
     *
     * @param outputs (n, classes)
     * @param labels of the n examples
     */
    public static double[] aurocOneVsRest(Tensor outputs, int[] labels) {
        var columns = columns("aurocOneVsRest", outputs, labels);
        return IntStream.range(0, columns.length)
                .mapToDouble(c -> auroc(columns[c], is(labels, c)))
                .toArray();
    }

    /** {@link #averagePrecision} of each class against all others, by its column of the outputs. */
    public static double[] averagePrecisionOneVsRest(Tensor outputs, int[] labels) {
        var columns = columns("averagePrecisionOneVsRest", outputs, labels);
        return IntStream.range(0, columns.length)
                .mapToDouble(c -> averagePrecision(columns[c], is(labels, c)))
                .toArray();
    }

    /** The mean of those that are numbers: classes without examples say nothing. NaN of none. */
    public static double macro(double[] ofClasses) {
        return Arrays.stream(ofClasses).filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
    }

    private static boolean[] is(int[] labels, int c) {
        var result = new boolean[labels.length];
        for (int i = 0; i < labels.length; i++) {
            result[i] = labels[i] == c;
        }
        return result;
    }

    private static double[][] columns(String metric, Tensor outputs, int[] labels) {
        var values = Collected.rows(metric, outputs, labels);
        var columns = new double[outputs.dim(1)][labels.length];
        for (int i = 0; i < labels.length; i++) {
            for (int c = 0; c < columns.length; c++) {
                columns[c][i] = values[i][c];
            }
        }
        return columns;
    }

    private static boolean same(double[] scores, int[] order, int i, int j) {
        return scores[order[i]] == scores[order[j]]; // 0 and −0 are equal
    }

    private static int[] descending(double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> scores[i] + 0.0).reversed())
                .mapToInt(i -> i)
                .toArray();
    }

    private static void check(String metric, double[] scores, boolean[] positive) {
        if (scores.length != positive.length) {
            throw new SettingException(
                    metric
                            + ": "
                            + scores.length
                            + " scores do not fit "
                            + positive.length
                            + " examples; give one score for each");
        }
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i])) {
                throw new SettingException(
                        metric + ": the score of example " + i + " is NaN, which has no rank");
            }
        }
    }
}
