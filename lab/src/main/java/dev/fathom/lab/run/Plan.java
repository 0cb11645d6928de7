package dev.fathom.lab.run;

import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.error.FileException;
import dev.fathom.io.json.Json;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Numbers;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/**
 * What a run of a study would cost on this machine.
 *
 * @param card what the study declares
 * @param seconds of all seeds; NaN if nothing was measured
 * @param held bytes of heap in use at the reports of progress; NaN if that was not measured
 * @param source where seconds and held come from, in words
 */
public record Plan(Card card, double seconds, double held, String source) {
    private static final long COLLECTION_NANOS = 300_000_000;

    /** What the card says, and nothing else. */
    public static Plan declared(Study study, Tier tier) {
        return new Plan(study.card(tier).checked(), Double.NaN, Double.NaN, "card");
    }

    /** A complete run on the disk. */
    private record Earlier(Result result, Environment environment) {
        static Optional<Earlier> in(Path folder) {
            try {
                var result = Reports.result(folder);
                var file = folder.resolve("env.json");
                var environment = Json.readFile(file, Environment.class);
                return result.seeds() == result.wanted() && environment.isLikeHere()
                        ? Optional.of(new Earlier(result, environment))
                        : Optional.empty();
            } catch (FileException _) {
                return Optional.empty(); // not finished, or damaged: 'lab report' says which
            }
        }
    }

    /**
     * From the last complete run of that tier, on a machine with the same system and number of
     * processors; empty if there is none.
     *
     * @param out the folder of the runs
     */
    public static Optional<Plan> earlier(Study study, Tier tier, Path out) {
        var card = study.card(tier).checked();
        var start = card.name() + "-" + tier.word() + "-";
        if (!Files.isDirectory(out)) {
            return Optional.empty();
        }
        try (var all = Files.list(out)) {
            return all.filter(folder -> String.valueOf(folder.getFileName()).startsWith(start))
                    .flatMap(folder -> Earlier.in(folder).stream())
                    .filter(run -> run.result.name().equals(card.name()))
                    .max(Comparator.comparing(run -> run.environment.written()))
                    .map(run -> ofRun(card, run));
        } catch (IOException e) {
            throw new FileAccessException("read", out, e);
        }
    }

    private static Plan ofRun(Card card, Earlier run) {
        int seeds = run.result.seeds();
        var source = "run of " + run.environment.written().replace('T', ' ').replace("Z", " UTC");
        if (seeds == card.seeds()) {
            return new Plan(card, run.environment.seconds(), Double.NaN, source);
        }
        double times = (double) card.seeds() / seeds;
        return new Plan(
                card,
                run.environment.seconds() * times,
                Double.NaN,
                "%s × %s (of %d seeds)".formatted(source, Numbers.text(times), seeds));
    }

    /**
     * From a run of the smoke tier, here and now, times what the card says the tier costs in smoke
     * tiers.
     *
     * @throws StudyException if the watcher ends it
     */
    public static Plan measured(Study study, Tier tier, Watcher watcher) {
        var card = study.card(tier).checked();
        var smoke = study.card(Tier.SMOKE).checked();
        var heap = new Heap();
        long start = System.nanoTime();
        Watcher both =
                (share, doing) -> {
                    heap.look();
                    return watcher.progress(share, doing);
                };
        var folder = Folders.temporary("fathom-plan");
        try {
            var run = Runner.run(study, Order.of(Tier.SMOKE), folder, both);
            if (run.isEmpty()) {
                throw new StudyException("the measurement was ended");
            }
        } finally {
            Folders.delete(folder);
        }
        heap.look();
        double seconds = (System.nanoTime() - start) / 1e9 - heap.seconds;
        double times = card.cost().seconds() / smoke.cost().seconds();
        double bytes = card.cost().bytes() / smoke.cost().bytes();
        var source = "smoke tier, " + Numbers.time(seconds);
        return new Plan(
                card,
                seconds * times,
                heap.most * bytes,
                times == 1 ? source : source + " × " + Numbers.text(times));
    }

    /** What is in use after a collection, beyond what was at the start. */
    private static final class Heap {
        private final long before;
        private long looked;
        private double seconds;
        private double most;

        Heap() {
            before = used();
            seconds = 0;
        }

        void look() {
            long now = System.nanoTime();
            if (now - looked > COLLECTION_NANOS) {
                most = Math.max(most, (double) used() - before);
            }
        }

        private long used() {
            long start = System.nanoTime();
            System.gc();
            var runtime = Runtime.getRuntime();
            looked = System.nanoTime();
            seconds += (looked - start) / 1e9;
            return runtime.totalMemory() - runtime.freeMemory();
        }
    }
}
