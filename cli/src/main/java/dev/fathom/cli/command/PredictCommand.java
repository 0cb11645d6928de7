package dev.fathom.cli.command;

import dev.fathom.cli.run.FilePredictor;
import dev.fathom.cli.run.FilePredictor.Candidate;
import dev.fathom.cli.run.FilePredictor.Prediction;
import dev.fathom.cli.run.Run;
import dev.fathom.cli.run.RunConfig;
import dev.fathom.cli.terminal.Columns;
import dev.fathom.cli.terminal.Console;
import dev.fathom.cli.terminal.Words;
import dev.fathom.data.read.Csv;
import dev.fathom.io.file.AtomicFile;
import dev.fathom.io.json.Json;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code fathom predict}: applies a trained network to files. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        header = "Apply the network of a run to images or to the rows of .csv files.",
        description = {
            "",
            "An image is brought to the size and the number of colours of the training images. It"
                + " should look like them: the clothes and digits of the named data sets are bright"
                + " on a dark ground. The columns of a .csv file are found by their names; the"
                + " column to be predicted may be there, and is then shown beside the prediction.",
            ""
        })
final class PredictCommand implements Runnable {
    private static final int SHOWN = 3;

    private final Console console;

    @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a run.")
    private Path folder = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "PNG or JPEG images, or .csv files.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "CSV",
            description = "Write the predictions to this .csv file, a line per example.")
    private Optional<Path> out = Optional.empty();

    @Mixin private OutputOptions output = new OutputOptions();
    @Mixin private ThreadsOption threads = new ThreadsOption();

    PredictCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        threads.apply();
        output.apply(console);
        var past = Run.open(folder);
        var config = past.config();
        var predictor = new FilePredictor(config, past.network(config));
        var predictions = new ArrayList<Prediction>();
        files.forEach(file -> predictions.addAll(predictor.predict(file)));
        out.ifPresent(path -> {
            AtomicFile.write(path, csv(predictions, config.data()));
            console.say(Words.count(predictions.size()) + " predictions written to " + path);
        });
        if (console.isJson()) {
            predictions.forEach(p -> console.out().println(Json.write(json(p, config.data()))));
        } else if (out.isEmpty()) {
            table(predictions, config.data()).lines().forEach(console::tell);
        }
    }

    /** A column for the prediction, and for classes one for the probability of each. */
    private static String csv(List<Prediction> predictions, RunConfig.Data data) {
        var header = new ArrayList<>(List.of("file", "row", "predicted"));
        data.classes().forEach(name -> header.add("p(" + name + ")"));
        var rows = new ArrayList<List<String>>();
        for (var p : predictions) {
            var cells = new ArrayList<String>();
            cells.add(p.file().toString());
            cells.add(p.row().map(String::valueOf).orElse(""));
            cells.add(
                    data.classifies()
                            ? p.candidates().getFirst().name()
                            : Float.toString((float) p.value()));
            for (var name : data.classes()) {
                p.candidates().stream()
                        .filter(c -> c.name().equals(name))
                        .forEach(c -> cells.add(Float.toString((float) c.probability())));
            }
            rows.add(cells);
        }
        return Csv.text(header, rows);
    }

    private static Columns table(List<Prediction> predictions, RunConfig.Data data) {
        boolean known = predictions.stream().anyMatch(p -> p.truth().isPresent());
        var headings = new ArrayList<>(List.of("EXAMPLE", "PREDICTED"));
        if (data.classifies()) {
            headings.addAll(List.of(">PROBABILITY", "THEN"));
        }
        if (known) {
            headings.add("TRUE");
        }
        var table = Columns.of(headings.toArray(String[]::new));
        for (var p : predictions) {
            var cells = new ArrayList<String>();
            cells.add(p.file() + p.row().map(row -> ":" + row).orElse(""));
            if (data.classifies()) {
                var best = p.candidates().getFirst();
                cells.addAll(List.of(best.name(), Words.percent(best.probability()), others(p)));
            } else {
                cells.add(Words.number(p.value()));
            }
            if (known) {
                cells.add(p.truth().orElse(""));
            }
            table.row(cells.toArray(String[]::new));
        }
        return table;
    }

    private static String others(Prediction p) {
        return p.candidates().stream()
                .skip(1)
                .limit(SHOWN - 1)
                .map(c -> c.name() + " " + Words.percent(c.probability()))
                .collect(Collectors.joining(", "));
    }

    private static Object json(Prediction p, RunConfig.Data data) {
        var values = new LinkedHashMap<String, Object>();
        values.put("file", p.file().toString());
        p.row().ifPresent(row -> values.put("row", row));
        if (data.classifies()) {
            values.put("predicted", p.candidates().getFirst().name());
            values.put("probability", p.candidates().getFirst().probability());
            var all = new LinkedHashMap<String, Double>();
            for (Candidate c : p.candidates()) {
                all.put(c.name(), c.probability());
            }
            values.put("probabilities", all);
        } else {
            values.put("predicted", p.value());
        }
        p.truth().ifPresent(truth -> values.put("true", truth));
        return values;
    }
}
