package dev.fathom.lab.instrument.region;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.zoo.Mlp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Networks built by hand that have as many linear pieces as theory promises, in float64. */
public final class Constructions {
    private Constructions() {}

    /**
     * tri∘…∘tri, k times, with tri(x) = 2x on [0, ½] and 2 − 2x on [½, 1]: 2^k pieces on [0, 1]
     * from 2k units, tri(x) = 2 relu(x) − 4 relu(x − ½). M. Telgarsky, "Benefits of depth in neural
     * networks", COLT 2016.
     *
     * @param k ≥ 1; beyond about 40 the pieces are too narrow for float64
     */
    public static Mlp tent(int k) {
        InstrumentException.check("tent", "k", k, "at least 1", k >= 1);
        var folds = new int[k];
        Arrays.fill(folds, 2);
        return zigzag(folds);
    }

    /**
     * A wave between 0 and 1 on [0, 1], from hidden layers of p₁, p₂, .. units: each folds the
     * interval onto itself that many times, zig(x) = p (relu(x) − 2 relu(x − 1/p) + 2 relu(x − 2/p)
     * − …), so that there are p₁ p₂ ⋯ pieces of equal length. It starts at 0 and goes up.
     *
     * @param pieces by layer, each ≥ 1
     */
    public static Mlp zigzag(int... pieces) {
        InstrumentException.require(pieces.length > 0, "zigzag: there is no layer");
        double[][] read = {{1}}; // by unit below: what a fold takes from it
        var hidden = new ArrayList<Dense>();
        for (int p : pieces) {
            InstrumentException.check("zigzag", "pieces", p, "at least 1", p >= 1);
            var w = new double[read.length][p];
            var bias = new double[p];
            for (int j = 0; j < p; j++) {
                for (int i = 0; i < w.length; i++) {
                    w[i][j] = read[i][0];
                }
                bias[j] = -(double) j / p;
            }
            hidden.add(dense(w, bias));
            read = new double[p][1];
            for (int j = 0; j < p; j++) {
                read[j][0] = turn(j, p);
            }
        }
        return new Mlp(hidden, dense(read, 0));
    }

    /** By how much zig's slope changes at j/p. */
    private static double turn(int j, int p) {
        return j == 0 ? p : j % 2 == 1 ? -2 * p : 2 * p;
    }

    /**
     * A network of two inputs whose first layers fold the unit square onto itself, {@code pieces}
     * times along each side as {@link #zigzag} does, and whose last hidden layer draws {@code
     * lines} lines in general position, all of whose crossings lie inside. On (0, 1)² it has
     *
     * <pre>pieces^(2·folds) (1 + lines + lines (lines − 1)/2)</pre>
     *
     * regions, the lower bound of G. Montúfar, R. Pascanu, K. Cho, Y. Bengio, "On the number of
     * linear regions of deep neural networks", NIPS 2014, for layers of 2·pieces units and one of
     * {@code lines}.
     *
     * @param folds layers that fold, ≥ 0
     */
    public static Mlp folding(int folds, int pieces, int lines) {
        InstrumentException.check("folding", "folds", folds, "at least 0", folds >= 0);
        InstrumentException.check("folding", "pieces", pieces, "at least 1", pieces >= 1);
        InstrumentException.check("folding", "lines", lines, "at least 1", lines >= 1);
        var read = new double[2 * pieces][2];
        var bias = new double[2 * pieces];
        for (int i = 0; i < pieces; i++) {
            read[i][0] = turn(i, pieces);
            read[pieces + i][1] = turn(i, pieces);
            bias[i] = -(double) i / pieces;
            bias[pieces + i] = bias[i];
        }
        double[][] square = {{1, 0}, {0, 1}}; // how the coordinates are read from below
        var hidden = new ArrayList<Dense>();
        for (int f = 0; f < folds; f++) {
            var w = new double[square.length][2 * pieces];
            for (int i = 0; i < w.length; i++) {
                for (int j = 0; j < 2 * pieces; j++) {
                    w[i][j] = square[i][j / pieces];
                }
            }
            hidden.add(dense(w, bias));
            square = read;
        }
        var w = new double[square.length][lines];
        var offset = new double[lines];
        for (int j = 0; j < lines; j++) {
            double angle = Math.PI * (j + 0.5) / lines;
            double x = Math.cos(angle);
            double y = Math.sin(angle);
            // Near the centre but past it by different amounts, so that no three lines meet.
            double past = 0.1 / lines * Math.sin(1 + 2.4 * j);
            for (int i = 0; i < square.length; i++) {
                w[i][j] = square[i][0] * x + square[i][1] * y;
            }
            offset[j] = -(x + y) / 2 - past;
        }
        hidden.add(dense(w, offset));
        var out = new double[lines][1];
        for (int j = 0; j < lines; j++) {
            out[j][0] = Math.sin(1 + j);
        }
        return new Mlp(hidden, dense(out, 0));
    }

    /**
     * Σ_{j ≤ d} C(units, j): the most regions that one hidden layer cuts d inputs into, and what it
     * has in general position. T. Zaslavsky, 1975.
     */
    public static long shallowBound(int units, int inputs) {
        long sum = 0;
        long choose = 1;
        for (int j = 0; j <= Math.min(inputs, units); j++) {
            sum = Math.addExact(sum, choose);
            choose = Math.multiplyExact(choose, units - j) / (j + 1);
        }
        return sum;
    }

    /** The lower bound of Montúfar et al. for hidden layers of these widths. */
    public static long deepBound(int inputs, List<Integer> widths) {
        long product = 1;
        for (int width : widths.subList(0, widths.size() - 1)) {
            for (int i = 0; i < inputs; i++) {
                product = Math.multiplyExact(product, width / inputs);
            }
        }
        return Math.multiplyExact(product, shallowBound(widths.getLast(), inputs));
    }

    private static Dense dense(double[][] weight, double... bias) {
        var flat = new double[weight.length * weight[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = weight[i / weight[0].length][i % weight[0].length];
        }
        return new Dense(
                Tensor.of(flat, weight.length, weight[0].length), Optional.of(Tensor.of(bias)));
    }
}
