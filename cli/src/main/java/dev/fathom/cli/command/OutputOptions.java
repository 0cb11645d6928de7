package dev.fathom.cli.command;

import dev.fathom.cli.terminal.Console;

import picocli.CommandLine.Option;

/** The options that say how much a command tells, and to whom. */
final class OutputOptions {
    @Option(names = "--quiet", description = "Print the result and nothing else.")
    private boolean quiet;

    @Option(
            names = "--json",
            description =
                    "Print the result as one JSON object per line on standard output, and"
                            + " everything else on standard error.")
    private boolean json;

    void apply(Console console) {
        console.speak(Console.Voice.of(quiet, json));
    }
}
