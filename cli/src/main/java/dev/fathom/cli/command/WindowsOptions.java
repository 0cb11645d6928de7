package dev.fathom.cli.command;

import dev.fathom.cli.run.Tokens;
import dev.fathom.cli.run.Windows;

import picocli.CommandLine.Option;

import java.util.Optional;

/** How a text or a series is cut into examples. */
final class WindowsOptions {
    @Option(
            names = "--forecast",
            paramLabel = "HORIZON",
            description =
                    "Take the column of a .csv file as a series in the order of time, and predict"
                        + " this many values from those before. The last fifth is for the test.")
    private Optional<Integer> horizon = Optional.empty();

    @Option(
            names = "--context",
            paramLabel = "N",
            description =
                    "How much the network sees at once: of a text N tokens, 64 if not given; of a"
                            + " series N values, 4 times the horizon and at least 16 if not given.")
    private Optional<Integer> context = Optional.empty();

    @Option(
            names = "--tokens",
            paramLabel = "KIND",
            description =
                    "What a text is cut into: characters (the default), bytes, or pairs, which is"
                            + " byte-pair encoding learned from the training part.")
    private Optional<Tokens> tokens = Optional.empty();

    @Option(
            names = "--vocabulary",
            paramLabel = "N",
            description = "How many different tokens there are with --tokens pairs. Default: 512.")
    private Optional<Integer> vocabulary = Optional.empty();

    /** What was said. */
    Windows asked() {
        return new Windows(context, tokens, vocabulary, horizon);
    }
}
