package dev.fathom.cli.run;

import dev.fathom.cli.report.Figure;
import dev.fathom.cli.report.Report;
import dev.fathom.cli.report.Report.Chart;
import dev.fathom.cli.report.Report.Confusion;
import dev.fathom.cli.report.Report.Fact;
import dev.fathom.cli.report.Report.Grid;
import dev.fathom.cli.report.Report.Mistake;
import dev.fathom.cli.report.Report.Scatter;
import dev.fathom.cli.report.Report.Section;
import dev.fathom.cli.report.Report.Series;
import dev.fathom.cli.terminal.Words;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Layer;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.run.Environment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Tells a run as a {@link Report}. */
final class RunReport {
    private static final int MISTAKES = 28;
    private static final int POINTS = 200;

    private final RunConfig config;
    private final Environment environment;
    private final Result result;
    private final List<EpochRecord> history;

    private RunReport(
            RunConfig config, Environment environment, Result result, List<EpochRecord> history) {
        this.config = config;
        this.environment = environment;
        this.result = result;
        this.history = history;
    }

    /**
     * The report of a finished run.
     *
     * @param scores the network's output for every test example
     * @param test the test examples
     */
    static Report of(
            RunConfig config,
            Environment environment,
            Result result,
            List<EpochRecord> history,
            Scores scores,
            Dataset test,
            Layer model) {
        return new RunReport(config, environment, result, history).report(scores, test, model);
    }

    private Report report(Scores scores, Dataset test, Layer model) {
        var data = config.data();
        return new Report(
                config.model().word() + " on " + data.name(),
                "%s over %s, measured on %s that were not trained on%s%s."
                        .formatted(
                                Words.count(result.epochs(), "epoch"),
                                Words.count(data.train(), "example"),
                                Words.count(data.test()),
                                data.validation() > 0
                                        ? "; the network of epoch " + result.kept() + " is kept"
                                        : "",
                                config.quick() ? "; a quick run on a part of the data" : ""),
                List.of(
                        new Fact("test " + result.metric(), quality(result.testQuality())),
                        new Fact("test loss", Words.decimals(result.testLoss())),
                        new Fact("of training", Words.time(result.seconds())),
                        new Fact("parameters", Words.count(config.parameters()))),
                charts(scores, test),
                data.classifies() && data.tokenizer().isEmpty()
                        ? Optional.of(
                                new Confusion(
                                        data.classes(), scores.confusion(data.classes().size())))
                        : Optional.empty(),
                data.classifies() ? Optional.empty() : Optional.of(scatter(scores)),
                data.classifies() && data.tokenizer().isEmpty()
                        ? mistakes(scores, test.unmapped())
                        : List.of(),
                FirstLayer.of(model, data),
                List.of(configuration(), surroundings()),
                numbers());
    }

    private String quality(double value) {
        return config.data().classifies() ? Words.percent(value) : Words.number(value);
    }

    // ---- curves ----

    private List<Chart> charts(Scores scores, Dataset test) {
        boolean share = config.data().classifies();
        var charts = new ArrayList<Chart>();
        if (config.data().input() == Network.Input.SERIES) {
            charts.add(forecast(scores, test));
        }
        charts.add(chart("Loss", "loss", false, result.testLoss()));
        charts.add(
                chart(
                        share ? "Accuracy" : "Error (RMSE)",
                        config.data().curve(),
                        share,
                        share ? result.testQuality() : Double.NaN));
        charts.add(course());
        return charts;
    }

    /** The last test example: what was known, what came, and what was predicted. */
    private Chart forecast(Scores scores, Dataset test) {
        var data = config.data();
        var known = test.subset(test.size() - 1).all().features().toFloats();
        var came = scores.truth().getLast();
        var predicted = scores.outputs().getLast();
        int now = known.length;
        var x =
                IntStream.range(0, now + came.length)
                        .mapToObj(i -> (double) (i + 1 - now))
                        .toList();
        var truth = new ArrayList<Double>();
        var forecast = new ArrayList<>(Collections.nCopies(now, Double.NaN));
        for (float value : known) {
            truth.add(value * data.targetDeviation() + data.targetMean());
        }
        forecast.set(now - 1, truth.getLast()); // where it sets out
        for (int k = 0; k < came.length; k++) {
            truth.add(came[k] * data.targetDeviation() + data.targetMean());
            forecast.add(predicted[k] * data.targetDeviation() + data.targetMean());
        }
        return new Chart(
                "Forecast of the last test example",
                "values from now",
                x,
                false,
                List.of(
                        new Series(data.columns().getFirst(), truth),
                        new Series("forecast", forecast)));
    }

    /** The learning rate over all steps. */
    private Chart course() {
        var rates = config.learningRates(POINTS);
        double epochs = config.training().epochs();
        var x =
                IntStream.range(0, rates.size())
                        .mapToObj(i -> epochs * i / Math.max(1, rates.size() - 1))
                        .toList();
        return new Chart("Learning rate", "epoch", x, false, List.of(new Series("rate", rates)));
    }

    private List<Double> epochs() {
        return history.stream().map(record -> (double) record.epoch()).toList();
    }

    /** With examples kept back for validation, the test examples are measured only at the end. */
    private Chart chart(String title, String name, boolean isShare, double atTheEnd) {
        var series = new ArrayList<Series>();
        series.add(new Series("train", values(EpochRecord::train, name)));
        boolean validates = config.data().validation() > 0;
        series.add(
                new Series(
                        validates ? "validation" : "test", values(EpochRecord::validation, name)));
        if (validates && Double.isFinite(atTheEnd) && !history.isEmpty()) {
            var once = new ArrayList<>(Collections.nCopies(history.size(), Double.NaN));
            once.set(result.kept() - 1, atTheEnd);
            series.add(new Series("test", once));
        }
        return new Chart(title, "epoch", epochs(), isShare, series);
    }

