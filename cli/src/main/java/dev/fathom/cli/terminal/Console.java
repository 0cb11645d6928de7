package dev.fathom.cli.terminal;

import java.io.PrintStream;
import java.util.stream.Collectors;

/**
 * The two streams of a command and how much goes where.
 *
 * <p>Not for several threads at once, except that {@link #error} may be called from any.
 */
public final class Console {
    /** How much a command tells. */
    public enum Voice {
        /** Progress and results, on standard output. */
        NORMAL,
        /** Results only. */
        QUIET,
        /** One JSON object on standard output, the rest on standard error. */
        JSON,
        /** One JSON object on standard output and nothing else. */
        JSON_QUIET;

        /** The voice that two flags ask for. */
        public static Voice of(boolean quiet, boolean json) {
            return json ? quiet ? JSON_QUIET : JSON : quiet ? QUIET : NORMAL;
        }
    }

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private Voice voice = Voice.NORMAL;

    /**
     * A console over two streams.
     *
     * @param terminal true if a person watches, so that a line may be drawn over and have colour
     */
    public Console(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** Changes how much is told from now on. */
    public void speak(Voice voice) {
        this.voice = voice;
    }

    /** True if progress is told. */
    public boolean tellsProgress() {
        return voice == Voice.NORMAL || voice == Voice.JSON;
    }

    /** True if the result is to be one JSON object. */
    public boolean isJson() {
        return voice == Voice.JSON || voice == Voice.JSON_QUIET;
    }

    /** True if a person watches. */
    public boolean isTerminal() {
        return terminal;
    }

    /** Where progress and results for people go. */
    public PrintStream people() {
        return voice == Voice.NORMAL || voice == Voice.QUIET ? out : err;
    }

    /** Standard output, for what another program reads. */
    public PrintStream out() {
        return out;
    }

    /** Standard error. */
    public PrintStream err() {
        return err;
    }

    /** A line of progress; none in the quiet voices. */
    public void say(String line) {
        if (tellsProgress()) {
            people().println(line);
        }
    }

    /** A line of the result for people; none if only JSON is wanted. */
    public void tell(String line) {
        if (voice != Voice.JSON_QUIET) {
            people().println(line);
        }
    }

    /** Draws over the line being written, on a terminal only. */
    public void draw(String line) {
        if (terminal && tellsProgress()) {
            people().print("\r" + line + "\u001b[K");
            people().flush();
        }
    }

    /** Removes what {@link #draw} left. */
    public void wipe() {
        if (terminal && tellsProgress()) {
            people().print("\r\u001b[K");
            people().flush();
        }
    }

    /** One line on standard error, whatever the message looks like. */
    public void error(String message) {
        var line = message.lines().map(String::strip).collect(Collectors.joining(" "));
        err.println("fathom: " + line);
        err.flush();
    }
}
