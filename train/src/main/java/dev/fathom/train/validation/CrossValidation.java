package dev.fathom.train.validation;

import dev.fathom.data.dataset.Split;
import dev.fathom.nn.layer.Layer;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.Trainer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * What the same training gives on several splits. M. Stone, "Cross-validatory choice and assessment
 * of statistical predictions", 1974.
 *
 * <pre>{@code
 * var cv = CrossValidation.of(trainer, Folds.stratified(data, 5, 42), 32, epochs(10));
 * cv.mean("accuracy");     // and cv.sd("accuracy"); println(cv) shows all
 * }</pre>
 *
 * @param values the number of each split, by name
 */
public record CrossValidation(Map<String, List<Double>> values) {
    /** Copies, keeping the order. */
    public CrossValidation {
        var copy = new LinkedHashMap<String, List<Double>>();
        values.forEach((name, list) -> copy.put(name, List.copyOf(list)));
        values = Collections.unmodifiableMap(copy);
    }

    /**
     * Trains on each split from the same beginning and takes the validation numbers of the last
     * epoch: those of the best one would be too good, because the same examples would have chosen
     * it. The seed of the batches is the number of the split.
     *
     * @param batchSize examples in a batch
     * @param limit of each training
     */
    public static <M extends Layer, S> CrossValidation of(
            Trainer<M, S> trainer, List<Split> splits, int batchSize, Limit limit) {
        var numbered = new ArrayList<Map<String, Double>>();
        for (int i = 0; i < splits.size(); i++) {
            var split = splits.get(i);
            var batches = split.train().batches(batchSize).shuffled(i);
            var history = trainer.fit(batches, limit, split.validation()).history();
            if (history.isEmpty()) {
                throw new SettingException("cross-validation: the limit allows no training");
            }
            numbered.add(history.getLast().validation());
        }
        return of(numbered);
    }

    /** Any way of training and measuring: it may normalise by its training part, for example. */
    public static CrossValidation of(
            List<Split> splits, Function<Split, Map<String, Double>> measured) {
        return of(splits.stream().map(measured).toList());
    }

    private static CrossValidation of(List<Map<String, Double>> measured) {
        var values = new LinkedHashMap<String, List<Double>>();
        for (var one : measured) {
            if (!one.keySet().equals(measured.getFirst().keySet())) {
                throw new SettingException(
                        "cross-validation: one split gave "
                                + measured.getFirst().keySet()
                                + ", another "
                                + one.keySet());
            }
            one.forEach((name, v) -> values.computeIfAbsent(name, _ -> new ArrayList<>()).add(v));
        }
        return new CrossValidation(values);
    }

    /** The number of each split. */
    public List<Double> of(String name) {
        var list = values.get(name);
        if (list == null) {
            throw new SettingException(
                    "nothing called '" + name + "' was measured, only " + values.keySet());
        }
        return list;
    }

    /** The mean over the splits. */
    public double mean(String name) {
        return of(name).stream().mapToDouble(v -> v).average().orElse(Double.NaN);
    }

    /**
     * The standard deviation over the splits, divided by their number − 1; NaN for one. How much
     * one training differs from the next, not how sure the mean is: the splits share examples, and
     * no unbiased estimate of that exists (Y. Bengio and Y. Grandvalet, JMLR 2004).
     */
    public double sd(String name) {
        var list = of(name);
        double mean = mean(name);
        double squares = list.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / (list.size() - 1.0));
    }

    /** One line for each number: {@code accuracy 0.9500 ± 0.0100 (0.9400, 0.9600)}. */
    @Override
    public String toString() {
        var lines = new ArrayList<String>();
        for (var name : values.keySet()) {
            var parts = of(name).stream().map(v -> String.format(Locale.ROOT, "%.4f", v)).toList();
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%s %.4f ± %.4f (%s)",
                            name,
                            mean(name),
                            sd(name),
                            String.join(", ", parts)));
        }
        return String.join("\n", lines);
    }
}
