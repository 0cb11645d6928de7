package dev.fathom.lab.instrument.complexity;

import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.HashMap;
import java.util.List;

/**
 * Entropies of discrete variables that are seen together n times, from their frequencies, in nats.
 * Values are any integers. For few examples mutual information comes out too large, by about (cells
 * − 1)/2n.
 */
public final class Information {
    private Information() {}

    /** H of one variable, or of several together: −Σ p ln p. */
    public static double entropy(int[]... variables) {
        InstrumentException.require(variables.length >= 1, "entropy of no variable");
        int n = variables[0].length;
        for (var v : variables) {
            InstrumentException.require(
                    v.length == n && n >= 1,
                    "variables seen " + n + " and " + v.length + " times; they belong together");
        }
        var counts = new HashMap<List<Integer>, Integer>();
        for (int i = 0; i < n; i++) {
            var cell = new Integer[variables.length];
            for (int k = 0; k < cell.length; k++) {
                cell[k] = variables[k][i];
            }
            counts.merge(List.of(cell), 1, Integer::sum);
        }
        // Sorted, so that the sum does not depend on the order of a hash table.
        double sum = 0;
        for (int count : counts.values().stream().sorted().toList()) {
            double p = (double) count / n;
            sum -= p * Math.log(p);
        }
        return sum;
    }

    /** I(A; B) = H(A) + H(B) − H(A, B). */
    public static double mutual(int[] a, int[] b) {
        return Math.max(0, entropy(a) + entropy(b) - entropy(a, b));
    }

    /**
     * I(A; B | C) = H(A, C) + H(B, C) − H(A, B, C) − H(C). With A a network's answer, B the label
     * and C the answer of a linear model it is what the network knows beyond that model: P.
     * Nakkiran et al., "SGD on neural networks learns functions of increasing complexity", NeurIPS
     * 2019.
     */
    public static double conditional(int[] a, int[] b, int[] given) {
        return Math.max(
                0, entropy(a, given) + entropy(b, given) - entropy(a, b, given) - entropy(given));
    }
}
