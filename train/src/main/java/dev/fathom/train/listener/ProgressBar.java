package dev.fathom.train.listener;

import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.loop.BatchResult;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Training;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Shows how a run gets on. On a terminal one line is rewritten while an epoch runs:
 *
 * <pre>
 * epoch  3/10 [========>           ]  41%  loss 0.4312  accuracy 0.847  8123/s  0:05 left
 * </pre>
 *
 * and becomes the epoch's result when it ends. Elsewhere only the results are written, a line per
 * epoch. The rate is in examples per second of this epoch; the time left is that of the whole run
 * at the rate of the epochs so far.
 */
public final class ProgressBar implements Listener {
    private static final int WIDTH = 20;
    private static final long PAUSE = 100_000_000L;

    private final Appendable out;
    private final boolean live;
    private final LongSupplier nanos;
    private final String heldOut;
    private long shownAt;
    private int shownLength;
    private long startedAt;
    private long firstStep;
    private int lastBatch;

    private ProgressBar(Appendable out, boolean live, LongSupplier nanos, String heldOut) {
        this.out = out;
        this.live = live;
        this.nanos = nanos;
        this.heldOut = heldOut;
    }

    /**
     * To a stream such as {@code System.out}; rewrites its line if the program runs on a terminal.
     */
    public static ProgressBar to(PrintStream out) {
        Console console = System.console();
        return to(out, console != null && console.isTerminal());
    }

    /** To anything; {@code live} says whether a line can be rewritten with a carriage return. */
    public static ProgressBar to(Appendable out, boolean live) {
        return to(out, live, System::nanoTime);
    }

    static ProgressBar to(Appendable out, boolean live, LongSupplier nanos) {
        return new ProgressBar(out, live, nanos, "validation");
    }

    /** The same with another word for the data that is not trained on, such as {@code test}. */
    public ProgressBar calling(String heldOut) {
        return new ProgressBar(out, live, nanos, heldOut);
    }

    @Override
    public void fitStarted(Training training) {
        startedAt = nanos.getAsLong();
        firstStep = training.step();
        shownAt = startedAt - PAUSE;
        shownLength = 0;
    }

    @Override
    public void epochStarted(Training training) {
        if (live && training.step() == firstStep) {
            show(head(training) + " preparing");
        }
    }

    @Override
    public void batchEnded(Training training, BatchResult result) {
        long now = nanos.getAsLong();
        boolean last = result.batch() == training.batches();
        lastBatch = result.batch();
        if (!live || (now - shownAt < PAUSE && !last)) {
            return;
        }
        shownAt = now;
        int filled = (int) ((long) WIDTH * result.batch() / training.batches());
        var bar = "=".repeat(filled) + (filled < WIDTH ? ">" + " ".repeat(WIDTH - filled - 1) : "");
        show(
                head(training)
                        + " ["
                        + bar
                        + "] "
                        + format("%3d%%", 100L * result.batch() / training.batches())
                        + numbers(result.means())
                        + rate(result.examples(), result.seconds())
                        + (last ? "" : "  " + time(secondsLeft(training, now)) + " left"));
    }

    @Override
    public void epochEnded(Training training, EpochRecord epoch) {
        show(
                "epoch "
                        + padded(epoch.epoch(), training.epochs())
                        + "/"
                        + training.epochs()
                        + numbers(epoch.train())
                        + (epoch.validation().isEmpty()
                                ? ""
                                : "  " + heldOut + numbers(epoch.validation()))
                        + format("  %.1f s", epoch.seconds())
                        + rate(epoch.examples(), epoch.seconds())
                        + (lastBatch < training.batches()
                                ? "  (a part: "
                                        + lastBatch
                                        + " of "
                                        + training.batches()
                                        + " batches)"
                                : ""));
        endLine();
        shownAt = nanos.getAsLong();
    }

    @Override
    public void fitEnded(Training training) {
        if (shownLength > 0) {
            endLine();
        }
    }

    private double secondsLeft(Training training, long now) {
        long done = training.step() - firstStep;
        double perStep = (now - startedAt) / 1e9 / Math.max(1, done);
        return perStep * (training.steps() - training.step());
    }

    private static String head(Training training) {
        return "epoch " + padded(training.epoch(), training.epochs()) + "/" + training.epochs();
    }

    private static String padded(int number, int of) {
        return format("%" + String.valueOf(of).length() + "d", number);
    }

    private static String numbers(Map<String, Double> values) {
        var text = new StringBuilder();
        values.forEach((name, v) -> text.append("  ").append(name).append(' ').append(number(v)));
        return text.toString();
    }

    private static String number(double v) {
        boolean plain = v == 0 || (Math.abs(v) >= 1e-3 && Math.abs(v) < 1e5);
        return format(plain ? "%.4f" : "%.2e", v);
    }

    private static String rate(long examples, double seconds) {
        return seconds > 0 ? "  " + Math.round(examples / seconds) + "/s" : "";
    }

    /** {@code 0:05}, {@code 12:34} or {@code 1:02:03}. */
    static String time(double seconds) {
        long s = Math.round(Math.max(0, seconds));
        return s < 3600
                ? format("%d:%02d", s / 60, s % 60)
                : format("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    private void show(String line) {
        // spaces wipe what is left of a longer line before
        var rest = " ".repeat(Math.max(0, shownLength - line.length()));
        write((live ? "\r" : "") + line + rest);
        shownLength = line.length();
    }

    private void endLine() {
        write("\n");
        shownLength = 0;
    }

    private void write(String text) {
        try {
            out.append(text);
            if (out instanceof PrintStream stream) {
                stream.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the progress of the run", e);
        }
    }
}
