package dev.fathom.lab.instrument.baseline;

import dev.fathom.lab.instrument.error.InstrumentException;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * A decision tree for numbers: every leaf holds the mean of its examples. Grown best first: of all
 * leaves the one is split, at the feature and the midpoint between neighbouring values, that takes
 * most from the sum of squared errors, until there are so many leaves or nothing is gained. L.
 * Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and regression trees", 1984, chapter
 * 8, without pruning. Ties go to the first feature and the smallest threshold.
 *
 * @param root the first question
 * @param leaves how many
 */
public record RegressionTree(Node root, int leaves) {

    /** A question or an answer. */
    public sealed interface Node {
        /** Examples with x[feature] ≤ threshold go left. */
        record Split(int feature, double threshold, Node left, Node right) implements Node {}

        /** The mean of the examples here. */
        record Leaf(double value) implements Node {}
    }

    /** A leaf while the tree grows. */
    private static final class Growing {
        final int[] rows;
        final double value;
        int feature;
        double threshold;
        double gain;
        @Nullable Growing left;
        @Nullable Growing right;

        Growing(double[][] x, double[] y, int[] rows) {
            this.rows = rows;
            this.value = IntStream.of(rows).mapToDouble(i -> y[i]).sum() / rows.length;
            best(x, y);
        }

        /** The split with the largest fall of the squared error, n_l n_r/n (m_l − m_r)². */
        private void best(double[][] x, double[] y) {
            int n = rows.length;
            for (int f = 0; f < x[0].length; f++) {
                int place = f;
                var order =
                        IntStream.of(rows)
                                .boxed()
                                .sorted(Comparator.comparingDouble(i -> x[i][place]))
                                .mapToInt(i -> i)
                                .toArray();
                double left = 0; // of y − mean, so that the sums stay small
                for (int k = 1; k < n; k++) {
                    left += y[order[k - 1]] - value;
                    double a = x[order[k - 1]][f];
                    double b = x[order[k]][f];
                    double fall = left * left * n / ((double) k * (n - k));
                    if (a < b && fall > gain) {
                        gain = fall;
                        feature = f;
                        threshold = a + (b - a) / 2;
                    }
                }
            }
        }

        Node done() {
            return left == null || right == null
                    ? new Node.Leaf(value)
                    : new Node.Split(feature, threshold, left.done(), right.done());
        }
    }

    /**
     * Of examples x (n, d) and their values.
     *
     * @param maxLeaves ≥ 1
     */
    public static RegressionTree fit(double[][] x, double[] y, int maxLeaves) {
        InstrumentException.check(
                "RegressionTree", "maxLeaves", maxLeaves, "at least 1", maxLeaves >= 1);
        InstrumentException.require(
                x.length == y.length && x.length >= 1,
                "a tree of " + x.length + " examples with " + y.length + " values");
        var root = new Growing(x, y, IntStream.range(0, x.length).toArray());
        // Equal gains in order of age, so that the tree does not depend on the queue.
        record Candidate(Growing leaf, int age) {}
        var queue =
                new PriorityQueue<Candidate>(
                        Comparator.<Candidate>comparingDouble(c -> -c.leaf().gain)
                                .thenComparingInt(Candidate::age));
        queue.add(new Candidate(root, 0));
        int leaves = 1;
        int age = 1;
        while (leaves < maxLeaves && !queue.isEmpty()) {
            var leaf = queue.remove().leaf();
            if (leaf.gain <= 0) {
                break;
            }
            var left = new Growing(x, y, side(leaf, x, true));
            var right = new Growing(x, y, side(leaf, x, false));
            leaf.left = left;
            leaf.right = right;
            queue.add(new Candidate(left, age++));
            queue.add(new Candidate(right, age++));
            leaves++;
        }
        return new RegressionTree(root.done(), leaves);
    }

    private static int[] side(Growing leaf, double[][] x, boolean left) {
        return IntStream.of(leaf.rows)
                .filter(i -> x[i][leaf.feature] <= leaf.threshold == left)
                .toArray();
    }

    /** The value for one example. */
    public double at(double... x) {
        var node = root;
        while (true) {
            switch (node) {
                case Node.Leaf(double value) -> {
                    return value;
                }
                case Node.Split(int feature, double threshold, Node left, Node right) ->
                        node = x[feature] <= threshold ? left : right;
            }
        }
    }
}
