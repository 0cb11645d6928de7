package dev.fathom.train.loop;

import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Jitted;
import dev.fathom.data.dataset.Batches;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Loss;
import dev.fathom.train.checkpoint.Sums;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.metric.Metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures models on whole data sets: the exact mean over all examples, whatever the size of the
 * batches. Compiled once for full batches and once for an odd last one. Safe to use from several
 * threads.
 *
 * @param <M> the models measured
 */
public final class Evaluator<M extends Layer> {
    private static final int BATCH = 256;

    private final List<Metric> metrics;
    private final Jitted<Input<M>, Output> compiled;

    /** What the compiled function takes. */
    record Input<M>(M model, Tensor features, Tensor labels) {}

    /** What it gives: the mean loss of the batch and the sums of the metrics. */
    record Output(Tensor loss, List<Tensor> totals) {}

    private Evaluator(Loss loss, List<Metric> metrics) {
        this.metrics = metrics;
        this.compiled =
                jit(in -> {
                    Tensor output = in.model().apply(in.features(), Pass.eval());
                    return new Output(
                            loss.apply(output, in.labels()), totals(metrics, output, in.labels()));
                });
    }

    /** Measures a loss and metrics. */
    public static <M extends Layer> Evaluator<M> of(Loss loss, Metric... metrics) {
        return of(loss, List.of(metrics));
    }

    /** Measures a loss and metrics. */
    public static <M extends Layer> Evaluator<M> of(Loss loss, List<Metric> metrics) {
        checkNames(metrics);
        return new Evaluator<>(loss, List.copyOf(metrics));
    }

    static void checkNames(List<Metric> metrics) {
        var names = new LinkedHashMap<String, Metric>();
        for (var metric : metrics) {
            if (metric.name().equals("loss") || names.put(metric.name(), metric) != null) {
                throw new SettingException(
                        "two numbers would be called '"
                                + metric.name()
                                + "'; rename one with Metrics.of(name, ..)");
            }
        }
    }

    static List<Tensor> totals(List<Metric> metrics, Tensor output, Tensor labels) {
        return metrics.stream().map(m -> m.total(output, labels)).toList();
    }

    static Map<String, Double> means(List<Metric> metrics, Sums sums) {
        var means = new LinkedHashMap<String, Double>();
        means.put("loss", sums.loss() / sums.examples());
        for (int i = 0; i < metrics.size(); i++) {
            var metric = metrics.get(i);
            means.put(metric.name(), metric.shown(sums.metrics().get(i) / sums.examples()));
        }
        return means;
    }

    /** The means over all examples of {@code data}. */
    public Evaluation evaluate(M model, Dataset data) {
        return evaluate(model, batches(data));
    }

    static Batches batches(Dataset data) {
        return data.batches(Math.min(BATCH, data.size()));
    }

    /** The means over the examples of these batches, in the order of their first epoch. */
    public Evaluation evaluate(M model, Batches batches) {
        var sums = Sums.zero(metrics.size());
        for (var batch : batches.epoch(0)) {
            var out = compiled.apply(new Input<>(model, batch.features(), batch.labels()));
            sums =
                    sums.plus(
                            out.loss().item(),
                            out.totals().stream().map(Tensor::item).toList(),
                            batch.size());
        }
        return new Evaluation(means(metrics, sums), sums.examples());
    }
}
