package dev.fathom.lab.study;

import dev.fathom.lab.figure.Numbers;
import dev.fathom.lab.study.Prediction.Role;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run says about its claim.
 *
 * <p>The claim holds if every prediction does, fails if one does, and is undecided otherwise. Where
 * a control misbehaved or seeds are missing nothing can be said to hold.
 *
 * @param reason one sentence
 */
public record Judgement(Verdict verdict, String reason, List<Outcome> outcomes) {

    /** The judgement of what was measured, where {@code wanted} seeds were asked for. */
    public static Judgement of(Results results, int wanted) {
        var outcomes = new ArrayList<Outcome>();
        for (var prediction : results.card().predictions()) {
            var from =
                    prediction.role() == Role.CLAIM ? results.seeds() : List.of(results.controls());
            var measured =
                    from.stream()
                            .map(trial -> trial.measurements().get(prediction.name()))
                            .toArray(Measurement[]::new);
            outcomes.add(Outcome.of(prediction, measured));
        }
        return of(List.copyOf(outcomes), results.seeds().size(), wanted);
    }

    private static Judgement of(List<Outcome> outcomes, int seeds, int wanted) {
        for (var outcome : outcomes) {
            if (outcome.prediction().role() == Role.CLAIM && outcome.verdict() == Verdict.FAILS) {
                return new Judgement(
                        Verdict.FAILS,
                        "%s: %s is not %s"
                                .formatted(
                                        outcome.prediction().name(),
                                        Numbers.text(outcome.ours()),
                                        outcome.prediction().expectation().text()),
                        outcomes);
            }
        }
        for (var outcome : outcomes) {
            if (!outcome.asIntended()) {
                var name = outcome.prediction().name();
                var why =
                        switch (outcome.prediction().role()) {
                            case CLAIM -> "%s: the interval straddles the edge of %s";
                            case POSITIVE -> "the control \"%s\" should be %s and is not";
                            case SABOTAGE ->
                                    "the sabotaged \"%s\" passes as %s: this study sees nothing";
                        };
                return new Judgement(
                        Verdict.UNDECIDED,
                        why.formatted(name, outcome.prediction().expectation().text()),
                        outcomes);
            }
        }
        if (seeds < wanted) {
            return new Judgement(
                    Verdict.UNDECIDED,
                    "%d of %d seeds are done".formatted(seeds, wanted),
                    outcomes);
        }
        return new Judgement(
                Verdict.HOLDS,
                seeds == 1
                        ? "every prediction holds"
                        : "every prediction holds over %d seeds".formatted(seeds),
                outcomes);
    }

    /** The outcomes of a role. */
    public List<Outcome> outcomes(Role role) {
        return outcomes.stream().filter(o -> o.prediction().role() == role).toList();
    }

    /**
     * True if something must be mended: a prediction with an exact oracle that fails, or a control
     * that is not as it should be.
     */
    public boolean isAlarming() {
        return outcomes.stream()
                .anyMatch(o ->
                        o.prediction().role() == Role.CLAIM
                                ? o.prediction().oracle() == Oracle.EXACT
                                        && o.verdict() == Verdict.FAILS
                                : !o.asIntended());
    }
}
