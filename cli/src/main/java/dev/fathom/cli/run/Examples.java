package dev.fathom.cli.run;

import dev.fathom.cli.error.RunException;
import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.run.Network.Input;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.dataset.Normalisation;
import dev.fathom.data.dataset.Split;
import dev.fathom.data.table.TableEncoder;
import dev.fathom.data.text.Tokenizer;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A run's examples as the network gets them: features of mean 0 and deviation 1, numbers to predict
 * as well.
 *
 * @param train what is learned from
 * @param validation what was kept back from it, if anything
 * @param test what the result is measured on
 * @param config how they came about
 */
public record Examples(
        Dataset train, Optional<Dataset> validation, Dataset test, RunConfig.Data config) {
    private static final long QUICK_SEED = 1;

    /**
     * Reads and prepares examples for a new run.
     *
     * @param validationShare the share of the training examples to keep back, 0 for none
     * @param seed chooses which are kept back
     * @param quick takes only some of them
     */
    public static Examples load(
            DataSource source, double validationShare, long seed, boolean quick) {
        var loaded = source.load();
        var train = loaded.parts().train();
        var test = loaded.parts().test();
        if (quick) {
            boolean text = loaded.tokenizer().isPresent();
            train = text ? train.take(Defaults.QUICK_TRAIN) : some(train, Defaults.QUICK_TRAIN);
            test = text ? test.take(Defaults.QUICK_TEST) : some(test, Defaults.QUICK_TEST);
        }
        Optional<Dataset> validation = Optional.empty();
        if (validationShare > 0) {
            var split =
                    loaded.tokenizer().isPresent()
                            ? lastOf(train, validationShare)
                            : train.isClassification()
                                    ? train.splitStratified(validationShare, seed)
                                    : train.split(validationShare, seed);
            train = split.train();
            validation = Optional.of(split.validation());
        }
        var encoder = loaded.encoder(train);
        train = loaded.examples(train, encoder).unmapped();
        test = loaded.examples(test, encoder).unmapped();
        validation = validation.map(part -> loaded.examples(part, encoder).unmapped());
        var measured = train;
        var normalisation =
                encoder.map(TableEncoder::normalisation)
                        .orElseGet(() ->
                                loaded.tokenizer().isPresent()
                                        ? new Normalisation(List.of(0f), List.of(1f))
                                        : Normalisation.of(measured));
        var scale = train.isClassification() ? Scale.NONE : Scale.of(train);
        var config =
                new RunConfig.Data(
                        train.name(),
                        train.source(),
                        train.sha256(),
                        source.kind(),
                        source.text(),
                        source.target(),
                        input(train, loaded),
                        Arrays.stream(train.featureShape().dims()).boxed().toList(),
                        train.classNames(),
                        encoder.map(TableEncoder::names).orElse(List.of()),
                        loaded.targets(),
                        train.size(),
                        validation.map(Dataset::size).orElse(0),
                        test.size(),
                        validationShare,
                        normalisation.mean(),
                        normalisation.deviation(),
                        scale.mean,
                        scale.deviation,
                        loaded.tokenizer().map(Tokenizer::saved),
                        encoder);
        return prepared(train, validation, test, config);
    }

    /**
     * Reads the examples of a run again.
     *
     * @throws RunException if they have changed since
     */
    public static Examples again(RunConfig run) {
        var data = run.data();
        var now = load(data.origin(), data.validationShare(), run.seed(), run.quick());
        if (!now.config().sha256().equals(data.sha256())) {
            throw new RunException(
                    data.text()
                            + " is not what this run was trained on: its SHA-256 is "
                            + now.config().sha256()
                            + " and was "
                            + data.sha256());
        }
        return now;
    }

    private static Examples prepared(
            Dataset train, Optional<Dataset> validation, Dataset test, RunConfig.Data config) {
        return new Examples(
                prepared(train, config),
                validation.map(data -> prepared(data, config)),
                prepared(test, config),
                config);
    }

    private static Dataset prepared(Dataset data, RunConfig.Data config) {
        var scaled =
                data.isClassification()
                        ? data
                        : new Scale(config.targetMean(), config.targetDeviation()).applied(data);
        return config.tokenizer().isPresent()
                ? scaled
                : scaled.normalisedBy(config.normalisation());
    }

    /** The windows at the end of a text. */
    private static Split lastOf(Dataset train, double share) {
        int held = (int) Math.round(share * train.size());
        if (held == 0 || held == train.size()) {
            throw new UsageException(
                    "--validation %s of %d windows of text leaves one part empty"
                            .formatted(share, train.size()));
        }
        int from = train.size() - held;
        return new Split(
                train.take(from), train.subset(IntStream.range(from, train.size()).toArray()));
    }

    private static Input input(Dataset data, DataSource.Loaded loaded) {
        if (data.featureShape().rank() > 1) {
            return Input.IMAGE;
        }
        if (loaded.tokenizer().isPresent()) {
            return Input.TEXT;
        }
        return loaded.table().isPresent() ? Input.TABLE : Input.SEQUENCE;
    }

    /** Some examples in their order, the classes in their proportions; always the same ones. */
    private static Dataset some(Dataset data, int count) {
        if (data.size() <= count) {
            return data;
        }
        double share = (double) count / data.size();
        return data.isClassification()
                ? data.splitStratified(share, QUICK_SEED).validation()
                : data.split(share, QUICK_SEED).validation();
    }

    /** Brings the numbers to predict to mean 0 and deviation 1. */
    private record Scale(double mean, double deviation) {
        static final Scale NONE = new Scale(0, 1);

        static Scale of(Dataset train) {
            var values = train.all().labels().toFloats();
            double mean = 0;
            for (float v : values) {
                mean += v / values.length;
            }
            double variance = 0;
            for (float v : values) {
                variance += (v - mean) * (v - mean) / values.length;
            }
            double deviation = Math.sqrt(variance);
            return new Scale(mean, deviation > 0 ? deviation : 1);
        }

        Dataset applied(Dataset data) {
            var all = data.all();
            var targets = all.labels().toFloats();
            for (int i = 0; i < targets.length; i++) {
                targets[i] = (float) ((targets[i] - mean) / deviation);
            }
            return Dataset.ofFloats(
                            all.features().toFloats(), data.featureShape(), targets, data.outputs())
                    .describedAs(data.name(), data.source(), data.sha256());
        }
    }
}
