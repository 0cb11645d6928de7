package dev.fathom.lab.instrument.spectrum;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.operator.LinearOperator;
import dev.fathom.lab.study.Estimate;

import java.util.stream.IntStream;

/** The trace of an operator from a few products. */
public final class Trace {
    private Trace() {}

    /**
     * The mean of zᵀA z over random signs z: unbiased, with variance 2 Σ_{i≠j} A_ij² for symmetric
     * A. M. Hutchinson, 1990, with the signs of D. Girard.
     *
     * @param products m ≥ 2
     */
    public static Estimate hutchinson(LinearOperator a, int products, Key key) {
        a.checkSquare("a trace");
        InstrumentException.check("Trace", "products", products, "at least 2", products >= 2);
        var samples =
                IntStream.range(0, products)
                        .mapToDouble(i -> {
                            var z = Vectors.signs(key.fold(i), a.columns());
                            return Vectors.dot(z, a.apply(Tensor.of(z)).toDoubles());
                        })
                        .toArray();
        return Estimate.of(samples);
    }

    /**
     * Hutch++: the trace on the range of A S exactly, and Hutchinson's estimate of what is left,
     *
     * <pre>tr(QᵀA Q) + (3/m) tr(Gᵀ(I − QQᵀ) A (I − QQᵀ) G),  Q = orth(A S)</pre>
     *
     * R. Meyer, C. Musco, C. Musco, D. Woodruff, "Hutch++: optimal stochastic trace estimation",
     * SOSA 2021, algorithm 1, with S and G of n × m/3 random signs. Its error falls like 1/m where
     * Hutchinson's falls like 1/√m; for an A of rank ≤ m/3 it is exact. The standard error is that
     * of the second term given Q.
     *
     * @param products m ≥ 6; a third goes to each of A S, A Q and A G
     */
    public static Estimate hutchPlusPlus(LinearOperator a, int products, Key key) {
        a.checkSquare("a trace");
        InstrumentException.check("Hutch++", "products", products, "at least 6", products >= 6);
        int n = a.columns();
        int k = Math.min(products / 3, n);
        var columns = new Tensor[k];
        for (int i = 0; i < k; i++) {
            columns[i] = a.apply(Tensor.of(Vectors.signs(key.stream("S").fold(i), n)));
        }
        // The left singular vectors of A S, without those of no length, are Q: QR would invent
        // some.
        var svd = Linalg.svd(Shaping.stack(1, columns));
        var s = svd.s().toDoubles();
        int rank = (int) IntStream.range(0, k).filter(i -> s[i] > 1e-12 * s[0]).count();
        var q = new double[rank][];
        double exact = 0;
        for (int i = 0; i < rank; i++) {
            q[i] = svd.u().slice(1, i, i + 1).squeeze(1).toDoubles();
            exact += Vectors.dot(q[i], a.apply(Tensor.of(q[i])).toDoubles());
        }
        var rest =
                IntStream.range(0, Math.max(2, k)) // two, for a standard error
                        .mapToDouble(i -> {
                            var g = Vectors.signs(key.stream("G").fold(i), n);
                            Vectors.orthogonalise(g, q, q.length);
                            return Vectors.dot(g, a.apply(Tensor.of(g)).toDoubles());
                        })
                        .toArray();
        var left = Estimate.of(rest);
        return new Estimate(exact + left.value(), left.error());
    }
}
