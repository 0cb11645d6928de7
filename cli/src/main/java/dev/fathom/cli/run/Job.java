package dev.fathom.cli.run;

import dev.fathom.cli.report.Page;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.dataset.Batches;
import dev.fathom.io.file.AtomicFile;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.loss.Loss;
import dev.fathom.nn.loss.Losses;
import dev.fathom.train.ensemble.BatchStatistics;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.listener.CheckpointListener;
import dev.fathom.train.listener.HistoryWriter;
import dev.fathom.train.loop.Fit;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.metric.Metric;
import dev.fathom.train.metric.Metrics;
import dev.fathom.train.run.Environment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A training to be done: from a configuration and its examples to a folder with everything in it.
 *
 * @param run where it leaves what it makes
 * @param config what is trained, and how
 * @param examples what on
 * @param resumes goes on from the newest checkpoint in the folder
 * @param checkFinite ends at the first weight that is not finite
 */
public record Job(
        Run run, RunConfig config, Examples examples, boolean resumes, boolean checkFinite) {
    private static final int AHEAD = 2;
    private static final long CHECKPOINT_STEPS = 500;
    private static final int FEW_STEPS = 100;

    /**
     * Trains, measures the result, and writes the folder.
     *
     * @param listeners who else is told
     * @return how good it is; nothing if a listener ended the run early
     */
    public Optional<Result> run(Environment environment, List<Listener> listeners) {
        if (!resumes) {
            run.folder().writeConfig(config);
            run.folder().writeEnvironment(environment);
        }
        var fit = train(listeners);
        if (fit.stopped().isPresent()) {
            return Optional.empty();
        }
        // with examples kept back, the best epoch can be chosen without a look at the test
        var trained = validates() ? fit.best() : fit.model();
        var model =
                measuresStatistics()
                        ? BatchStatistics.of(trained, batches(), key().stream("statistics"))
                        : trained;
        run.folder().saveModel(model, Map.of("model", config.model().word()));
        var scores = Scores.of(model, examples.test());
        var result =
                new Result(
                        config.data().metric(),
                        scores.quality(),
                        scores.loss(),
                        fit.history().size(),
                        validates() ? fit.bestEpoch() : fit.history().size(),
                        fit.history().stream().mapToDouble(EpochRecord::seconds).sum());
        run.write(result);
        var report =
                RunReport.of(
                        config, environment, result, fit.history(), scores, examples.test(), model);
        AtomicFile.write(run.folder().report(), Page.html(report));
        return Optional.of(result);
    }

    /**
     * True if the network has running statistics and so few steps that they, means over about ten
     * steps in which the weights changed much, are still far from those of the weights it ends
     * with. They are then measured over the training examples at the end.
     */
    public boolean measuresStatistics() {
        return config.steps() < FEW_STEPS
                && Tree.flatten(Run.fresh(config)).leaves().stream()
                        .anyMatch(leaf -> !leaf.trained() && leaf.tensor().dtype().isFloating());
    }

    /** True if examples were kept back to measure on after every epoch. */
    public boolean validates() {
        return examples.validation().isPresent();
    }

    private static Metric metric(RunConfig.Data data) {
        if (data.tokenizer().isPresent()) {
            return Metrics.of(
                    "accuracy",
                    true,
                    (z, y) ->
                            z.argMax(-1)
                                    .equalTo(y)
                                    .cast(DType.FLOAT64)
                                    .sum()
                                    .times(1.0 / y.dim(1)));
        }
        return data.classifies() ? Metrics.accuracy() : Metrics.rmse();
    }

    private Loss loss() {
        if (!config.data().classifies()) {
            return Losses.mse();
        }
        double smoothing = config.training().regularisation().smoothing();
        return smoothing > 0 ? Losses.smoothedCrossEntropy(smoothing) : Losses.crossEntropy();
    }

    private Key key() {
        return Key.of(config.seed()).stream("training");
    }

    private Batches batches() {
        var data = config.data();
        var batches =
                examples.train()
                        .batches(config.training().batch())
                        .shuffled(config.seed())
                        .prefetch(AHEAD);
        return config.training()
                .regularisation()
                .augment()
                .map(list -> Changes.of(list, data.example(), data.normalisation()))
                .map(batches::augmented)
                .orElse(batches);
    }

    private Fit<Layer> train(List<Listener> listeners) {
        var data = config.data();
        var settings = config.training();
        var all = new ArrayList<Listener>();
        if (checkFinite) {
            all.add(new FiniteWeights());
        }
        all.addAll(listeners);
        all.add(HistoryWriter.to(run.path()));
        all.add(CheckpointListener.to(run.folder().checkpoints()).everySteps(CHECKPOINT_STEPS));
        var trainer =
                Trainer.of(Run.fresh(config), loss(), settings.recipe(config.steps()))
                        .metrics(metric(data))
                        .listeners(all.toArray(Listener[]::new))
                        .key(key());
        var remedies = settings.regularisation();
        trainer = remedies.mixing().map(trainer::mixing).orElse(trainer);
        return (resumes ? trainer.resume(run.folder().checkpoints()) : trainer)
                .fit(
                        batches(),
                        Limit.epochs(settings.epochs()),
                        examples.validation().orElse(examples.test()));
    }
}
