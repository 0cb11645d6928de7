package dev.fathom.cli.command;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.run.Defaults;
import dev.fathom.cli.run.Run;
import dev.fathom.cli.run.Writer;
import dev.fathom.cli.terminal.Console;
import dev.fathom.core.random.Key;
import dev.fathom.nn.generate.Sampler;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;

/** {@code fathom generate}: lets a network that was trained on a text go on writing. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        header = "Let the network of a run that was trained on a text go on writing.")
final class GenerateCommand implements Runnable {
    private final Console console;

    @Parameters(paramLabel = "RUN", description = "The folder of a run.")
    private Path folder = Path.of("");

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "What to go on from; an empty line if not given.")
    private String prompt = "\n";

    @Option(
            names = "--length",
            paramLabel = "N",
            description =
                    "Characters to write, or whatever tokens the run was cut into. Default: 500.")
    private int length = 500;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description =
                    "Above 1 more varied, below 1 more usual; 0 always takes the most likely"
                            + " character. Default: 0.8.")
    private double temperature = 0.8;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Choose among the K most likely characters only; 0 for all, the default.")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description =
                    "Choose among the most likely characters that together have this probability;"
                            + " 1 for all, the default.")
    private double topP = 1;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "The same seed gives the same text. Default: 42.")
    private long seed = Defaults.SEED;

    @Mixin private ThreadsOption threads = new ThreadsOption();

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        threads.apply();
        if (prompt.isEmpty()) {
            throw new UsageException("--prompt is empty; give at least one character");
        }
        if (length < 1) {
            throw new UsageException("--length is at least 1, not " + length);
        }
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new UsageException("--temperature is a number from 0, not " + temperature);
        }
        if (topK < 0) {
            throw new UsageException("--top-k is a number from 0, not " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new UsageException("--top-p is a share above 0, at most 1, not " + topP);
        }
        var past = Run.open(folder);
        var config = past.config();
        var writer = Writer.of(config, past.network(config));
        writer.write(
                prompt,
                length,
                Sampler.of(temperature).withTopK(topK).withTopP(topP),
                Key.of(seed),
                part -> {
                    console.out().print(part);
                    console.out().flush();
                });
        console.out().println();
    }
}
