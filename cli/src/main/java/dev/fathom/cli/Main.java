package dev.fathom.cli;

import dev.fathom.cli.command.Fathom;
import dev.fathom.cli.terminal.Console;

import java.io.PrintStream;

/** Where the {@code fathom} command starts. */
public final class Main {
    private Main() {}

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] args) {
        // pictures are encoded, never shown; without this a machine without a screen may refuse
        System.setProperty("java.awt.headless", "true");
        var watched = System.console();
        boolean terminal = watched != null && watched.isTerminal();
        int code = Fathom.run(new Console(System.out, System.err, terminal), args);
        System.out.flush();
        System.exit(code);
    }

    /**
     * Runs a command line inside this process.
     *
     * @return the exit code
     */
    public static int run(PrintStream out, PrintStream err, String... args) {
        return Fathom.run(new Console(out, err, false), args);
    }
}
