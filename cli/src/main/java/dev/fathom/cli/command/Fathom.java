package dev.fathom.cli.command;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.run.Descent;
import dev.fathom.cli.run.Network;
import dev.fathom.cli.run.Rate;
import dev.fathom.cli.run.Tokens;
import dev.fathom.cli.terminal.Console;
import dev.fathom.cli.terminal.Words;
import dev.fathom.core.error.FathomException;
import dev.fathom.train.run.Environment;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The command itself: its subcommands, and what becomes of an error. */
@Command(
        name = "fathom",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = "Deep learning you can get to the bottom of.",
        description = {
            "",
            "Start with @|bold ./fathom train|@: it trains a convolutional network on images, says"
                    + " how good it is, and leaves a folder with the model and a report.",
            ""
        },
        footer = {
            "",
            "Each command explains itself: ./fathom train --help",
            "Exit codes: 0 success, 1 a failed run or bad data, 2 a wrong command line."
        })
public final class Fathom implements Runnable {
    private static final int FAILED = 1;
    private static final int MISUSED = 2;
    private static final int WIDTH = 96;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "With an error, print where in the program it happened.")
    private boolean verbose;

    @CommandLine.Spec private CommandSpec spec = CommandSpec.create();

    private final Console console;

    private Fathom(Console console) {
        this.console = console;
    }

    /**
     * Runs a command line.
     *
     * @return the exit code
     */
    public static int run(Console console, String... args) {
        var command = new Fathom(console);
        try {
            var line = command.line();
            if (args.length > 0 && args[0].equals("help")) { // help train is train --help
                var asked = new ArrayList<>(List.of(args).subList(1, args.length));
                asked.add("--help");
                return run(console, asked.toArray(String[]::new));
            }
            // picocli would answer a misspelt command with the general help
            boolean unknown =
                    args.length > 1
                            && !args[0].startsWith("-")
                            && !line.getSubcommands().containsKey(args[0]);
            return line.execute(unknown ? new String[] {args[0]} : args);
        } catch (StackOverflowError | OutOfMemoryError e) {
            return command.report(e);
        }
    }

    /** The command line as picocli sees it. */
    private CommandLine line() {
        var line = new CommandLine(this);
        line.addSubcommand(new TrainCommand(console));
        line.addSubcommand(new EvalCommand(console));
        line.addSubcommand(new PredictCommand(console));
        line.addSubcommand(new GenerateCommand(console));
        line.addSubcommand(new DataCommand(console).line());
        line.addSubcommand(new InspectCommand(console));
        line.addSubcommand(new LabCommand(console).line());
        line.addSubcommand(new DoctorCommand(console));
        line.addSubcommand(new ShellCommand(console));
        line.addSubcommand(new CompletionCommand(console));
        line.addSubcommand(
                launched("example", "List the examples of the source, or run one by name."));
        line.addSubcommand(
                launched("bench", "Measure speed, beside other frameworks if asked to."));
        line.addSubcommand(launched("profile", "Say where the time of a training step goes."));
        version(line);
        line.setOut(new PrintWriter(console.out(), true));
        line.setErr(new PrintWriter(console.err(), true));
        line.setColorScheme(
                CommandLine.Help.defaultColorScheme(console.isTerminal() ? Ansi.AUTO : Ansi.OFF));
        line.setUsageHelpWidth(WIDTH);
        line.setExpandAtFiles(false);
        line.registerConverter(
                Network.class, word -> chosen(word, Network.values(), Network::word));
        line.registerConverter(
                Descent.class, word -> chosen(word, Descent.values(), Descent::word));
        line.registerConverter(Rate.class, word -> chosen(word, Rate.values(), Rate::word));
        line.registerConverter(Tokens.class, word -> chosen(word, Tokens.values(), Tokens::word));
        line.setParameterExceptionHandler((e, _) -> misused(e));
        line.setExecutionExceptionHandler((e, _, _) -> report(e));
        return line;
    }

    /** A command that the launcher runs before this program begins: it needs the source. */
    private static CommandLine launched(String name, String header) {
        Runnable refusal =
                () -> {
                    throw new UsageException(
                            name + " needs the source: run ./fathom " + name + " in a checkout");
                };
        var spec = CommandSpec.wrapWithoutInspection(refusal).name(name);
        spec.usageMessage().header(header);
        spec.parser().unmatchedArgumentsAllowed(true);
        return new CommandLine(spec);
    }

    private static void version(CommandLine line) {
        line.getCommandSpec().version("fathom " + Environment.version());
        line.getSubcommands().values().forEach(Fathom::version);
    }

    private static <T> T chosen(String word, T[] all, Function<T, String> name) {
        return Arrays.stream(all)
                .filter(one -> name.apply(one).equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new TypeConversionException(
                                "'%s' is not one of %s"
                                        .formatted(
                                                word,
                                                Arrays.stream(all)
                                                        .map(name)
                                                        .collect(Collectors.joining(", ")))));
    }

    /** Without a subcommand there is nothing to do but to say which there are. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing: "
                        + spec.subcommands().keySet().stream()
                                .sorted()
                                .collect(Collectors.joining(", ")));
    }

    private int misused(ParameterException e) {
        var name = e.getCommandLine().getCommandSpec().qualifiedName();
        var message = new StringBuilder(sentence(e.getMessage()));
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            message.append("; did you mean ");
            message.append(String.join(" or ", unmatched.getSuggestions())).append("?");
        }
        console.error(message + " (see " + name + " --help)");
        if (verbose) {
            e.printStackTrace(console.err());
        }
        return MISUSED;
    }

    private static String sentence(String message) {
        var line = message.lines().collect(Collectors.joining(" ")).strip();
        var start = line.isEmpty() ? "" : line.substring(0, 1).toLowerCase(Locale.ROOT);
        return line.isEmpty() ? "the command line is wrong" : start + line.substring(1);
    }

    private int report(Throwable e) {
        console.wipe();
        console.error(explain(e));
        if (verbose) {
            e.printStackTrace(console.err());
        }
        return e instanceof UsageException ? MISUSED : FAILED;
    }

    private String explain(Throwable e) {
        var message = e.getMessage() == null ? "" : e.getMessage();
        return switch (e) {
            case FathomException _ -> message;
            case OutOfMemoryError _ ->
                    "the Java heap of "
                            + Words.bytes(Runtime.getRuntime().maxMemory())
                            + " is full; take a smaller --batch or a smaller model, or give Java"
                            + " more, for example FATHOM_JAVA_OPTS=-Xmx8g";
            case IOException _ -> "cannot read or write: " + e;
            case UncheckedIOException _ -> "cannot read or write: " + e.getCause();
            default ->
                    "unexpected: "
                            + e
                            + (verbose ? "" : " (add --verbose to see where it happened)");
        };
    }
}
