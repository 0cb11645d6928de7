package dev.fathom.lab.instrument.statistic;

import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.train.validation.Bootstrap;

import org.hipparchus.stat.interval.BinomialProportion;

/** A share of successes, such as an accuracy. */
public final class Proportion {
    private Proportion() {}

    /**
     * The score interval of E. B. Wilson, "Probable inference, the law of succession, and
     * statistical inference", JASA 22, 1927: it stays inside [0, 1] and has a width even where all
     * or none succeed.
     *
     * @param successes of so many
     * @param trials at least 1
     * @param level such as 0.95
     */
    public static Bootstrap.Interval wilson(int successes, int trials, double level) {
        InstrumentException.require(
                trials >= 1 && successes >= 0 && successes <= trials && level > 0 && level < 1,
                "Wilson: "
                        + successes
                        + " of "
                        + trials
                        + " at level "
                        + level
                        + "; needed are 0 ≤ successes ≤ trials, trials ≥ 1 and a level in (0, 1)");
        double p = (double) successes / trials;
        var found = BinomialProportion.getWilsonScoreInterval(trials, p, level);
        return new Bootstrap.Interval(p, found.getLowerBound(), found.getUpperBound(), level);
    }
}
