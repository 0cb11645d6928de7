package dev.fathom.cli.command;

import dev.fathom.cli.terminal.Console;
import dev.fathom.lab.run.Session;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code fathom lab resume}. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        header = "Go on where the last 'lab run' into a folder was interrupted.",
        description = {"", "Finished seeds are kept; the result is the same, to the byte.", ""})
final class LabResume implements Callable<Integer> {
    private final Console console;

    @Parameters(
            paramLabel = "FOLDER",
            arity = "0..1",
            description = "The folder given as --out; runs/lab if not given.")
    private Path out = LabCommand.RUNS;

    @Option(
            names = "--time",
            paramLabel = "TIME",
            description = "Stop after this long: 90s, 10m, 2h.")
    private Optional<String> time = Optional.empty();

    @Mixin private ThreadsOption threads = new ThreadsOption();

    LabResume(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        threads.apply();
        var limit = time.map(LabRun::duration);
        var session = Session.read(out);
        return new LabSession(console, out, limit).run(session.load(), session.order(), false);
    }
}
