package dev.fathom.cli.command;

import dev.fathom.cli.error.RunException;
import dev.fathom.cli.run.Run;
import dev.fathom.cli.run.RunConfig;
import dev.fathom.cli.terminal.Columns;
import dev.fathom.cli.terminal.Console;
import dev.fathom.cli.terminal.Words;
import dev.fathom.io.json.Json;
import dev.fathom.train.history.EpochRecord;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code fathom inspect}: what is in the folder of a run. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        header = "Show what a run trained, on what, how, and how it went.",
        description = {
            "",
            "Prints the settings, the layers with their shapes and numbers of weights, the epochs,"
                    + " and the files.",
            ""
        })
final class InspectCommand implements Runnable {
    private static final int SHOWN = 5;
    private static final int CURVE = 48;

    private final Console console;

    @Parameters(paramLabel = "RUN", description = "The folder of a run.")
    private Path folder = Path.of("");

    @Mixin private OutputOptions output = new OutputOptions();

    InspectCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        output.apply(console);
        var past = Run.open(folder);
        var config = past.config();
        if (console.isJson()) {
            console.out().println(Json.write(json(past, config)));
        }
        about(past, config);
        console.tell("");
        var summary = Run.summary(config);
        summary.toString().lines().forEach(console::tell);
        var history = past.epochs();
        if (!history.isEmpty()) {
            console.tell("");
            history(history, config);
        }
        console.tell("");
        files(past);
    }

    private static Object json(Run past, RunConfig config) {
        var values = new LinkedHashMap<String, Object>();
        values.put("run", past.path().toString());
        values.put("finished", past.isFinished());
        values.put("config", config);
        if (past.isFinished()) {
            values.put("result", past.result());
        }
        values.put("epochs", past.epochs());
        return values;
    }

    private void about(Run past, RunConfig config) {
        var data = config.data();
        var training = config.training();
        var facts = Columns.of("", "");
        facts.row("run", past.path() + (config.quick() ? " (quick)" : ""));
        facts.row("data", data.name() + " (" + data.source() + ", SHA-256 " + data.sha256() + ")");
        facts.row(
                "examples",
                "%s to train, %s to validate, %s to test, each %s"
                        .formatted(
                                Words.count(data.train()),
                                Words.count(data.validation()),
                                Words.count(data.test()),
                                Words.shape(data.example())));
        facts.row("model", config.model().word());
        facts.row(
                "training",
                "%s, batches of %d, %s, learning rate %s, seed %d"
                        .formatted(
                                Words.count(training.epochs(), "epoch"),
                                training.batch(),
                                training.optimizer().word(),
                                Words.number(training.learningRate()),
                                config.seed()));
        var remedies = training.regularisation().words();
        if (!remedies.isEmpty()) {
            facts.row("with", remedies);
        }
        facts.row(
                "rate",
                Words.curve(config.learningRates(CURVE)) + " " + training.schedule().word());
        var machine = past.environment();
        facts.row("machine", machine.cpu() + ", Java " + machine.java() + ", " + machine.device());
        if (past.isFinished()) {
            var result = past.result();
            facts.row(
                    "result",
                    "test %s %.4f, test loss %.4f, in %s"
                            .formatted(
                                    result.metric(),
                                    result.testQuality(),
                                    result.testLoss(),
                                    Words.time(result.seconds())));
        } else {
            facts.row("result", "not finished; go on with: fathom train --resume " + past.path());
        }
        facts.lines().forEach(console::tell);
    }

    /** At most the first and the last few epochs. */
    private void history(List<EpochRecord> history, RunConfig config) {
        var name = config.data().curve();
        var kept = config.data().validation() > 0 ? "VALIDATION" : "TEST";
        var table =
                Columns.of(
                        ">EPOCH",
                        ">TRAIN LOSS",
                        ">" + name.toUpperCase(Locale.ROOT),
                        ">" + kept + " LOSS",
                        ">" + name.toUpperCase(Locale.ROOT),
                        ">TIME");
        for (int i = 0; i < history.size(); i++) {
            if (i >= SHOWN && i < history.size() - SHOWN) {
                continue;
            }
            var record = history.get(i);
            table.row(
                    Integer.toString(record.epoch()),
                    cell(record.train(), "loss"),
                    cell(record.train(), name),
                    cell(record.validation(), "loss"),
                    cell(record.validation(), name),
                    Words.time(record.seconds()));
        }
        table.lines().forEach(console::tell);
    }

    private static String cell(Map<String, Double> values, String name) {
        var value = values.get(name);
        return value == null ? "" : Words.decimals(value);
    }

    private void files(Run past) {
        var table = Columns.of("FILE", ">SIZE");
        try {
            for (var file : past.files()) {
                table.row(past.path().relativize(file).toString(), Words.bytes(Files.size(file)));
            }
        } catch (IOException e) {
            throw new RunException(past.path() + " cannot be listed: " + e.getMessage(), e);
        }
        table.lines().forEach(console::tell);
    }
}
