package dev.fathom.cli.command;

import dev.fathom.cli.terminal.Columns;
import dev.fathom.cli.terminal.Console;
import dev.fathom.cli.terminal.Words;
import dev.fathom.core.error.FathomException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.error.FileException;
import dev.fathom.io.file.AtomicFile;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Numbers;
import dev.fathom.lab.run.Order;
import dev.fathom.lab.run.Reports;
import dev.fathom.lab.run.Runner;
import dev.fathom.lab.run.Watcher;
import dev.fathom.lab.studies.Studies;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Verdict;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs studies one after another, with a bar, a limit of time, and a clean end on Ctrl-C. */
final class LabSession {
    private static final int FAILED = 1;
    private static final int INTERRUPTED = 130;
    private static final int BAR = 24;
    private static final String TRACE = "error.txt";
    private static final long PATIENCE_SECONDS = 60;
    private static final long REDRAW_NANOS = 100_000_000;

    private final Console console;
    private final Path out;
    private final long started = System.nanoTime();
    private final double limit;
    private volatile boolean interrupted;
    private long drawn;
    private int failures;

    LabSession(Console console, Path out, Optional<Duration> limit) {
        this.console = console;
        this.out = out;
        this.limit = limit.map(d -> d.toMillis() / 1e3).orElse(Double.POSITIVE_INFINITY);
    }

    /** A study whose card could be read. */
    private record Planned(Study study, String name, double seconds) {}

