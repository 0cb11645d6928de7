package dev.fathom.cli.command;

import dev.fathom.cli.run.RunConfig;
import dev.fathom.cli.terminal.Words;

import java.util.LinkedHashMap;
import java.util.Map;

/** The object that {@code --json} prints, its names in a fixed order. */
record Outcome(Map<String, Object> values) {
    /** Starts with how good the network is. */
    static Outcome of(RunConfig.Data data, double quality, double loss) {
        var values = new LinkedHashMap<String, Object>();
        values.put(data.classifies() ? "testAccuracy" : "testR2", quality);
        values.put("testLoss", loss);
        return new Outcome(values);
    }

    /** The loss of a language model in its usual units. */
    static String perCharacter(double nats) {
        return "%s nats or %s bits a character, perplexity %s"
                .formatted(
                        Words.decimals(nats),
                        Words.decimals(nats / Math.log(2)),
                        Words.decimals(Math.exp(nats)));
    }

    /** Adds a value. */
    Outcome with(String name, Object value) {
        values.put(name, value);
        return this;
    }
}
