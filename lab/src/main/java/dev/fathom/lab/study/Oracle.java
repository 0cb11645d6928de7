package dev.fathom.lab.study;

import java.util.Locale;

/** Where the number comes from that ours is held against, and so what counts as agreement. */
public enum Oracle {
    /**
     * A closed form, an identity, a count. Every seed must agree, and one that does not is a bug.
     */
    EXACT("every seed must lie within the tolerance"),
    /** A theorem's inequality. Every seed must obey it. */
    BOUND("every seed must obey the bound"),
    /** A number that a paper or an earlier measurement reports. */
    PAPER(
            "the 95 % interval over the seeds must lie within the tolerance; outside it the claim"
                    + " fails"),
    /** Only the sign or the order of things: larger than, earlier than, growing with. */
    DIRECTION(
            "the 95 % interval over the seeds must lie on the predicted side; on the other side the"
                    + " claim fails");

    private final String rule;

    Oracle(String rule) {
        this.rule = rule;
    }

    /** The outcome rule in words. */
    public String rule() {
        return rule;
    }

    /** True if each seed is judged by itself, false if their interval is. */
    public boolean judgesEverySeed() {
        return this == EXACT || this == BOUND;
    }

    /** As people and files write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