    /**
     * Runs all that is not finished.
     *
     * @param fresh true to begin again with what is finished, too
     * @return the exit code
     */
    int run(List<Study> studies, Order order, boolean fresh) {
        var done = new CountDownLatch(1);
        var hook =
                new Thread(
                        () -> {
                            interrupted = true;
                            await(done);
                        },
                        "fathom-lab-interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return runAll(planned(studies, order, fresh), order);
        } finally {
            done.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException shuttingDown) {
                // the hook is running, and has just been told that it may end
            }
        }
    }

    /** The studies in order, without those that cannot even say what they are. */
    private List<Planned> planned(List<Study> studies, Order order, boolean fresh) {
        var all = new ArrayList<Planned>();
        var names = new HashSet<String>();
        for (var study : studies) {
            var name = study.getClass().getSimpleName();
            try {
                var card = study.card(order.tier()).checked();
                name = card.id() + " " + card.name();
                if (!names.add(card.name())) {
                    throw new StudyException(
                            "another study of this run has that name; change one of the two cards");
                }
                if (fresh) {
                    Runner.forget(Runner.folder(out, study, order));
                }
                all.add(new Planned(study, name, card.cost().seconds()));
            } catch (RuntimeException | Error e) {
                failed(name, e, "");
            }
        }
        return all;
    }

    private static void await(CountDownLatch done) {
        try {
            if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return; // the trial says nothing of itself; what was finished before it is kept
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int runAll(List<Planned> studies, Order order) {
        boolean alarming = false;
        boolean complete = true;
        var verdicts = Columns.of("VERDICT", "STUDY", ">AS PREDICTED", ">TIME");
        for (int i = 0; i < studies.size() && !isOver(); i++) {
            var one = studies.get(i);
            double later = studies.stream().skip(i + 1L).mapToDouble(Planned::seconds).sum();
            long start = System.nanoTime();
            var head = "[%d/%d] %s".formatted(i + 1, studies.size(), one.name);
            Watcher watcher =
                    (share, doing) -> {
                        bar(head, share, doing, since(start), one.seconds, later);
                        return !isOver();
                    };
            try {
                var folder = Runner.folder(out, one.study, order);
                var run = Runner.run(one.study, order, folder, watcher);
                console.wipe();
                forgetTrace(folder);
                if (run.isPresent()) {
                    var result = run.get().result();
                    alarming |= result.alarming();
                    complete &= result.seeds() == result.wanted();
                    tell(one.name, run.get());
                    verdicts.row(
                            result.verdict() + (result.alarming() ? " !" : ""),
                            one.name,
                            result.asIntended() + " of " + result.predictions().size(),
                            Numbers.time(run.get().seconds()));
                } else {
                    complete = false;
                }
            } catch (RuntimeException | Error e) {
                console.wipe();
                failed(one.name, e, Runner.folder(out, one.study, order));
                verdicts.row("ERROR !", one.name, "", "");
            }
        }
        if (verdicts.size() > 1) {
            console.tell("");
            verdicts.lines().forEach(console::tell);
            console.tell("");
        }
        if (interrupted) {
            console.tell("interrupted; './fathom lab resume" + where() + "' goes on");
            return INTERRUPTED;
        }
        var summary = Reports.write(out, Studies.all());
        summary.damaged()
                .forEach(run ->
                        console.error("%s is damaged: %s".formatted(run.folder(), run.reason())));
        if (!complete || isOver()) {
            console.tell("the time is over; './fathom lab resume" + where() + "' goes on");
        }
        console.tell("all of them: " + summary.page());
        return alarming || failures > 0 ? FAILED : 0;
    }

    /** Whatever a study throws ends that study only; what it is stands in a file of its folder. */
    private void failed(String name, Throwable e, Path folder) {
        var where = folder.resolve(TRACE);
        var said = e instanceof StudyException || e instanceof FileException; // all that helps
        try {
            if (!said) {
                AtomicFile.write(where, trace(e));
            }
            failed(name, e, said ? "" : " (where: " + where + ")");
        } catch (FileException refused) {
            failed(name, e, " (" + refused.getMessage() + ")");
        }
    }

    private void failed(String name, Throwable e, String where) {
        failures++;
        console.error("%s: %s%s".formatted(name, message(e), where));
    }

    /** What an earlier run left that failed. */
    private static void forgetTrace(Path folder) {
        try {
            Files.deleteIfExists(folder.resolve(TRACE));
        } catch (IOException e) {
            throw new FileAccessException("remove", folder.resolve(TRACE), e);
        }
    }

    /** What a study threw, in one line for its author. */
    static String message(Throwable e) {
        return switch (e) {
            case FathomException _ -> String.valueOf(e.getMessage());
            case StackOverflowError _ ->
                    "the stack overflowed: a function that calls itself does not end, or calls"
                            + " itself too often";
            case OutOfMemoryError _ ->
                    "the Java heap of %s is full; give Java more, for example FATHOM_JAVA_OPTS=-Xmx8g"
                            .formatted(Words.bytes(Runtime.getRuntime().maxMemory()));
            default -> e.toString();
        };
    }

    private static String trace(Throwable e) {
        var text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private String where() {
        return out.equals(LabCommand.RUNS) ? "" : " " + out;
    }

    private boolean isOver() {
        return interrupted || since(started) > limit;
    }

    private static double since(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    private void tell(String name, Runner.Run run) {
        run.redone().forEach(sentence -> console.error(name + ": " + sentence));
        var result = run.result();
        var row = result.headline();
        console.tell(
                "%s %s: %s is %s, predicted %s  (%s)"
                        .formatted(
                                LabCommand.padded(result.verdict()),
                                name,
                                row.name(),
                                row.text(),
                                row.expected(),
                                Numbers.time(run.seconds())));
        if (result.verdict() != Verdict.HOLDS || result.alarming()) {
            console.tell("          " + result.reason());
        }
        console.tell("          page: " + run.folder().resolve("index.html"));
    }

    /**
     * @param later what the studies after this one will take
     */
    private void bar(
            String head, double share, String doing, double elapsed, double budget, double later) {
        long now = System.nanoTime();
        if (now - drawn < REDRAW_NANOS && share > 0) {
            return;
        }
        drawn = now;
        // at the start the budget knows more, later the clock does
        double total = share > 0.02 ? elapsed / share : Math.max(budget, elapsed);
        double left = Math.min(Math.max(0, total - elapsed) + later, limit - since(started));
        int full = (int) (share * BAR);
        console.draw(
                "%s %s%s %3.0f %% %s, about %s left"
                        .formatted(
                                head,
                                "█".repeat(full),
                                "░".repeat(BAR - full),
                                100 * share,
                                doing,
                                Numbers.time(left)));
    }
}
