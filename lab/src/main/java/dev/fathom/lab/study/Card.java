package dev.fathom.lab.study;

import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.study.Prediction.Role;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * All that is fixed before a study runs: what it claims, where the claim comes from, what it
 * predicts and how that is judged, what it costs. Written from top to bottom:
 *
 * <pre>{@code
 * Card.of("L09", "momentum-sqrt", Oracle.EXACT)
 *         .claim("Momentum needs √κ iterations where gradient descent needs κ.")
 *         .predict("gradient descent, κ = 100", near(611).withinPercent(2))
 *         .positive(..)
 *         .sabotage(..)
 *         .cost(seconds, bytes, flop)
 * }</pre>
 *
 * @param id its number in the list of studies, such as {@code L09}; or that of the erratum it shows
 * @param name lower-case words with hyphens: what the command line calls it
 * @param oracle the kind that holds where a prediction does not name another
 * @param starred whether the tour shows it
 * @param seeds how many seeds the tier asks for
 */
public record Card(
        String id,
        String name,
        Oracle oracle,
        boolean starred,
        Map<Part, String> parts,
        int seeds,
        Cost cost,
        List<Prediction> predictions) {

    /** The texts on a card. */
    public enum Part {
        /** One sentence. */
        CLAIM,
        /** Which of the texts says so, and where. */
        TEXT,
        /** Authors, title, year, number of the theorem or the figure. */
        PAPER,
        /** One paragraph for a lecture: why it is so, and what to look at. */
        STORY,
        /** The symbols used, one line each. */
        NOTATION,
        /** How the data are made or where they come from, with a checksum where they are a file. */
        DATA
    }

    /**
     * What one run of all seeds takes, estimated before.
     *
     * @param seconds on two cores
     * @param bytes the most that is held at a time
     * @param flop floating-point operations
     */
    public record Cost(double seconds, double bytes, double flop) {}

    /** The parts and predictions cannot change behind the card's back. */
    public Card {
        var ordered = new EnumMap<Part, String>(Part.class);
        ordered.putAll(parts);
        parts = Collections.unmodifiableMap(ordered);
        predictions = List.copyOf(predictions);
    }

    /** An empty card, of one seed. */
    public static Card of(String id, String name, Oracle oracle) {
        return new Card(id, name, oracle, false, Map.of(), 1, new Cost(1, 0, 0), List.of());
    }

    /** The sentence that is put to the test. */
    public Card claim(String sentence) {
        return with(Part.CLAIM, sentence);
    }

    /** Which text says so, and where: {@code 003, momentum}. */
    public Card text(String place) {
        return with(Part.TEXT, place);
    }

    /** Authors, title, year, number of the theorem or the figure. */
    public Card paper(String citation) {
        return with(Part.PAPER, citation);
    }

    /** One paragraph for a lecture: why it is so, and what to look at. */
    public Card story(String paragraph) {
        return with(Part.STORY, paragraph);
    }

    /** The symbols used, one line each. */
    public Card notation(String lines) {
        return with(Part.NOTATION, lines);
    }

    /** How the data are made, or which file with which checksum. */
    public Card data(String recipe) {
        return with(Part.DATA, recipe);
    }

    /** Puts it into the tour. */
    public Card star() {
        return new Card(id, name, oracle, true, parts, seeds, cost, predictions);
    }

    /** How many seeds the tier asks for. */
    public Card seeds(int count) {
        return new Card(id, name, oracle, starred, parts, count, cost, predictions);
    }

    /** What all seeds together take on two cores, estimated. */
    public Card cost(double seconds, double bytes, double flop) {
        return new Card(
                id,
                name,
                oracle,
                starred,
                parts,
                seeds,
                new Cost(seconds, bytes, flop),
                predictions);
    }

    /** A prediction that decides about the claim. */
    public Card predict(String name, Expectation expectation) {
        return predict(name, oracle, expectation);
    }

    /** A prediction that decides about the claim, of its own kind. */
    public Card predict(String name, Oracle kind, Expectation expectation) {
        return add(new Prediction(name, Role.CLAIM, kind, expectation, Double.NaN));
    }

    /** The number that the paper prints for the last prediction. */
    public Card paperSays(double number) {
        var last = predictions.getLast();
        var all = new ArrayList<>(predictions.subList(0, predictions.size() - 1));
        all.add(
                new Prediction(
                        last.name(), last.role(), last.oracle(), last.expectation(), number));
        return new Card(id, name, oracle, starred, parts, seeds, cost, all);
    }

    /** A control that must hold, or the instrument is broken. */
    public Card positive(String name, Expectation expectation) {
        return add(new Prediction(name, Role.POSITIVE, Oracle.EXACT, expectation, Double.NaN));
    }

    /** What would be claimed of a deliberately broken variant; it must fail. */
    public Card sabotage(String name, Expectation expectation) {
        return add(new Prediction(name, Role.SABOTAGE, Oracle.EXACT, expectation, Double.NaN));
    }

    /** The text of a part, empty if it was not written. */
    public String part(Part part) {
        return parts.getOrDefault(part, "");
    }

    /** The sentence that is put to the test. */
    public String claim() {
        return part(Part.CLAIM);
    }

    /** The prediction about a measurement. */
    public Optional<Prediction> prediction(String measurement) {
        return predictions.stream().filter(p -> p.name().equals(measurement)).findFirst();
    }

    /** The predictions of a role, in the order of the card. */
    public List<Prediction> predictions(Role role) {
        return predictions.stream().filter(p -> p.role() == role).toList();
    }

    /**
     * This card.
     *
     * @throws StudyException if something is missing without which no verdict can be trusted
     */
    public Card checked() {
        for (var part : List.of(Part.CLAIM, Part.TEXT, Part.STORY, Part.DATA)) {
            require(!part(part).isBlank(), "its " + part.name().toLowerCase(Locale.ROOT));
        }
        require(!predictions(Role.CLAIM).isEmpty(), "a prediction: .predict(name, near(..))");
        require(!predictions(Role.POSITIVE).isEmpty(), "a control that must hold: .positive(..)");
        require(!predictions(Role.SABOTAGE).isEmpty(), "a control that must fail: .sabotage(..)");
        long names = predictions.stream().map(Prediction::name).distinct().count();
        require(names == predictions.size(), "predictions whose names differ");
        require(seeds >= 1, "a seed: .seeds(1) or more");
        require(
                cost.seconds() > 0 && Double.isFinite(cost.seconds()),
                "a cost in seconds: .cost(seconds, bytes, flop)");
        require(name.matches("[a-z0-9]+(-[a-z0-9]+)*"), "a name such as momentum-sqrt");
        return this;
    }

    private void require(boolean present, String what) {
        if (!present) {
            throw new StudyException("study %s (%s): the card lacks %s".formatted(id, name, what));
        }
    }

    private Card with(Part part, String text) {
        var all = new EnumMap<Part, String>(Part.class);
        all.putAll(parts);
        all.put(part, text.strip());
        return new Card(id, name, oracle, starred, all, seeds, cost, predictions);
    }

    private Card add(Prediction prediction) {
        var all = new ArrayList<>(predictions);
        all.add(prediction);
        return new Card(id, name, oracle, starred, parts, seeds, cost, all);
    }
}
