package dev.fathom.cli.command;

import dev.fathom.cli.terminal.Console;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fathom completion}: a script for the shell. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        header = "Print a script that completes commands and options in bash and zsh.",
        description = {
            "",
            "For this shell:      source <(fathom completion)",
            "For all new shells:  fathom completion >"
                    + " ~/.local/share/bash-completion/completions/fathom",
            ""
        })
final class CompletionCommand implements Runnable {
    private final Console console;

    @Spec private CommandSpec spec = CommandSpec.create();

    CompletionCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        var root = spec.root().commandLine();
        console.out().print(AutoComplete.bash(root.getCommandName(), root));
        console.out().flush();
    }
}
