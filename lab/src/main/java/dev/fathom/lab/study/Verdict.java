package dev.fathom.lab.study;

/** What became of a prediction, or of a whole study. */
public enum Verdict {
    /** What was registered before the run is what was measured. */
    HOLDS,
    /** The measurement contradicts what was registered. */
    FAILS,
    /**
     * The measurement says neither: too few seeds, an interval that straddles the edge, a control
     * that misbehaved.
     */
    UNDECIDED
}
