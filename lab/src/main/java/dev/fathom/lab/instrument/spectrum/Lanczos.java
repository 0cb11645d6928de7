package dev.fathom.lab.instrument.spectrum;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.operator.LinearOperator;

import java.util.Arrays;

/**
 * Lanczos' method: an orthonormal basis Q in which a symmetric operator is tridiagonal,
 *
 * <pre>
 * βⱼ qⱼ₊₁ = A qⱼ − αⱼ qⱼ − βⱼ₋₁ qⱼ₋₁,  αⱼ = qⱼᵀA qⱼ
 * T = tridiag(β, α, β) = S diag(θ) Sᵀ,  ‖A Q s − θ Q s‖ = β_m |s_m|
 * </pre>
 *
 * C. Lanczos, 1950; G. Golub and C. Van Loan, "Matrix computations", chapter 10. Every new vector
 * is orthogonalised against all before it, twice: without that, rounding brings copies of converged
 * eigenvalues. The memory is that of all vectors.
 *
 * <p>Where βⱼ vanishes the vectors so far span an invariant subspace and their θ are eigenvalues.
 * Then the run ends, or goes on with a new random direction (βⱼ = 0), which finds eigenvalues that
 * the start lacked and the copies of multiple ones.
 *
 * @param alpha the diagonal of T, (m)
 * @param beta beside it, (m); the last couples to what is outside
 * @param basis the rows are qⱼ, (m, n)
 * @param values θ, ascending, (m)
 * @param bottom the last entries s_m of the eigenvectors of T, (m)
 * @param top the first entries s_1, (m)
 * @param vectors S, (m, m), a column for every θ
 * @param invariant whether β_m vanished, so that all θ are eigenvalues but for rounding
 */
public record Lanczos(
        double[] alpha,
        double[] beta,
        double[][] basis,
        double[] values,
        double[] bottom,
        double[] top,
        Tensor vectors,
        boolean invariant) {

    /** βⱼ below this part of ‖T‖ counts as none. */
    private static final double BREAKDOWN = 1e-12;

    /**
     * From a random unit vector, going on after breakdowns: {@code steps} = n gives all
     * eigenvalues.
     *
     * @param steps m ≥ 1, at most n are made
     */
    public static Lanczos of(LinearOperator a, int steps, Key key) {
        return run(a, steps, Vectors.unit(key, a.columns()), key.fold(1), true);
    }

    /** From this vector, ending at a breakdown: T is then A in the Krylov space of the start. */
    public static Lanczos from(LinearOperator a, int steps, Tensor start) {
        var q = start.toDoubles();
        double length = Vectors.norm(q);
        InstrumentException.require(
                length > 0 && Double.isFinite(length),
                "Lanczos: a start of length " + length + " has no direction");
        return run(a, steps, Vectors.scaled(q, 1 / length), Key.of(0), false);
    }

    private static Lanczos run(LinearOperator a, int steps, double[] start, Key key, boolean on) {
        a.checkSquare("Lanczos");
        InstrumentException.check("Lanczos", "steps", steps, "at least 1", steps >= 1);
        int n = a.columns();
        int m = Math.min(steps, n);
        var basis = new double[m][];
        var alpha = new double[m];
        var beta = new double[m];
        var q = start;
        int made = 0;
        double scale = 0;
        while (made < m) {
            basis[made] = q;
            var w = a.apply(Tensor.of(q)).toDoubles();
            alpha[made] = Vectors.dot(q, w);
            scale = Math.max(scale, Vectors.norm(w));
            made++;
            Vectors.orthogonalise(w, basis, made);
            double b = Vectors.norm(w);
            InstrumentException.require(
                    Double.isFinite(b),
                    "Lanczos: product " + made + " is not finite; look at the loss there");
            if (b > BREAKDOWN * scale && made < n) {
                beta[made - 1] = b;
                q = Vectors.scaled(w, 1 / b);
                continue;
            }
            beta[made - 1] = 0;
            if (!on || made == m) {
                break;
            }
            q = Vectors.unit(key.fold(made), n);
            Vectors.orthogonalise(q, basis, made);
            q = Vectors.scaled(q, 1 / Vectors.norm(q));
        }
        return solved(
                Arrays.copyOf(alpha, made), Arrays.copyOf(beta, made), Arrays.copyOf(basis, made));
    }

    private static Lanczos solved(double[] alpha, double[] beta, double[][] basis) {
        int m = alpha.length;
        var t = new double[m * m];
        for (int i = 0; i < m; i++) {
            t[i * m + i] = alpha[i];
            if (i + 1 < m) {
                t[i * m + i + 1] = beta[i];
                t[(i + 1) * m + i] = beta[i];
            }
        }
        var eigen = Linalg.eigh(Tensor.of(t, m, m));
        var s = eigen.vectors().toDoubles();
        return new Lanczos(
                alpha,
                beta,
                basis,
                eigen.values().toDoubles(),
                Arrays.copyOfRange(s, (m - 1) * m, m * m),
                Arrays.copyOfRange(s, 0, m),
                eigen.vectors(),
                beta[m - 1] == 0);
    }

    /** m. */
    public int steps() {
        return alpha.length;
    }

    /** How far θᵢ may be from an eigenvalue: ‖A y − θ y‖ of its vector. */
    public double residual(int i) {
        check(i);
        return beta[beta.length - 1] * Math.abs(bottom[i]);
    }

    /** The largest θ. */
    public double largest() {
        return values[values.length - 1];
    }

    /** The smallest θ. */
    public double smallest() {
        return values[0];
    }

    /** The approximate eigenvector of θᵢ, float64 (n), length 1. */
    public Tensor vector(int i) {
        check(i);
        var s = vectors.toDoubles();
        int m = steps();
        var y = new double[basis[0].length];
        for (int j = 0; j < m; j++) {
            Vectors.add(y, s[j * m + i], basis[j]);
        }
        return Tensor.of(y);
    }

    private void check(int i) {
        InstrumentException.require(
                i >= 0 && i < steps(),
                "Lanczos: there is no value %d; they are 0 to %d, in ascending order"
                        .formatted(i, steps() - 1));
    }
}
