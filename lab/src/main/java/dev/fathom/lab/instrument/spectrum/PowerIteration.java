package dev.fathom.lab.instrument.spectrum;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.operator.LinearOperator;

/**
 * The eigenvalue of largest magnitude of a symmetric operator,
 *
 * <pre>v ← A v / ‖A v‖,  λ = vᵀA v,  r = ‖A v − λ v‖</pre>
 *
 * G. Golub and C. Van Loan, "Matrix computations", section 8.2. Some eigenvalue lies within r of λ
 * (ibid., theorem 8.1.13), but which one a start that lacks the largest eigenvector decides. Where
 * two of opposite sign are largest it does not converge, and says so by r.
 */
public final class PowerIteration {
    private PowerIteration() {}

    /**
     * What it came to.
     *
     * @param value λ
     * @param vector v, float64 (n), ‖v‖ = 1
     * @param residual r
     * @param products with A
     * @param converged whether r ≤ tolerance · |λ|
     */
    public record Eigenpair(
            double value, Tensor vector, double residual, int products, boolean converged) {}

    /**
     * At most so many products, from a random start; stops at r ≤ tolerance · |λ|.
     *
     * @param tolerance ≥ 0, such as 1e-6
     */
    public static Eigenpair largest(LinearOperator a, int products, double tolerance, Key key) {
        a.checkSquare("power iteration");
        InstrumentException.check(
                "PowerIteration", "products", products, "at least 1", products >= 1);
        InstrumentException.check(
                "PowerIteration", "tolerance", tolerance, "at least 0", tolerance >= 0);
        var v = Vectors.unit(key, a.columns());
        for (int i = 1; ; i++) {
            var av = a.apply(Tensor.of(v)).toDoubles();
            double value = Vectors.dot(v, av);
            var rest = av.clone();
            Vectors.add(rest, -value, v);
            double residual = Vectors.norm(rest);
            InstrumentException.require(
                    Double.isFinite(residual),
                    "power iteration: product " + i + " is not finite; look at the loss there");
            double length = Vectors.norm(av);
            boolean done = residual <= tolerance * Math.abs(value) || length == 0;
            if (done || i == products) {
                return new Eigenpair(value, Tensor.of(v), residual, i, done);
            }
            v = Vectors.scaled(av, 1 / length);
        }
    }

    /** The largest singular value of any operator, by the same on AᵀA; a product there is two. */
    public static double norm(LinearOperator a, int products, double tolerance, Key key) {
        var gram = a.rows() < a.columns() ? a.transpose().gram() : a.gram();
        return Math.sqrt(Math.max(0, largest(gram, products, tolerance, key).value()));
    }
}
