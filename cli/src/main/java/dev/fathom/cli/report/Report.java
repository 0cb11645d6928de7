package dev.fathom.cli.report;

import java.util.List;
import java.util.Optional;

/**
 * What a page about a run tells.
 *
 * @param title the heading
 * @param subtitle a sentence below it
 * @param results the numbers that matter, in large type
 * @param charts curves over the epochs
 * @param confusion which class was taken for which, for classifiers
 * @param scatter predicted against true values, for models that predict a number
 * @param mistakes examples the model got most wrong, the worst first
 * @param weights what the first layer has learned
 * @param sections tables of settings and surroundings
 * @param history the numbers behind the charts
 */
public record Report(
        String title,
        String subtitle,
        List<Fact> results,
        List<Chart> charts,
        Optional<Confusion> confusion,
        Optional<Scatter> scatter,
        List<Mistake> mistakes,
        Optional<Weights> weights,
        List<Section> sections,
        Grid history) {
    /** A name and its value. */
    public record Fact(String name, String value) {}

    /** A curve; a point that is not finite is a gap. */
    public record Series(String name, List<Double> values) {
        /** Copies the values. */
        public Series {
            values = List.copyOf(values);
        }
    }

    /**
     * Curves over a common axis.
     *
     * @param isShare true if the values lie between 0 and 1 and are shown in per cent
     */
    public record Chart(
            String title, String axis, List<Double> x, boolean isShare, List<Series> series) {
        /** Copies the lists. */
        public Chart {
            x = List.copyOf(x);
            series = List.copyOf(series);
        }
    }

    /**
     * How often an example of class {@code i} was taken for one of class {@code j}: {@code
     * counts.get(i).get(j)}.
     */
    public record Confusion(List<String> classes, List<List<Integer>> counts) {
        /** Copies the lists. */
        public Confusion {
            classes = List.copyOf(classes);
            counts = counts.stream().map(List::copyOf).toList();
        }
    }

    /** Predicted against true values. */
    public record Scatter(List<Double> truth, List<Double> predicted) {}

    /**
     * An example that was taken for something else.
     *
     * @param certainty the probability of what was predicted
     * @param truthCertainty the probability of what is true
     */
    public record Mistake(
            Figure figure,
            int index,
            String predicted,
            String truth,
            double certainty,
            double truthCertainty) {}

    /** Weights as pictures, all on one scale. */
    public record Weights(String title, String note, List<Figure> figures) {}

    /** A table of two columns. */
    public record Section(String title, List<Fact> facts) {}

    /** A table of any number of columns. */
    public record Grid(List<String> headings, List<List<String>> rows) {}
}
