package dev.fathom.lab.study;

/**
 * A prediction beside its measurement.
 *
 * @param verdict of the prediction as it is worded; a sabotage control should say {@code FAILS}
 * @param ours the mean over the seeds
 * @param interval its 95 % interval over the seeds; with one seed, that of its standard error
 * @param oracle the number that ours is held against, NaN if there is none
 * @param met how many trials lie within the tolerance
 * @param trials how many trials measured it
 */
public record Outcome(
        Prediction prediction,
        Verdict verdict,
        double ours,
        Interval interval,
        double oracle,
        int met,
        int trials) {

    private static final double NORMAL_95 = 1.959963984540054;

    /** Judges the measurements of all trials by the rule of the prediction's oracle. */
    static Outcome of(Prediction prediction, Measurement... all) {
        var expectation = prediction.expectation();
        var values = new double[all.length];
        var oracles = new double[all.length];
        int met = 0;
        for (int i = 0; i < all.length; i++) {
            values[i] = all[i].value();
            double number = expectation.number();
            oracles[i] = Double.isNaN(number) ? all[i].oracle() : number;
            met += expectation.meets(all[i]) ? 1 : 0;
        }
        double ours = Interval.mean(values);
        double oracle = Interval.mean(oracles);
        var interval = Interval.ofMean(values);
        if (all.length == 1 && all[0].error() > 0) {
            double half = NORMAL_95 * all[0].error();
            interval = new Interval(ours - half, ours + half);
        }
        Verdict verdict;
        if (prediction.oracle().judgesEverySeed() || all.length == 1) {
            verdict = met == all.length ? Verdict.HOLDS : Verdict.FAILS;
        } else {
            var errors = new double[all.length];
            for (int i = 0; i < all.length; i++) {
                errors[i] = all[i].error();
            }
            var allowed = expectation.allowed(new Measurement(ours, Interval.mean(errors), oracle));
            verdict =
                    allowed.contains(interval)
                            ? Verdict.HOLDS
                            : Double.isNaN(ours) || allowed.misses(interval)
                                    ? Verdict.FAILS
                                    : Verdict.UNDECIDED;
        }
        return new Outcome(prediction, verdict, ours, interval, oracle, met, all.length);
    }

    /** True if this is what the card wants: failure of what is sabotaged, success of the rest. */
    public boolean asIntended() {
        return switch (prediction.role()) {
            case CLAIM, POSITIVE -> verdict == Verdict.HOLDS;
            case SABOTAGE -> verdict == Verdict.FAILS;
        };
    }
}
