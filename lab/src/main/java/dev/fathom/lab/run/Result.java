package dev.fathom.lab.run;

import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Numbers;
import dev.fathom.lab.study.Interval;
import dev.fathom.lab.study.Judgement;
import dev.fathom.lab.study.Outcome;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Verdict;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What stands in {@code result.json}: nothing that differs between two runs of the same order.
 *
 * @param wanted how many seeds were asked for
 * @param alarming true if an exact oracle failed or a control is not as it should be
 * @param also what was measured beside the predictions
 */
public record Result(
        String id,
        String name,
        String claim,
        String tier,
        long seed,
        int seeds,
        int wanted,
        Verdict verdict,
        String reason,
        boolean alarming,
        List<Row> predictions,
        List<Also> also,
        Map<String, String> checksums,
        List<String> notes) {

    /** Refuses what a damaged file may say. */
    public Result {
        Session.present("id", id);
        Session.present("name", name);
        Session.present("claim", claim);
        Session.tier(Session.present("tier", tier));
        Session.present("verdict", verdict);
        Session.present("reason", reason);
        if (seeds < 1 || wanted < seeds) {
            throw new StudyException("%d of %d seeds".formatted(seeds, wanted));
        }
        Session.present("checksums", checksums);
        also = complete("also", also);
        notes = complete("notes", notes);
        predictions = complete("predictions", predictions);
        if (predictions.stream().noneMatch(row -> row.role().equals("claim"))) {
            throw new StudyException("there is no prediction about the claim");
        }
    }

    private static <T> List<T> complete(String name, @Nullable List<T> list) {
        var all = Session.present(name, list);
        if (all.stream().anyMatch(Objects::isNull)) {
            throw new StudyException("one of \"" + name + "\" is missing");
        }
        return List.copyOf(all);
    }

    /** A prediction beside its measurement. */
    public record Row(
            String name,
            String role,
            String oracle,
            String expected,
            Verdict verdict,
            boolean asIntended,
            double ours,
            double low,
            double high,
            double number,
            double paper,
            int met,
            int trials) {

        /** Refuses what a damaged file may say. */
        public Row {
            Session.present("name", name);
            Session.present("role", role);
            Session.present("oracle", oracle);
            Session.present("expected", expected);
            Session.present("verdict", verdict);
        }

        static Row of(Outcome outcome) {
            var p = outcome.prediction();
            return new Row(
                    p.name(),
                    p.role().name().toLowerCase(Locale.ROOT),
                    p.oracle().word(),
                    p.expectation().text(),
                    outcome.verdict(),
                    outcome.asIntended(),
                    outcome.ours(),
                    outcome.interval().low(),
                    outcome.interval().high(),
                    outcome.oracle(),
                    p.paper(),
                    outcome.met(),
                    outcome.trials());
        }

        /** Our number with half the width of its interval: {@code 1.021 ± 0.012}. */
        public String text() {
            return Result.text(ours, low, high);
        }
    }

    /** A number with half the width of its interval. */
    static String text(double ours, double low, double high) {
        double half = (high - low) / 2;
        return half > 0 ? Numbers.spread(ours, half) : Numbers.text(ours);
    }

    /** A measurement about which nothing was predicted. */
    public record Also(String name, double ours, double low, double high, int trials) {
        /** Refuses what a damaged file may say. */
        public Also {
            Session.present("name", name);
        }
    }

    static Result of(Results results, Order order, int wanted) {
        var card = results.card();
        var judgement = Judgement.of(results, wanted);
        var names = new LinkedHashMap<String, Boolean>();
        results.seeds().forEach(s -> s.measurements().keySet().forEach(n -> names.put(n, true)));
        var also = new ArrayList<Also>();
        for (var name : names.keySet()) {
            if (card.prediction(name).isEmpty()) {
                var values = results.values(name);
                var interval = Interval.ofMean(values);
                also.add(
                        new Also(
                                name,
                                Interval.mean(values),
                                interval.low(),
                                interval.high(),
                                values.length));
            }
        }
        var checksums = new LinkedHashMap<String, String>();
        var notes = new ArrayList<>(results.controls().notes());
        for (int i = 0; i < results.seeds().size(); i++) {
            var seed = results.seeds().get(i);
            var suffix = ", seed " + i;
            seed.checksums().forEach((name, sum) -> checksums.put(name + suffix, sum));
            seed.notes().stream().filter(note -> !notes.contains(note)).forEach(notes::add);
        }
        return new Result(
                card.id(),
                card.name(),
                card.claim(),
                order.tier().word(),
                order.seed(),
                results.seeds().size(),
                wanted,
                judgement.verdict(),
                judgement.reason(),
                judgement.isAlarming(),
                judgement.outcomes().stream().map(Row::of).toList(),
                also,
                checksums,
                notes);
    }

    /** How many predictions and controls came out as the card wants. */
    public long asIntended() {
        return predictions.stream().filter(Row::asIntended).count();
    }

    /** The prediction that stands for the study in a list: the first about the claim. */
    public Row headline() {
        return predictions.stream()
                .filter(row -> row.role().equals("claim"))
                .findFirst()
                .orElseThrow();
    }
}
