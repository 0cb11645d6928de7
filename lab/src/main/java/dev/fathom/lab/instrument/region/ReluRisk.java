package dev.fathom.lab.instrument.region;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.kernel.LeastSquares;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The global minimum of the squared error of one rectified unit,
 *
 * <pre>min over w of (1/n) Σ (relu(xᵢᵀw) − yᵢ)²</pre>
 *
 * by enumeration: the planes xᵢᵀw = 0 cut the space of weights into cones on which the set of
 * active examples is fixed and the error is one of least squares. A minimum lies inside a cone,
 * where it solves that problem, or on one of its faces, which is the same question in a plane xᵢ^⊥.
 * In general position there are 2 Σ_{k<d} C(n−1, k) cones (T. Cover, 1965): polynomial in n for
 * every d, and exponential in d, as it must be if P is not NP (S. Goel and others, "Tight hardness
 * results for training depth-2 ReLU networks", ITCS 2021).
 *
 * <p>For a unit with a bias give the examples a last column of ones.
 *
 * @param weights w, float64 (d)
 * @param risk the mean squared error there
 * @param patterns how many sets of active examples the cones of full dimension have
 */
public record ReluRisk(Tensor weights, double risk, int patterns) {
    private static final int LARGEST = 4;
    private static final double FLAT = 1e-12;
    private static final double OUTSIDE = 0.3;

    /**
     * Of examples (n, d) and targets (n); d is at most 4, and n^d is what it costs.
     *
     * @throws InstrumentException if the shapes do not fit or d is larger
     */
    public static ReluRisk minimum(Tensor x, Tensor y) {
        InstrumentException.require(
                x.rank() == 2 && y.rank() == 1 && x.dim(0) == y.dim(0),
                "ReluRisk wants (n, d) and targets (n), not " + x.shape() + " and " + y.shape());
        InstrumentException.check(
                "ReluRisk", "d", x.dim(1), "at most " + LARGEST, x.dim(1) <= LARGEST);
        var points = rows(x.cast(DType.FLOAT64));
        var targets = y.cast(DType.FLOAT64).toDoubles();
        var search = new Search(points, targets);
        var basis = new double[x.dim(1)][x.dim(1)];
        for (int i = 0; i < basis.length; i++) {
            basis[i][i] = 1;
        }
        int patterns = search.visit(basis);
        return new ReluRisk(Tensor.of(search.best), search.risk, patterns);
    }

    /** The best weights so far. */
    private static final class Search {
        private final double[][] points;
        private final double[] targets;
        private double[] best;
        private double risk;

        Search(double[][] points, double[] targets) {
            this.points = points;
            this.targets = targets;
            this.best = new double[points[0].length];
            this.risk = at(best);
        }

        private double at(double[] w) {
            double sum = 0;
            for (int i = 0; i < points.length; i++) {
                double miss = Math.max(0, dot(points[i], w)) - targets[i];
                sum += miss * miss;
            }
            return sum / points.length;
        }

        /**
         * Tries all cones of the subspace that an orthonormal basis spans, and their faces.
         *
         * @return how many cones of full dimension there are
         */
        int visit(double[][] basis) {
            var seen = new double[points.length][];
            for (int i = 0; i < seen.length; i++) {
                seen[i] = cleaned(coordinates(basis, points[i]), norm(points[i]));
            }
            var patterns = patterns(seen);
            for (var active : patterns) {
                consider(basis, seen, active);
            }
            if (basis.length > 1) {
                for (var z : seen) {
                    if (norm(z) > 0) {
                        visit(combined(complement(z), basis));
                    }
                }
            }
            return patterns.size();
        }

        /** The least squares of the active examples, judged by all of them. */
        private void consider(double[][] basis, double[][] seen, BitSet active) {
            int count = active.cardinality();
            if (count == 0) {
                return; // the risk of w = 0
            }
            int k = basis.length;
            var a = new double[count * k];
            var b = new double[count];
            int row = 0;
            for (int i = active.nextSetBit(0); i >= 0; i = active.nextSetBit(i + 1)) {
                System.arraycopy(seen[i], 0, a, row * k, k);
                b[row++] = targets[i];
            }
            var v = LeastSquares.minNorm(Tensor.of(a, count, k), Tensor.of(b)).weights();
            var w = combined(new double[][] {v.toDoubles()}, basis)[0];
            double here = at(w);
            if (here < risk) {
                risk = here;
                best = w;
            }
        }
    }

    /** The sets {i : zᵢᵀv > 0} over all v with no zᵢᵀv = 0 but where zᵢ = 0. */
    private static Set<BitSet> patterns(double[][] z) {
        var all = new HashSet<BitSet>();
        var span = span(z);
        if (span.length == 0) {
            all.add(new BitSet());
            return all;
        }
        var inside = Arrays.stream(z).map(p -> coordinates(span, p)).toArray(double[][]::new);
        for (var ray : rays(inside, span.length)) {
            for (double sign : new double[] {1, -1}) {
                around(inside, ray, sign, all);
            }
        }
        return all;
    }

    /**
     * The cones that touch a ray: fixed signs off its planes, all patterns of what lies on them.
     */
    private static void around(double[][] z, double[] ray, double sign, Set<BitSet> all) {
        var fixed = new BitSet();
        var flat = new ArrayList<Integer>();
        for (int i = 0; i < z.length; i++) {
            double side = sign * dot(z[i], ray);
            if (Math.abs(side) <= FLAT * norm(z[i])) {
                flat.add(i);
            } else {
                fixed.set(i, side > 0);
            }
        }
        var across = complement(ray);
        var rest = flat.stream().map(i -> coordinates(across, z[i])).toArray(double[][]::new);
        for (var pattern : patterns(rest)) {
            var whole = (BitSet) fixed.clone();
            pattern.stream().forEach(i -> whole.set(flat.get(i)));
            all.add(whole);
        }
    }

    /** The directions in which k − 1 independent planes meet; in one dimension the axis. */
    private static List<double[]> rays(double[][] z, int k) {
        var rays = new ArrayList<double[]>();
        if (k == 1) {
            rays.add(new double[] {1});
        } else {
            meet(z, 0, new ArrayList<>(), k, rays);
        }
        return rays;
    }

    private static void meet(
            double[][] z, int from, List<double[]> chosen, int k, List<double[]> rays) {
        if (chosen.size() == k - 1) {
            var rest = complement(span(chosen.toArray(double[][]::new)), k);
            if (rest.length == 1) {
                rays.add(rest[0]);
            }
            return;
        }
        for (int i = from; i < z.length; i++) {
            chosen.add(z[i]);
            meet(z, i + 1, chosen, k, rays);
            chosen.removeLast();
        }
    }

    /** An orthonormal basis of what these vectors span: Gram-Schmidt, twice. */
    private static double[][] span(double[][] vectors) {
        var basis = new ArrayList<double[]>();
        for (var v : vectors) {
            var rest = orthogonal(v, basis);
            if (norm(rest) > FLAT * norm(v)) {
                basis.add(unit(orthogonal(unit(rest), basis)));
            }
        }
        return basis.toArray(double[][]::new);
    }

    /** An orthonormal basis of the vectors orthogonal to one. */
    private static double[][] complement(double[] z) {
        return complement(new double[][] {unit(z)}, z.length);
    }

    /** Of k axes there is always one that lies half outside of fewer than k ≤ 4 directions. */
    private static double[][] complement(double[][] basis, int k) {
        var all = new ArrayList<>(List.of(basis));
        for (int i = 0; i < k; i++) {
            var axis = new double[k];
            axis[i] = 1;
            var rest = orthogonal(axis, all);
            if (norm(rest) > OUTSIDE) {
                all.add(unit(orthogonal(unit(rest), all)));
            }
        }
        return all.subList(basis.length, k).toArray(double[][]::new);
    }

    private static double[] orthogonal(double[] v, List<double[]> basis) {
        var rest = v.clone();
        for (var q : basis) {
            double along = dot(rest, q);
            for (int i = 0; i < rest.length; i++) {
                rest[i] -= along * q[i];
            }
        }
        return rest;
    }

    private static double[] coordinates(double[][] basis, double[] v) {
        return Arrays.stream(basis).mapToDouble(q -> dot(q, v)).toArray();
    }

    /** Zero where nothing but rounding is left of a vector of length {@code size}. */
    private static double[] cleaned(double[] v, double size) {
        return norm(v) > FLAT * size ? v : new double[v.length];
    }

    /** Rows of coefficients as combinations of the rows of a basis. */
    private static double[][] combined(double[][] coefficients, double[][] basis) {
        var rows = new double[coefficients.length][basis[0].length];
        for (int r = 0; r < rows.length; r++) {
            for (int j = 0; j < basis.length; j++) {
                for (int i = 0; i < rows[r].length; i++) {
                    rows[r][i] += coefficients[r][j] * basis[j][i];
                }
            }
        }
        return rows;
    }

    private static double[] unit(double[] v) {
        double size = norm(v);
        return Arrays.stream(v).map(e -> e / size).toArray();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double norm(double[] v) {
        return Math.sqrt(dot(v, v));
    }

    private static double[][] rows(Tensor x) {
        var all = x.toDoubles();
        int d = x.dim(1);
        var rows = new double[x.dim(0)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(all, i * d, (i + 1) * d);
        }
        return rows;
    }
}
