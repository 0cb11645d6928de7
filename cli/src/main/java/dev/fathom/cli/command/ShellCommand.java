package dev.fathom.cli.command;

import dev.fathom.cli.error.RunException;
import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.terminal.Console;

import jdk.jshell.tool.JavaShellToolBuilder;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code fathom shell}: a JShell that knows Fathom. */
@Command(
        name = "shell",
        mixinStandardHelpOptions = true,
        header = "Open a JShell with the imports and a model to play with.",
        description = {
            "",
            "There are: key (random numbers), digits (8 x 8 images), batch (64 of them), model (a"
                    + " small network) and loss (a function of the model). Try:",
            "",
            "  loss.apply(model)",
            "  var step = Adam.of(1e-3).update(grad(loss).apply(model), Adam.of(1e-3).init(model),"
                    + " model)",
            "  loss.apply(step.params())",
            ""
        })
final class ShellCommand implements Callable<Integer> {
    private static final String MODULES =
            "dev.fathom.core,dev.fathom.data,dev.fathom.io,dev.fathom.nn,dev.fathom.optim,dev.fathom.train";

    private final Console console;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "Input to run first; one that ends with /exit is run and nothing more.")
    private List<Path> files = new ArrayList<>();

    @Mixin private ThreadsOption threads = new ThreadsOption();

    ShellCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        threads.apply();
        for (var file : files) {
            if (!Files.isRegularFile(file)) {
                throw new UsageException("there is no file " + file);
            }
        }
        try {
            var startup = startup();
            try {
                console.say(
                        "key, digits, batch, model and loss are there; see fathom shell --help");
                return JavaShellToolBuilder.builder()
                        .out(console.out())
                        .err(console.err())
                        .persistence(new HashMap<>()) // nothing is left in the home folder
                        .start(arguments(startup).toArray(String[]::new));
            } finally {
                Files.deleteIfExists(startup);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) { // what start() declares
            throw new RunException("JShell could not be started: " + e.getMessage(), e);
        }
    }

    /** JShell runs what is typed in this process, where the modules are loaded already. */
    private List<String> arguments(Path startup) {
        var arguments =
                new ArrayList<>(List.of("--execution", "local", "--startup", startup.toString()));
        var modules = System.getProperty("jdk.module.path", "");
        if (modules.isEmpty()) {
            arguments.addAll(List.of("--class-path", System.getProperty("java.class.path", "")));
        } else {
            arguments.addAll(List.of("--module-path", modules, "--add-modules", MODULES));
        }
        files.forEach(file -> arguments.add(file.toString()));
        return arguments;
    }

    /** JShell reads its start-up from files only. */
    private static Path startup() throws IOException {
        var file = Files.createTempFile("fathom", ".jsh");
        try (var in = ShellCommand.class.getResourceAsStream("shell.jsh")) {
            if (in == null) {
                throw new RunException(
                        "shell.jsh is missing from this copy of Fathom; build it again");
            }
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
        return file;
    }
}
