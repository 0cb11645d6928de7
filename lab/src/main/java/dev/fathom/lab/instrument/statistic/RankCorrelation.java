package dev.fathom.lab.instrument.statistic;

import dev.fathom.lab.instrument.error.InstrumentException;

import org.hipparchus.stat.correlation.KendallsCorrelation;
import org.hipparchus.stat.correlation.SpearmansCorrelation;

import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;

/**
 * How far two rankings agree, and how often chance alone would agree as far: the share of
 * permutations of one with a correlation of the same size or larger, two-sided.
 *
 * @param value ρ or τ, in [−1, 1]
 * @param pValue of no relation
 * @param exact whether all permutations were tried, or some drawn: then p is (1 + hits)/(1 + draws)
 */
public record RankCorrelation(double value, double pValue, boolean exact) {

    /** Spearman's ρ, ties given their mean rank. */
    public static RankCorrelation spearman(double[] x, double[] y, int permutations, long seed) {
        var spearman = new SpearmansCorrelation();
        return test("Spearman", x, y, permutations, seed, spearman::correlation);
    }

    /** Kendall's τ_b, which allows for ties. */
    public static RankCorrelation kendall(double[] x, double[] y, int permutations, long seed) {
        var kendall = new KendallsCorrelation();
        return test("Kendall", x, y, permutations, seed, kendall::correlation);
    }

    private static RankCorrelation test(
            String what,
            double[] x,
            double[] y,
            int permutations,
            long seed,
            ToDoubleBiFunction<double[], double[]> correlation) {
        InstrumentException.require(
                x.length == y.length && x.length >= 2,
                what
                        + ": "
                        + x.length
                        + " and "
                        + y.length
                        + " values; pairs are wanted, 2 or more");
        for (var values : new double[][] {x, y}) {
            for (double v : values) {
                InstrumentException.check(
                        what, "a value", v, "a number, which has a rank", !Double.isNaN(v));
            }
        }
        InstrumentException.check(
                what, "permutations", permutations, "at least 1", permutations >= 1);
        double value = correlation.applyAsDouble(x, y);
        InstrumentException.require(
                Double.isFinite(value),
                what + ": the correlation is " + value + "; are all values of one side equal?");
        double bar = Math.abs(value) - 1e-12; // equal up to rounding counts as equal
        long all = factorial(x.length);
        var z = y.clone();
        if (all <= permutations) {
            long hits = 0;
            for (long i = 0; i < all; i++) {
                arrange(y, z, i);
                hits += Math.abs(correlation.applyAsDouble(x, z)) >= bar ? 1 : 0;
            }
            return new RankCorrelation(value, (double) hits / all, true);
        }
        var random = new SplittableRandom(seed);
        int hits = 0;
        for (int i = 0; i < permutations; i++) {
            for (int j = z.length - 1; j > 0; j--) {
                int k = random.nextInt(j + 1);
                double t = z[j];
                z[j] = z[k];
                z[k] = t;
            }
            hits += Math.abs(correlation.applyAsDouble(x, z)) >= bar ? 1 : 0;
        }
        return new RankCorrelation(value, (1.0 + hits) / (1.0 + permutations), false);
    }

    private static long factorial(int n) {
        return n > 12 ? Long.MAX_VALUE : n < 2 ? 1 : n * factorial(n - 1);
    }

    /** The arrangement with this number in the factorial system. */
    private static void arrange(double[] from, double[] to, long number) {
        System.arraycopy(from, 0, to, 0, from.length);
        for (int j = from.length - 1; j > 0; j--) {
            int k = (int) (number % (j + 1));
            number /= j + 1;
            double t = to[j];
            to[j] = to[k];
            to[k] = t;
        }
    }
}
