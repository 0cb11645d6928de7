package dev.fathom.train.loop;

import dev.fathom.train.error.SettingException;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The means over a whole set.
 *
 * @param values by name, {@code loss} first
 * @param examples how many examples there were
 */
public record Evaluation(Map<String, Double> values, long examples) {
    /** Keeps the order. */
    public Evaluation {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The mean loss. */
    public double loss() {
        return value("loss");
    }

    /** The number of a metric. */
    public double value(String name) {
        var value = values.get(name);
        if (value == null) {
            throw new SettingException(
                    "nothing called '" + name + "' was measured, only " + values.keySet());
        }
        return value;
    }
}
