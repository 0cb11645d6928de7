package dev.fathom.lab.study;

/** How much a run of a study may cost. */
public enum Tier {
    /** At most ten seconds: a part of the tests. */
    SMOKE,
    /** Minutes: what a person runs to see the claim hold or fall. */
    QUICK,
    /** As long as the numbers of the paper ask for. */
    FULL
}
