package dev.fathom.cli.run;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Layer;
import dev.fathom.train.loop.Predictor;
import dev.fathom.train.metric.Average;
import dev.fathom.train.metric.Calibration;
import dev.fathom.train.metric.ConfusionMatrix;
import dev.fathom.train.metric.Ranking;
import dev.fathom.train.metric.Regression;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a network says about every example of a data set, and how good that is. The final result of
 * a run and of {@code eval} are both made here, so that they agree to the last digit.
 *
 * @param outputs the network's output for each example
 * @param truth the class of each example as its first value, or the numbers to be predicted
 * @param classifies true if the outputs are logits of classes
 */
public record Scores(List<float[]> outputs, List<float[]> truth, boolean classifies) {
    /** Runs a network over all examples. */
    public static Scores of(Layer model, Dataset data) {
        int n = data.size();
        var labels = data.subset(0).all().labels();
        if (labels.rank() == 2 && labels.dtype() == DType.INT32) {
            return ofTokens(model, data, labels.dim(1));
        }
        var outputs = Predictor.of(model).outputs(data).toFloats();
        boolean classifies = data.isClassification();
        var truth = classifies ? floats(data.labels()) : data.all().labels().toFloats();
        return new Scores(rows(outputs, n), rows(truth, n), classifies);
    }

    /** Every token of every window is an example. */
    private static Scores ofTokens(Layer model, Dataset data, int time) {
        Layer flat = (x, pass) -> model.apply(x, pass).flatten(1); // (n, time vocabulary)
        int n = Math.multiplyExact(data.size(), time);
        var outputs = Predictor.of(flat).outputs(data).toFloats();
        return new Scores(rows(outputs, n), rows(floats(data.all().labels().toInts()), n), true);
    }

    private static List<float[]> rows(float[] values, int count) {
        int width = values.length / count;
        return IntStream.range(0, count)
                .mapToObj(i -> Arrays.copyOfRange(values, i * width, (i + 1) * width))
                .toList();
    }

    private static float[] floats(int[] values) {
        var result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    /** Number of examples. */
    public int size() {
        return outputs.size();
    }

    /** The class that example {@code i} belongs to. */
    public int label(int i) {
        return (int) truth.get(i)[0];
    }

    /** The class that the network finds most likely for example {@code i}; the first of equals. */
    public int predicted(int i) {
        return largest(outputs.get(i));
    }

    /** The place of the largest value; the first of equals. */
    static int largest(float[] values) {
        int best = 0;
        for (int c = 1; c < values.length; c++) {
            best = values[c] > values[best] ? c : best;
        }
        return best;
    }

    /** The probabilities of the classes for example {@code i}: softmax of the outputs. */
    public double[] probabilities(int i) {
        return softmax(outputs.get(i));
    }

    static double[] softmax(float[] logits) {
        double highest = logits[largest(logits)];
        var p = new double[logits.length];
        double sum = 0;
        for (int c = 0; c < p.length; c++) {
            p[c] = Math.exp(logits[c] - highest);
            sum += p[c];
        }
        for (int c = 0; c < p.length; c++) {
            p[c] /= sum;
        }
        return p;
    }

    /** {@code -ln p} of the true class of example {@code i}, without going through {@code p}. */
    private double surprise(int i) {
        var logits = outputs.get(i);
        double highest = logits[largest(logits)];
        double sum = 0;
        for (float z : logits) {
            sum += Math.exp(z - highest);
        }
        return highest + Math.log(sum) - logits[label(i)];
    }

    /** Mean cross-entropy, or mean squared error in the units the network was trained in. */
    public double loss() {
        return IntStream.range(0, size()).mapToDouble(this::loss).sum() / size();
    }

    private double loss(int i) {
        if (classifies) {
            return surprise(i);
        }
        double sum = 0;
        for (int k = 0; k < truth.get(i).length; k++) {
            double error = outputs.get(i)[k] - truth.get(i)[k];
            sum += error * error;
        }
        return sum / truth.get(i).length;
    }

    /**
     * For classes the share of examples that are right; for numbers the coefficient of
     * determination, {@code R² = 1 - Σ(y - ŷ)² / Σ(y - ȳ)²}, the mean over the numbers.
     */
    public double quality() {
        return classifies ? accuracy() : determination();
    }

    private double accuracy() {
        return (double) IntStream.range(0, size()).filter(i -> predicted(i) == label(i)).count()
                / size();
    }

    private double determination() {
        int width = truth.getFirst().length;
        return IntStream.range(0, width).mapToDouble(this::determination).sum() / width;
    }

    private double determination(int k) {
        double mean = truth.stream().mapToDouble(t -> t[k]).sum() / size();
        double total = truth.stream().mapToDouble(t -> (t[k] - mean) * (t[k] - mean)).sum();
        double left =
                IntStream.range(0, size())
                        .mapToDouble(i -> outputs.get(i)[k] - truth.get(i)[k])
                        .map(e -> e * e)
                        .sum();
        return total > 0 ? 1 - left / total : 0;
    }

    /**
     * What else is worth knowing, by name: for classes how even the quality is over them and how
     * far the probabilities can be trusted, for numbers the usual errors.
     *
     * @param unit the length of 1 in the target's unit
     */
    public Map<String, Double> more(double unit) {
        var numbers = new LinkedHashMap<String, Double>();
        int width = outputs.getFirst().length;
        var all = new double[size() * width];
        for (int i = 0; i < size(); i++) {
            for (int c = 0; c < width; c++) {
                all[i * width + c] = outputs.get(i)[c];
            }
        }
        Tensor values = Tensor.of(all, size(), width); // (n, width)
        if (!classifies) {
            var wanted = new double[all.length];
            for (int i = 0; i < all.length; i++) {
                wanted[i] = truth.get(i / width)[i % width];
            }
            var errors = Regression.of(values, Tensor.of(wanted, size(), width));
            numbers.put("RMSE", errors.rmse() * unit);
            numbers.put("MAE", errors.mae() * unit);
            return numbers;
        }
        var labels = IntStream.range(0, size()).map(this::label).toArray();
        var names = IntStream.range(0, width).mapToObj(Integer::toString).toList();
        var predicted = IntStream.range(0, size()).map(this::predicted).toArray();
        var confusion = ConfusionMatrix.of(labels, predicted, names);
        numbers.put("macro F1", confusion.f1(Average.MACRO));
        Tensor p = Functions.softmax(values, -1);
        numbers.put("AUROC", Ranking.macro(Ranking.aurocOneVsRest(p, labels)));
        numbers.put("calibration error", Calibration.of(p, labels).ece());
        return numbers;
    }

    /** How often an example of class {@code i} was taken for one of class {@code j}. */
    public List<List<Integer>> confusion(int classes) {
        var counts = new int[classes][classes];
        for (int i = 0; i < size(); i++) {
            counts[label(i)][predicted(i)]++;
        }
        return Arrays.stream(counts).map(row -> IntStream.of(row).boxed().toList()).toList();
    }

    /** The examples taken for something else, the least expected truth first. */
    public List<Integer> mistakes(int most) {
        return IntStream.range(0, size())
                .filter(i -> predicted(i) != label(i))
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> surprise(i)).reversed())
                .limit(most)
                .toList();
    }
}
