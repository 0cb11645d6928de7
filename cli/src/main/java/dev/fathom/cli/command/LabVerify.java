package dev.fathom.cli.command;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.terminal.Console;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.run.Bundle;
import dev.fathom.lab.run.Difference;
import dev.fathom.lab.run.Runner;
import dev.fathom.lab.run.Session;
import dev.fathom.lab.studies.Studies;
import dev.fathom.lab.study.Study;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code fathom lab verify}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        header = "Run again what somebody sent, and compare to the byte.",
        description = {
            "",
            "Takes the folder of a run or a ZIP of it. Exits with 1 if the numbers differ.",
            ""
        })
final class LabVerify implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "BUNDLE", description = "The folder of a run, or a ZIP of it.")
    private Path bundle = Path.of("");

    @Option(
            names = "--study",
            paramLabel = "FILE",
            description = "The source of the study, if it is not one of 'lab list'.")
    private Optional<String> source = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Where it is run again; runs/lab-verify if not given.")
    private Path out = Path.of("runs", "lab-verify");

    @Mixin private ThreadsOption threads = new ThreadsOption();

    LabVerify(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        threads.apply();
        var theirs = Bundle.read(bundle);
        var study = study(theirs.result().name());
        var folder = Runner.folder(out, study, theirs.order());
        if (folder.toAbsolutePath().normalize().equals(bundle.toAbsolutePath().normalize())) {
            throw new UsageException("--out would overwrite the bundle; take another folder");
        }
        new LabSession(console, out, Optional.empty()).run(List.of(study), theirs.order(), true);
        if (!Files.exists(folder.resolve("result.json"))) {
            console.tell("not verified: it could not be run again");
            return LabCommand.FAILED;
        }
        var ours = Bundle.read(folder);
        boolean registered = ours.spec().equals(theirs.spec());
        if (registered && ours.text().equals(theirs.text())) {
            console.tell("verified: the same result, to the byte");
            return 0;
        }
        if (!registered) {
            console.tell("the study was registered differently: compare the two spec.json");
        }
        if (!theirs.version().equals(Bundle.here())) {
            console.tell(
                    "theirs was written by Fathom %s, ours by %s"
                            .formatted(
                                    theirs.version().isEmpty() ? "unknown" : theirs.version(),
                                    Bundle.here()));
        }
        var differences = Difference.between(theirs.result(), ours.result());
        LabCommand.table(console, differences, "THEIRS", "OURS");
        console.tell(
                "not verified: the "
                        + (differences.isEmpty() ? "registrations" : "results")
                        + " differ");
        return LabCommand.FAILED;
    }

    /** A bundle may name a study, but not a file to run. */
    private Study study(String name) {
        if (source.isPresent()) {
            return Session.study(source.get());
        }
        try {
            return Studies.named(name);
        } catch (StudyException e) {
            throw new StudyException(
                    e.getMessage() + "; for a study of one's own give its source with --study");
        }
    }
}
