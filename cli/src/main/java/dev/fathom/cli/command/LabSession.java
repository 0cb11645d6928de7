package dev.fathom.cli.command;

import dev.fathom.cli.terminal.Console;
import dev.fathom.lab.figure.Numbers;
import dev.fathom.lab.run.Order;
import dev.fathom.lab.run.Reports;
import dev.fathom.lab.run.Runner;
import dev.fathom.lab.run.Watcher;
import dev.fathom.lab.studies.Studies;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Verdict;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs studies one after another, with a bar, a limit of time, and a clean end on Ctrl-C. */
final class LabSession {
    private static final int FAILED = 1;
    private static final int INTERRUPTED = 130;
    private static final int BAR = 24;
    private static final long PATIENCE_SECONDS = 60;
    private static final long REDRAW_NANOS = 100_000_000;

    private final Console console;
    private final Path out;
    private final long started = System.nanoTime();
    private final double limit;
    private volatile boolean interrupted;
    private long drawn;

    LabSession(Console console, Path out, Optional<Duration> limit) {
        this.console = console;
        this.out = out;
        this.limit = limit.map(d -> d.toMillis() / 1e3).orElse(Double.POSITIVE_INFINITY);
    }

    /**
     * Runs all that is not finished.
     *
     * @return the exit code
     */
    int run(List<Study> studies, Order order) {
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
            return runAll(studies, order);
        } finally {
            done.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException shuttingDown) {
                // the hook is running, and has just been told that it may end
            }
        }
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

    private int runAll(List<Study> studies, Order order) {
        var failures = new ArrayList<String>();
        boolean alarming = false;
        boolean complete = true;
        for (int i = 0; i < studies.size() && !isOver(); i++) {
            var study = studies.get(i);
            var card = study.card(order.tier());
            var name = card.id() + " " + card.name();
            double later =
                    studies.stream()
                            .skip(i + 1L)
                            .mapToDouble(s -> s.card(order.tier()).cost().seconds())
                            .sum();
            long start = System.nanoTime();
            var head = "[%d/%d] %s".formatted(i + 1, studies.size(), name);
            Watcher watcher =
                    (share, doing) -> {
                        bar(head, share, doing, since(start), card.cost().seconds(), later);
                        return !isOver();
                    };
            try {
                var run = Runner.run(study, order, Runner.folder(out, study, order), watcher);
                console.wipe();
                if (run.isPresent()) {
                    var result = run.get().result();
                    alarming |= result.alarming();
                    complete &= result.seeds() == result.wanted();
                    tell(name, run.get());
                } else {
                    complete = false;
                }
            } catch (OutOfMemoryError | RuntimeException e) {
                console.wipe();
                failures.add(name);
                console.error(name + ": " + e.getMessage());
            }
        }
        if (interrupted) {
            console.tell("interrupted; './fathom lab resume" + where() + "' goes on");
            return INTERRUPTED;
        }
        var summary = Reports.write(out, Studies.all());
        if (!complete || isOver()) {
            console.tell("the time is over; './fathom lab resume" + where() + "' goes on");
        }
        console.tell("page: " + summary.page());
        return alarming || !failures.isEmpty() ? FAILED : 0;
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
