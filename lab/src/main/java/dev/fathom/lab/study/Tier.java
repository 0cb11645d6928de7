package dev.fathom.lab.study;

import java.util.Locale;

/** How much a run of a study may cost. */
public enum Tier {
    /** At most ten seconds: a part of the tests. */
    SMOKE,
    /** Minutes: what a person runs to see the claim hold or fall. */
    QUICK,
    /** As long as the numbers of the paper ask for. */
    FULL;

    /** The one of three that belongs to this tier. */
    public <T> T pick(T smoke, T quick, T full) {
        return switch (this) {
            case SMOKE -> smoke;
            case QUICK -> quick;
            case FULL -> full;
        };
    }

    /** {@code smoke}, {@code quick} or {@code full}: as the command line writes it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
