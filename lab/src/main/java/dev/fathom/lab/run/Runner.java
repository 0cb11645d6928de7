package dev.fathom.lab.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.file.AtomicFile;
import dev.fathom.io.json.Json;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Svg;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Monitor;
import dev.fathom.lab.study.Observations;
import dev.fathom.lab.study.Prediction.Role;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Trial;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs one study: first its controls, then its seeds, one after the other. Each trial that is
 * finished is a file; a trial whose file is there is read and not run.
 */
public final class Runner {
    private final Study study;
    private final Order order;
    private final Card card;
    private final int wanted;
    private final Path folder;
    private final List<String> redone = new ArrayList<>();

    private Runner(Study study, Order order, Path folder) {
        this.study = study;
        this.order = order;
        this.card = study.card(order.tier()).checked();
        this.wanted = order.seeds() > 0 ? order.seeds() : card.seeds();
        this.folder = folder;
    }

    /** A trial on the disk. */
    private record Finished(double seconds, Observations observations) {
        Finished {
            Session.present("observations", observations);
        }
    }

    /**
     * A run, finished or not.
     *
     * @param seconds what its trials took together, wherever and whenever they ran
     * @param redone sentences on trials whose files were damaged, and which were done again
     */
    public record Run(
            Result result, Results results, double seconds, Path folder, List<String> redone) {}

    /** Thrown through a study to leave it. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("stopped", null, false, false);
        }
    }

    /** The folder below {@code out} in which a run of this study and this order stands. */
    public static Path folder(Path out, Study study, Order order) {
        return out.resolve(
                "%s-%s-%d"
                        .formatted(
                                study.card(order.tier()).name(),
                                order.tier().word(),
                                order.seed()));
    }

    /**
     * Runs a study in {@code folder}, or finishes what is begun there with the same card and order;
     * trials of another card or order are deleted, damaged ones done again.
     *
     * @return the run; empty if the watcher ended it before a seed was done
     * @throws StudyException if another run is at work in the folder
     */
    public static Optional<Run> run(Study study, Order order, Path folder, Watcher watcher) {
        var runner = new Runner(study, order, folder);
        try (var _ = FolderLock.of(folder)) {
            return runner.run(watcher);
        }
    }

    private Optional<Run> run(Watcher watcher) {
        prepare();
        double seconds = 0;
        var seeds = new ArrayList<Observations>();
        Observations controls = null;
        try {
            for (int trial = -1; trial < wanted; trial++) {
                var finished = trial(trial, watcher);
                seconds += finished.seconds;
                if (trial < 0) {
                    controls = finished.observations;
                } else {
                    seeds.add(finished.observations);
                }
            }
        } catch (Stopped _) {
            // the verdict is over what is there
        }
        if (controls == null || seeds.isEmpty()) {
            return Optional.empty();
        }
        var results = new Results(card, order.tier(), List.copyOf(seeds), controls);
        var run =
                new Run(
                        Result.of(results, order, wanted),
                        results,
                        seconds,
                        folder,
                        List.copyOf(redone));
        leave(run);
        Json.writeFile(folder.resolve("result.json"), run.result);
        Json.writeFile(folder.resolve("env.json"), Environment.here(seconds));
        return Optional.of(run);
    }

    /** Everything but the numbers: curves, figures, the page. */
    private void leave(Run run) {
        Tables.of(run.results)
                .forEach((name, text) ->
                        AtomicFile.write(folder.resolve("curves").resolve(name), text));
        var figures = study.figures(run.results);
        for (var figure : figures) {
            AtomicFile.write(
                    folder.resolve("figures").resolve(figure.name() + ".svg"), Svg.file(figure));
        }
        AtomicFile.write(folder.resolve("index.html"), Pages.study(card, run.result, figures));
    }

    /**
     * What the trials of a finished run recorded; empty if they are not there, or of another card.
     */
    static Optional<Results> again(Study study, Result result, Path folder) {
        var tier = Session.tier(result.tier());
        var runner = new Runner(study, new Order(tier, result.seed(), result.wanted()), folder);
        if (!runner.isRegistered()) {
            return Optional.empty(); // a study of the same name, or an older card
        }
        var seeds = new ArrayList<Observations>();
        for (int i = -1; i < result.seeds(); i++) {
            if (!Files.exists(runner.file(i))) {
                return Optional.empty();
            }
            seeds.add(runner.finished(i).observations);
        }
        var controls = seeds.removeFirst();
        return Optional.of(new Results(runner.card, tier, List.copyOf(seeds), controls));
    }

