package dev.fathom.lab.run;

import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.error.FileException;
import dev.fathom.io.file.AtomicFile;
import dev.fathom.io.json.Json;
import dev.fathom.lab.run.Pages.Entry;
import dev.fathom.lab.run.Pages.Stop;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Pages over many runs. */
public final class Reports {
    private Reports() {}

    /** What {@link #write} found. */
    public record Summary(List<Result> results, List<Damaged> damaged, Path page) {
        /**
         * True if an exact oracle failed, a control is not as it should be, or files are damaged.
         */
        public boolean isAlarming() {
            return !damaged.isEmpty() || results.stream().anyMatch(Result::alarming);
        }
    }

    /**
     * A run that cannot be shown.
     *
     * @param folder its name in the folder of the report
     * @param reason which file is damaged, and how
     */
    public record Damaged(String folder, String reason) {
        private static Damaged of(Path folder, FileException e) {
            return new Damaged(
                    String.valueOf(folder.getFileName()),
                    e.file().getFileName() + ": " + e.reason());
        }
    }

    /**
     * Writes {@code index.html} over all studies and their runs in the folders of {@code out}, and
     * {@code tour.html} over those of starred studies.
     *
     * @param studies those that are known, in the order in which they are listed
     */
    public static Summary write(Path out, List<Study> studies) {
        create(out);
        var entries = new ArrayList<Entry>();
        var stops = new ArrayList<Stop>();
        var damaged = new ArrayList<Damaged>();
        for (var folder : folders(out)) {
            try {
                var result = result(folder);
                var environment = Json.readFile(folder.resolve("env.json"), Environment.class);
                var link = folder.getFileName() + "/index.html";
                entries.add(new Entry(result, environment.seconds(), link));
            } catch (FileException e) {
                damaged.add(Damaged.of(folder, e));
            }
        }
        var order =
                Comparator.comparingInt((Entry e) -> place(e.result(), studies))
                        .thenComparing(e -> e.result().id())
                        .thenComparing(Entry::link);
        entries.sort(order);
        for (var entry : entries) {
            var result = entry.result();
            for (var study : studies) {
                var card = study.card(Session.tier(result.tier()));
                if (card.name().equals(result.name()) && card.starred()) {
                    var folder = out.resolve(entry.link()).resolveSibling("");
                    try {
                        Runner.again(study, result, folder)
                                .map(study::figures)
                                .map(figures -> new Stop(card, result, figures, entry.link()))
                                .ifPresent(stops::add);
                    } catch (FileException e) {
                        damaged.add(Damaged.of(folder, e));
                    }
                }
            }
        }
        if (!stops.isEmpty()) {
            AtomicFile.write(out.resolve("tour.html"), Pages.tour(stops));
        }
        var waiting =
                studies.stream()
                        .map(study -> study.card(Tier.QUICK))
                        .filter(card ->
                                entries.stream()
                                        .noneMatch(e -> e.result().name().equals(card.name())))
                        .toList();
        var page = out.resolve("index.html");
        AtomicFile.write(page, Pages.front(entries, damaged, waiting, !stops.isEmpty()));
        return new Summary(
                entries.stream().map(Entry::result).toList(), List.copyOf(damaged), page);
    }

    private static int place(Result result, List<Study> studies) {
        for (int i = 0; i < studies.size(); i++) {
            if (studies.get(i).card(Tier.QUICK).name().equals(result.name())) {
                return i;
            }
        }
        return studies.size();
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new FileAccessException("make", folder, e);
        }
    }

    /** The folders with a finished run. */
    private static List<Path> folders(Path out) {
        try (var all = Files.list(out)) {
            return all.filter(folder -> Files.exists(folder.resolve("result.json")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new FileAccessException("read", out, e);
        }
    }

    /** The result of a run in a folder. */
    public static Result result(Path folder) {
        return Json.readFile(folder.resolve("result.json"), Result.class);
    }
}
