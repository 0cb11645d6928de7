package dev.fathom.lab.instrument.complexity;

/**
 * What an error is at most, with a probability stated where it comes from.
 *
 * @param value of the error rate, or of a gap between two
 */
public record Bound(double value) {
    /** Whether it says nothing: no error rate is above 1. */
    public boolean vacuous() {
        return value >= 1;
    }
}
