package dev.fathom.cli.command;

import dev.fathom.cli.run.Examples;
import dev.fathom.cli.run.Run;
import dev.fathom.cli.run.RunConfig;
import dev.fathom.cli.run.Scores;
import dev.fathom.cli.terminal.Columns;
import dev.fathom.cli.terminal.Console;
import dev.fathom.cli.terminal.Words;
import dev.fathom.io.json.Json;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.LinkedHashMap;

/** {@code fathom eval}: measures a trained network again. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        header = "Measure the network of a run on its test examples.",
        description = {
            "",
            "Reads the data the run was trained on, refuses it if it has changed, and prints the"
                    + " same numbers that the run ended with, to the last digit, and how good each"
                    + " class is.",
            ""
        })
final class EvalCommand implements Runnable {
    private final Console console;

    @Parameters(paramLabel = "RUN", description = "The folder of a run.")
    private Path folder = Path.of("");

    @Mixin private OutputOptions output = new OutputOptions();
    @Mixin private ThreadsOption threads = new ThreadsOption();

    EvalCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        threads.apply();
        output.apply(console);
        var past = Run.open(folder);
        var config = past.config();
        var model = past.network(config);
        var examples = Examples.again(config);
        var data = examples.config();
        console.say(
                "%s on %s (%s, SHA-256 %s), %s test examples"
                        .formatted(
                                config.model().word(),
                                data.name(),
                                data.source(),
                                data.sha256(),
                                Words.count(data.test())));
        var scores = Scores.of(model, examples.test());
        if (console.tellsProgress() && data.classifies() && data.tokenizer().isEmpty()) {
            classes(data, scores);
        }
        var more = new LinkedHashMap<String, Double>();
        if (data.tokenizer().isEmpty()) {
            more.putAll(scores.more(data.targetDeviation()));
            more.values().removeIf(value -> !Double.isFinite(value));
        }
        var naive = Outcome.naive(examples);
        more.putAll(naive);
        var table =
                Columns.of("", "")
                        .row("test " + data.metric(), Words.decimals(scores.quality()))
                        .row("test loss", Words.decimals(scores.loss()));
        more.forEach((name, value) -> table.row("test " + name, Words.decimals(value)));
        table.lines().forEach(console::tell);
        Outcome.beaten(naive, Math.sqrt(scores.loss()) * data.targetDeviation())
                .ifPresent(console::tell);
        if (data.tokenizer().isPresent()) {
            console.tell(Outcome.language(data, examples, scores.loss()));
        }
        if (console.isJson()) {
            var outcome =
                    Outcome.of(data, scores.quality(), scores.loss())
                            .with("examples", scores.size())
                            .with("run", folder.toString());
            more.forEach((name, value) -> outcome.with(Outcome.camel(name), value));
            console.out().println(Json.write(outcome.values()));
        }
    }

    private void classes(RunConfig.Data data, Scores scores) {
        var confusion = scores.confusion(data.classes().size());
        var table = Columns.of("CLASS", ">EXAMPLES", ">RECALL", ">PRECISION");
        for (int c = 0; c < data.classes().size(); c++) {
            int place = c;
            int are = confusion.get(c).stream().mapToInt(Integer::intValue).sum();
            int taken = confusion.stream().mapToInt(row -> row.get(place)).sum();
            int right = confusion.get(c).get(c);
            table.row(
                    data.classes().get(c),
                    Words.count(are),
                    share(right, are),
                    share(right, taken));
        }
        table.lines().forEach(console::say);
        console.say("");
    }

    private static String share(int part, int whole) {
        return whole == 0 ? "" : Words.percent((double) part / whole);
    }
}