    /**
     * Removes all trials of a folder, so that the next run starts from nothing.
     *
     * @throws StudyException if a run is at work in the folder
     */
    public static void forget(Path folder) {
        if (Files.exists(folder)) {
            try (var _ = FolderLock.of(folder)) {
                clear(folder);
            }
        }
    }

    private static void clear(Path folder) {
        try (var old = Files.newDirectoryStream(folder.resolve("trials"), "*.json")) {
            for (var trial : old) {
                Files.delete(trial);
            }
            Files.deleteIfExists(folder.resolve("result.json"));
        } catch (IOException e) {
            throw new FileAccessException("clear", folder, e);
        } catch (DirectoryIteratorException e) {
            throw new FileAccessException("clear", folder, e.getCause());
        }
    }

    private Finished trial(int index, Watcher watcher) {
        var file = file(index);
        if (Files.exists(file)) {
            try {
                return finished(index);
            } catch (CorruptFileException e) {
                redone.add(
                        "%s was damaged (%s) and is done again"
                                .formatted(folder.relativize(file), e.reason()));
            }
        }
        var doing = index < 0 ? "controls" : "seed %d of %d".formatted(index + 1, wanted);
        Monitor monitor =
                share -> {
                    if (!watcher.progress((index + 1 + share) / (wanted + 1), doing)) {
                        throw new Stopped();
                    }
                };
        monitor.progress(0);
        long start = System.nanoTime();
        var trial =
                index < 0
                        ? Trial.ofControls(card, order.tier(), order.seed(), monitor)
                        : Trial.of(card, order.tier(), order.seed(), index, monitor);
        Consumer<Trial> experiment = index < 0 ? study::controls : study::run;
        experiment.accept(trial);
        var seconds = (System.nanoTime() - start) / 1e9;
        var observations = trial.observations();
        complete(observations, index < 0);
        Json.writeFile(file, new Finished(seconds, observations));
        // read again, so that a run in one piece and one in two see the same
        return finished(index);
    }

    /**
     * What a trial left.
     *
     * @throws CorruptFileException if that is not what the card asks for
     */
    private Finished finished(int index) {
        var finished = Json.readFile(file(index), Finished.class);
        try {
            complete(finished.observations, index < 0);
        } catch (StudyException e) {
            throw new CorruptFileException(file(index), String.valueOf(e.getMessage()));
        }
        return finished;
    }

    /** Everything registered has to be measured: nothing drops out because it looks bad. */
    private void complete(Observations observations, boolean controls) {
        for (var prediction : card.predictions()) {
            if (prediction.role() == Role.CLAIM != controls
                    && !observations.measurements().containsKey(prediction.name())) {
                throw new StudyException(
                        "study %s (%s) registered \"%s\" and did not measure it; it measured %s"
                                .formatted(
                                        card.id(),
                                        card.name(),
                                        prediction.name(),
                                        observations.measurements().keySet()));
            }
        }
    }

    private void prepare() {
        if (Files.exists(specFile()) && !isRegistered()) {
            clear(folder); // it belongs to another card or order
        }
        AtomicFile.removeLeftovers(folder.resolve("trials"), "");
        AtomicFile.write(specFile(), spec());
    }

    /** Whether the folder holds a run of this card and order. */
    private boolean isRegistered() {
        try {
            return Files.exists(specFile())
                    && new String(Files.readAllBytes(specFile()), UTF_8).equals(spec());
        } catch (IOException e) {
            throw new FileAccessException("read", specFile(), e);
        }
    }

    private Path specFile() {
        return folder.resolve("spec.json");
    }

    private String spec() {
        return Json.pretty(Spec.of(card, order, wanted)) + "\n";
    }

    private Path file(int index) {
        return folder.resolve("trials")
                .resolve(index < 0 ? "controls.json" : "seed-%03d.json".formatted(index));
    }
}
