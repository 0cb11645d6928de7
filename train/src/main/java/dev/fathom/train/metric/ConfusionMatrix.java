package dev.fathom.train.metric;

import dev.fathom.train.error.SettingException;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/**
 * How often an example of one class was taken for another: {@code
 * counts.get(truth).get(predicted)}.
 *
 * @param classes the names, in order of the class numbers
 * @param counts one row for each true class, one column for each predicted class
 */
public record ConfusionMatrix(List<String> classes, List<List<Integer>> counts) {
    /** Copies the lists. */
    public ConfusionMatrix {
        classes = List.copyOf(classes);
        counts = counts.stream().map(List::copyOf).toList();
    }

    /** Counted from the true and the predicted class of each example. */
    public static ConfusionMatrix of(int[] truth, int[] predicted, List<String> classes) {
        int k = classes.size();
        if (truth.length != predicted.length) {
            throw new SettingException(
                    "a confusion matrix needs one prediction per example, not "
                            + predicted.length
                            + " for "
                            + truth.length);
        }
        var counts = new int[k][k];
        for (int i = 0; i < truth.length; i++) {
            if (truth[i] < 0 || truth[i] >= k || predicted[i] < 0 || predicted[i] >= k) {
                throw new SettingException(
                        "example "
                                + i
                                + " has the classes "
                                + truth[i]
                                + " and "
                                + predicted[i]
                                + " of "
                                + k
                                + ", which are numbered from 0");
            }
            counts[truth[i]][predicted[i]]++;
        }
        var rows = new ArrayList<List<Integer>>();
        for (var row : counts) {
            var list = new ArrayList<Integer>();
            for (int n : row) {
                list.add(n);
            }
            rows.add(list);
        }
        return new ConfusionMatrix(classes, rows);
    }

    /** How often class {@code truth} was taken for class {@code predicted}. */
    public int count(int truth, int predicted) {
        return counts.get(truth).get(predicted);
    }

    /** All examples. */
    public long total() {
        return counts.stream().flatMap(List::stream).mapToLong(n -> n).sum();
    }

    /** The share of the diagonal; NaN without examples. */
    public double accuracy() {
        long right = 0;
        for (int i = 0; i < classes.size(); i++) {
            right += count(i, i);
        }
        return (double) right / total();
    }

    /**
     * Of the examples taken for class {@code c}, the share that are of it; NaN if there are none.
     */
    public double precision(int c) {
        long taken = 0;
        for (int i = 0; i < classes.size(); i++) {
            taken += count(i, c);
        }
        return (double) count(c, c) / taken;
    }

    /**
     * Of the examples of class {@code c}, the share that were taken for it; NaN if there are none.
     */
    public double recall(int c) {
        long all = counts.get(c).stream().mapToLong(n -> n).sum();
        return (double) count(c, c) / all;
    }

    /** The harmonic mean of precision and recall of class {@code c}: 2 tp / (2 tp + fp + fn). */
    public double f1(int c) {
        long off = 0;
        for (int i = 0; i < classes.size(); i++) {
            off += i == c ? 0 : count(i, c) + count(c, i);
        }
        return 2.0 * count(c, c) / (2.0 * count(c, c) + off);
    }

    /**
     * The precision of several classes as one number. Classes that are neither in the examples nor
     * in the predictions are left out; one that is never predicted counts as 0, as everywhere in
     * the field.
     */
    public double precision(Average average) {
        return averaged(average, this::precision);
    }

    /** The recall likewise; macro recall is also called balanced accuracy. */
    public double recall(Average average) {
        return averaged(average, this::recall);
    }

    /** F1 likewise: macro F1 is the mean of the classes' F1, not the F1 of mean values. */
    public double f1(Average average) {
        return averaged(average, this::f1);
    }

    private double averaged(Average average, IntToDoubleFunction of) {
        if (average == Average.MICRO) {
            return accuracy();
        }
        double sum = 0;
        double weights = 0;
        for (int c = 0; c < classes.size(); c++) {
            double value = of.applyAsDouble(c);
            long examples = counts.get(c).stream().mapToLong(n -> n).sum();
            boolean present = !Double.isNaN(f1(c));
            double weight = average == Average.WEIGHTED ? examples : present ? 1 : 0;
            sum += Double.isNaN(value) ? 0 : weight * value;
            weights += weight;
        }
        return sum / weights;
    }

    /** A table: a row for each true class, a column for each predicted one. */
    @Override
    public String toString() {
        int name = classes.stream().mapToInt(String::length).max().orElse(0);
        int cell =
                Math.max(String.valueOf(total()).length(), String.valueOf(classes.size()).length())
                        + 1;
        var text = new StringBuilder(" ".repeat(name));
        for (int j = 0; j < classes.size(); j++) {
            text.append(String.format(Locale.ROOT, "%" + cell + "d", j));
        }
        for (int i = 0; i < classes.size(); i++) {
            text.append('\n')
                    .append(classes.get(i))
                    .append(" ".repeat(name - classes.get(i).length()));
            for (int j = 0; j < classes.size(); j++) {
                text.append(String.format(Locale.ROOT, "%" + cell + "d", count(i, j)));
            }
        }
        return text.toString();
    }
}
