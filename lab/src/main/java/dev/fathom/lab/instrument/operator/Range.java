package dev.fathom.lab.instrument.operator;

import dev.fathom.lab.instrument.error.InstrumentException;

/**
 * Neighbouring places of a vector.
 *
 * @param from the first
 * @param to one past the last
 */
public record Range(int from, int to) {
    /** Checks that it is one. */
    public Range {
        InstrumentException.require(
                from >= 0 && to >= from, "a range from " + from + " to " + to + " is none");
    }

    /** How many places. */
    public int size() {
        return to - from;
    }
}
