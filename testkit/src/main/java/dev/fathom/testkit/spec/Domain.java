package dev.fathom.testkit.spec;

import dev.fathom.core.tensor.Shape;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Where the elements of an operand come from: numbers at which the operation is defined and smooth.
 */
@FunctionalInterface
public interface Domain {
    /** The elements of an operand, row-major. */
    double[] sample(RandomGenerator random, Shape shape);

    /** Standard normal. */
    static Domain normal() {
        return (r, shape) -> fill(shape, r::nextGaussian);
    }

    /** Uniform between two numbers. */
    static Domain uniform(double low, double high) {
        return (r, shape) -> fill(shape, () -> r.nextDouble(low, high));
    }

    /** Either sign, with {@code low} ≤ |x| < {@code high}: never near 0. */
    static Domain apartFromZero(double low, double high) {
        return (r, shape) ->
                fill(shape, () -> (r.nextBoolean() ? 1 : -1) * r.nextDouble(low, high));
    }

    /** At least 0.2 from every half of a whole number, where rounding jumps. */
    static Domain apartFromHalves() {
        return (r, shape) -> fill(shape, () -> (r.nextInt(-8, 8) + r.nextDouble(0.4, 0.6)) / 2);
    }

    /** Whole numbers {@code low .. high − 1}. */
    static Domain whole(int low, int high) {
        return (r, shape) -> fill(shape, () -> r.nextInt(low, high));
    }

    /** In random order numbers 0.4 apart, give or take 0.05, centred at {@code offset}: no ties. */
    static Domain distinct(double offset) {
        return (r, shape) -> {
            int n = shape.length();
            var v = new double[n];
            for (int i = 0; i < n; i++) {
                int j = r.nextInt(i + 1);
                v[i] = v[j];
                v[j] = (i - n / 2) * 0.4 + r.nextDouble(-0.05, 0.05) + offset;
            }
            return v;
        };
    }

    /** These numbers over and over. */
    static Domain values(double... values) {
        return (_, shape) -> {
            var v = new double[shape.length()];
            for (int i = 0; i < v.length; i++) {
                v[i] = values[i % values.length];
            }
            return v;
        };
    }

    /** Matrices in the last two axes: {@code diagonal(i)} plus normal numbers of the given size. */
    static Domain matrix(Diagonal diagonal, double noise) {
        return (r, shape) -> {
            var v = fill(shape, () -> noise * r.nextGaussian());
            int m = shape.dim(-2);
            int n = shape.dim(-1);
            for (int start = 0; start < v.length; start += m * n) {
                for (int i = 0; i < Math.min(m, n); i++) {
                    v[start + i * n + i] += diagonal.at(i);
                }
            }
            return v;
        };
    }

    /** The large part of a matrix of {@link #matrix}. */
    @FunctionalInterface
    interface Diagonal {
        /** Element (i, i). */
        double at(int i);
    }

    private static double[] fill(Shape shape, java.util.function.DoubleSupplier next) {
        var v = new double[shape.length()];
        Arrays.setAll(v, _ -> next.getAsDouble());
        return v;
    }
}
