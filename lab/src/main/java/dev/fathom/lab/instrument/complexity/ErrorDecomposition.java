package dev.fathom.lab.instrument.complexity;

/**
 * Where the risk of a learned function comes from. E is the risk on the distribution, E_n that on
 * the sample:
 *
 * <pre>
 * E(f̃) − E(f*) = [E(f_F) − E(f*)] + [E(f_n) − E(f_F)] + [E(f̃) − E(f_n)]
 *                  approximation      estimation         optimisation
 * </pre>
 *
 * L. Bottou and O. Bousquet, "The tradeoffs of large scale learning", NIPS 2007, section 2.2. Some
 * texts put E_n(f_n) in the place of E(f_n) in the last two terms; the sum is the same, but then
 * the "estimation error" is ≤ 0 in expectation, since f_n fits its own sample at least as well as
 * f_F does.
 *
 * @param best E(f*), of all functions
 * @param bestInClass E(f_F), of those the method can express
 * @param minimiser E(f_n), of the one with the least E_n
 * @param found E(f̃), of the one that optimisation ended at
 * @param onSample E_n(f_n)
 */
public record ErrorDecomposition(
        double best, double bestInClass, double minimiser, double found, double onSample) {
    /** What the class cannot express, ≥ 0. */
    public double approximation() {
        return bestInClass - best;
    }

    /** What the sample does not tell, ≥ 0. */
    public double estimation() {
        return minimiser - bestInClass;
    }

    /** What is left undone; negative where stopping early helps. */
    public double optimisation() {
        return found - minimiser;
    }

    /** The sum of the three. */
    public double excess() {
        return found - best;
    }

    /** With E_n(f_n) in place of E(f_n). */
    public double estimationOnSample() {
        return onSample - bestInClass;
    }

    /** What then remains of the sum. */
    public double optimisationFromSample() {
        return found - onSample;
    }
}
