package dev.fathom.cli.command;

import dev.fathom.cli.run.Examples;
import dev.fathom.cli.run.RunConfig;
import dev.fathom.cli.run.Tokens;
import dev.fathom.cli.terminal.Words;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The object that {@code --json} prints, its names in a fixed order. */
record Outcome(Map<String, Object> values) {
    /** Starts with how good the network is. */
    static Outcome of(RunConfig.Data data, double quality, double loss) {
        var values = new LinkedHashMap<String, Object>();
        values.put(data.classifies() ? "testAccuracy" : "testR2", quality);
        values.put("testLoss", loss);
        return new Outcome(values);
    }

    /**
     * The loss of a language model in its usual units; where a token is not a character also for
     * each character, which can be compared with other tokens.
     */
    static String language(RunConfig.Data data, Examples examples, double nats) {
        var tokens = data.windows().tokensOrDefault();
        var text =
                "%s nats or %s bits a %s, perplexity %s"
                        .formatted(
                                Words.decimals(nats),
                                Words.decimals(nats / Math.log(2)),
                                tokens.one(),
                                Words.decimals(Math.exp(nats)));
        if (tokens == Tokens.CHARACTERS) {
            return text;
        }
        double each = examples.charactersPerToken();
        return text
                + "; %s nats a character, of which a %s has %s"
                        .formatted(Words.decimals(nats / each), tokens.one(), Words.decimals(each));
    }

    /**
     * The errors that a forecast has to beat, in the unit of the series: of the last value again
     * (naive), and of the last values again, as many as are predicted (seasonal naive). Nothing for
     * other examples.
     */
    static Map<String, Double> naive(Examples examples) {
        var errors = new LinkedHashMap<String, Double>();
        examples.series()
                .ifPresent(series -> {
                    int horizon = series.test().outputs();
                    errors.put("naive RMSE", series.naiveError(1));
                    if (horizon > 1 && horizon <= series.test().featureShape().dim(0)) {
                        errors.put("seasonal naive RMSE", series.naiveError(horizon));
                    }
                });
        return errors;
    }

    /** A line that says so, if a naive forecast is as good as the network's, or better. */
    static Optional<String> beaten(Map<String, Double> naive, double rmse) {
        return naive.entrySet().stream()
                .filter(error -> error.getValue() <= rmse)
                .min(Map.Entry.comparingByValue())
                .map(best ->
                        ("the forecast is no better than repeating what was last seen: %s %s, the"
                                        + " network's %s")
                                .formatted(
                                        best.getKey(),
                                        Words.decimals(best.getValue()),
                                        Words.decimals(rmse)));
    }

    /** {@code testMacroF1} for {@code macro F1}. */
    static String camel(String name) {
        var text = new StringBuilder("test");
        for (var word : name.split(" ")) {
            text.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return text.toString();
    }

    /** Adds a value. */
    Outcome with(String name, Object value) {
        values.put(name, value);
        return this;
    }
}
