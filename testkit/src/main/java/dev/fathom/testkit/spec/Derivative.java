package dev.fathom.testkit.spec;

/** What there is to differentiate in an operation. */
public enum Derivative {
    /** Nothing: no floating operand, or no floating result. */
    NONE,
    /** It is zero everywhere in the domain, which finite differences confirm. */
    ZERO,
    /** It counts as zero although the values change. */
    STOPPED,
    /** Both directions, to any order. */
    SMOOTH,
    /** Forward direction only; the reverse one is refused. */
    FORWARD_ONLY,
    /** Reverse direction only; the forward one is refused. */
    REVERSE_ONLY;

    /** Whether there is a forward derivative that is not identically zero. */
    public boolean forward() {
        return this == SMOOTH || this == FORWARD_ONLY;
    }

    /** Whether there is a reverse derivative that is not identically zero. */
    public boolean reverse() {
        return this == SMOOTH || this == REVERSE_ONLY;
    }
}
