package dev.fathom.cli.run;

import dev.fathom.cli.error.RunException;
import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.run.Network.Input;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.dataset.Normalisation;
import dev.fathom.data.dataset.Split;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.series.Forecast;
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
     * @param part takes only this many to train on, and half as many to test on
     */
    public static Examples load(
            DataSource source, double validationShare, long seed, Optional<Integer> part) {
        var loaded = source.load();
        var train = loaded.parts().train();
        var test = loaded.parts().test();
        if (part.isPresent()) {
            int n = part.get();
            boolean first = loaded.isOrdered();
            train = first ? train.take(n) : some(train, n);
            test = first ? test.take(n / 2) : some(test, n / 2);
        }
        requireSeveral(train, loaded.tokenizer().isPresent());
        Optional<Dataset> validation = Optional.empty();
        if (validationShare > 0) {
            var split =
                    loaded.isOrdered()
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
        validation = validation.map(held -> loaded.examples(held, encoder).unmapped());
        var measured = train;
        var normalisation =
                encoder.map(TableEncoder::normalisation)
                        .orElseGet(() ->
                                loaded.isOrdered()
                                        ? new Normalisation(List.of(0f), List.of(1f))
                                        : Normalisation.of(measured));
        var scale = scale(train, loaded);
        var config =
                new RunConfig.Data(
                        train.name(),
                        train.source(),
                        train.sha256(),
                        source.kind(),
                        source.text(),
                        source.target(),
                        source.windows(),
                        input(train, loaded),
                        Arrays.stream(train.featureShape().dims()).boxed().toList(),
                        train.classNames(),
                        encoder.map(TableEncoder::names).orElse(loaded.columns()),
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

    /** Refuses examples that all belong to one class. */
    private static void requireSeveral(Dataset train, boolean text) {
        if (!train.isClassification()) {
            return;
        }
        if (text && train.outputs() == 1) {
            throw new MalformedDataException(
                    "%s has only the character '%s'; there is nothing to tell apart"
                            .formatted(train.source(), train.classNames().getFirst()));
        }
        int[] different =
                text ? new int[0] : IntStream.of(train.labels()).distinct().limit(2).toArray();
        if (different.length == 1) {
            throw new MalformedDataException(
                    "%s: all %d training examples are of class '%s'; there is nothing to tell apart"
                            .formatted(
                                    train.source(),
                                    train.size(),
                                    train.classNames().get(different[0])));
        }
    }

    private static Scale scale(Dataset train, DataSource.Loaded loaded) {
        if (loaded.series().isPresent()) {
            var series = loaded.series().get();
            return new Scale(series.mean(), series.deviation());
        }
        return train.isClassification() ? Scale.NONE : Scale.of(train);
    }

    /** How many characters the tokens that are predicted in the test have on average. */
    public double charactersPerToken() {
        var tokenizer = Tokenizer.of(config.tokenizer().orElseThrow());
        int[] ids = test.all().labels().toInts();
        var text = tokenizer.decode(ids);
        return (double) text.codePointCount(0, text.length()) / ids.length;
    }

    /** The windows of a series; nothing for other examples. */
    public Optional<Forecast> series() {
        return config.input() == Input.SERIES
                ? Optional.of(
                        new Forecast(train, test, config.targetMean(), config.targetDeviation()))
                : Optional.empty();
    }

    /**
     * Reads the examples of a run again.
     *
     * @throws RunException if they have changed since
     */
    public static Examples again(RunConfig run) {
        var data = run.data();
        var part =
                run.quick()
                        ? Optional.of(Defaults.quick(Optional.of(run.model())))
                        : Optional.<Integer>empty();
        var now = load(data.origin(), data.validationShare(), run.seed(), part);
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
        boolean ready = config.input() == Input.SERIES; // standardised when it was cut
        var scaled =
                data.isClassification() || ready
                        ? data
                        : new Scale(config.targetMean(), config.targetDeviation()).applied(data);
        return config.tokenizer().isPresent() || ready
                ? scaled
                : scaled.normalisedBy(config.normalisation());
    }

    /**
     * The windows at the end of a text or a series. Between them and the others as many are left
     * out of a series as predict values that the first of them predicts.
     */
    private static Split lastOf(Dataset train, double share) {
        int held = (int) Math.round(share * train.size());
        int from = train.size() - held;
        int kept = train.isClassification() ? from : from - (train.outputs() - 1);
        if (held == 0 || kept < 1) {
            throw new UsageException(
                    "--validation %s of %d windows leaves one part empty"
                            .formatted(share, train.size()));
        }
        return new Split(
                train.take(kept), train.subset(IntStream.range(from, train.size()).toArray()));
    }

    private static Input input(Dataset data, DataSource.Loaded loaded) {
        if (data.featureShape().rank() > 1) {
            return Input.IMAGE;
        }
        if (loaded.tokenizer().isPresent()) {
            return Input.TEXT;
        }
        if (loaded.series().isPresent()) {
            return Input.SERIES;
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