    private List<Double> values(Function<EpochRecord, Map<String, Double>> part, String name) {
        return history.stream()
                .map(record -> part.apply(record).getOrDefault(name, Double.NaN))
                .toList();
    }

    private List<Double> learningRates() {
        var schedule = config.training().schedule(config.steps());
        return history.stream().map(record -> schedule.at(record.step() - 1)).toList();
    }

    private Grid numbers() {
        var name = config.data().curve();
        var kept = config.data().validation() > 0 ? "validation" : "test";
        var rates = learningRates();
        var rows = new ArrayList<List<String>>();
        for (int i = 0; i < history.size(); i++) {
            var record = history.get(i);
            rows.add(
                    List.of(
                            Integer.toString(record.epoch()),
                            Words.number(rates.get(i)),
                            cell(record.train(), "loss"),
                            cell(record.train(), name),
                            cell(record.validation(), "loss"),
                            cell(record.validation(), name),
                            Words.time(record.seconds())));
        }
        return new Grid(
                List.of(
                        "epoch",
                        "learning rate",
                        "train loss",
                        "train " + name,
                        kept + " loss",
                        kept + " " + name,
                        "time"),
                rows);
    }

    private static String cell(Map<String, Double> values, String name) {
        var value = values.get(name);
        return value == null ? "" : Words.decimals(value);
    }

    // ---- examples ----

    private List<Mistake> mistakes(Scores scores, Dataset raw) {
        var classes = config.data().classes();
        return scores.mistakes(MISTAKES).stream()
                .map(i -> {
                    var p = scores.probabilities(i);
                    return new Mistake(
                            figure(raw, i),
                            i,
                            classes.get(scores.predicted(i)),
                            classes.get(scores.label(i)),
                            p[scores.predicted(i)],
                            p[scores.label(i)]);
                })
                .toList();
    }

    private Figure figure(Dataset raw, int i) {
        var values = new float[raw.featureShape().length()];
        raw.readFeatures(i, values, 0);
        var data = config.data();
        return switch (data.input()) {
            case IMAGE ->
                    Figure.Pixels.of(
                            values, data.shape().get(0), data.shape().get(1), data.shape().get(2));
            case SEQUENCE, SERIES -> new Figure.Curve(boxed(values));
            case TABLE, TEXT ->
                    new Figure.Values(
                            IntStream.range(0, values.length)
                                    .mapToObj(c ->
                                            new Fact(
                                                    data.columns().get(c), Words.number(values[c])))
                                    .toList());
        };
    }

    private static List<Float> boxed(float[] values) {
        var list = new ArrayList<Float>(values.length);
        for (float v : values) {
            list.add(v);
        }
        return list;
    }

    private Scatter scatter(Scores scores) {
        var data = config.data();
        Function<List<float[]>, List<Double>> inUnits =
                rows ->
                        rows.stream()
                                .flatMap(row -> boxed(row).stream())
                                .map(value -> value * data.targetDeviation() + data.targetMean())
                                .toList();
        return new Scatter(inUnits.apply(scores.truth()), inUnits.apply(scores.outputs()));
    }

    // ---- tables ----

    private Section configuration() {
        var data = config.data();
        var training = config.training();
        var facts = new ArrayList<Fact>();
        facts.add(new Fact("data", data.name() + " (" + data.source() + ")"));
        facts.add(new Fact("SHA-256", data.sha256()));
        facts.add(
                new Fact(
                        "examples",
                        "%s to train, %s to validate, %s to test"
                                .formatted(
                                        Words.count(data.train()),
                                        Words.count(data.validation()),
                                        Words.count(data.test()))));
        facts.add(new Fact("example", Words.shape(data.example())));
        facts.add(new Fact("model", config.model().word()));
        facts.add(new Fact("epochs", Integer.toString(training.epochs())));
        facts.add(new Fact("batch", Integer.toString(training.batch())));
        facts.add(new Fact("optimizer", training.optimizer().word()));
        facts.add(
                new Fact(
                        "learning rate",
                        "%s, %s warm-up, %s"
                                .formatted(
                                        Words.number(training.learningRate()),
                                        Words.percent(training.warmUp()),
                                        training.schedule().word())));
        if (training.optimizer().decays()) {
            facts.add(new Fact("weight decay", Words.number(training.weightDecay())));
        }
        if (training.clip() > 0) {
            facts.add(new Fact("gradient clipped at", Words.number(training.clip())));
        }
        var remedies = training.regularisation().words();
        if (!remedies.isEmpty()) {
            facts.add(new Fact("against learning by heart", remedies));
        }
        facts.add(new Fact("seed", Long.toString(config.seed())));
        return new Section("Configuration", facts);
    }

    private Section surroundings() {
        return new Section(
                "Environment",
                List.of(
                        new Fact("started", environment.started()),
                        new Fact("program", "fathom " + config.fathom()),
                        new Fact("Java", environment.java() + " (" + environment.vendor() + ")"),
                        new Fact("JVM", environment.vm()),
                        new Fact("system", environment.os() + ", " + environment.arch()),
                        new Fact(
                                "CPU",
                                environment.cpu()
                                        + ", "
                                        + environment.processors()
                                        + " processors"),
                        new Fact("backend", environment.backend() + ": " + environment.device()),
                        new Fact("Java heap", "up to " + Words.bytes(environment.heapBytes()))));
    }
}
