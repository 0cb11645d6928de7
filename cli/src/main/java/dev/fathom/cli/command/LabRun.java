package dev.fathom.cli.command;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.terminal.Console;
import dev.fathom.lab.run.Order;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/** {@code fathom lab run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        header = "Run studies and say whether their claims hold.",
        description = {
            "",
            "Exits with 1 if an exact oracle fails or a control is not as it should be. After an"
                    + " interruption 'fathom lab resume' goes on with what is left.",
            ""
        })
final class LabRun implements Callable<Integer> {
    private static final Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)(s|m|h|)");

    private final Console console;

    @Parameters(
            paramLabel = "NAME",
            arity = "1..*",
            description =
                    "Studies by name or number, 'all', 'tour', or a file such as MyStudy.java.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--tier",
            paramLabel = "TIER",
            description =
                    "smoke (seconds), quick (minutes, if not given) or full (as the papers ask).")
    private String tier = "quick";

    @Option(
            names = "--time",
            paramLabel = "TIME",
            description = "Stop after this long: 90s, 10m, 2h. 'lab resume' goes on from there.")
    private Optional<String> time = Optional.empty();

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "How many seeds; as many as the study asks for if not given.")
    private Optional<Integer> seeds = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "The seed of all of it; 42.")
    private long seed = 42;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Where the runs are written; runs/lab if not given.")
    private Path out = LabCommand.RUNS;

    @Mixin private ThreadsOption threads = new ThreadsOption();

    LabRun(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        threads.apply();
        if (seeds.filter(n -> n < 1).isPresent()) {
            throw new UsageException("--seeds is a number from 1, not " + seeds.get());
        }
        var order = new Order(LabCommand.tier(tier), seed, seeds.orElse(0));
        var limit = time.map(LabRun::duration);
        var session = LabCommand.session(names, order);
        var studies = session.load();
        session.write(out);
        return new LabSession(console, out, limit).run(studies, order, true);
    }

    /** {@code 90s}, {@code 10m}, {@code 2h}; seconds without a letter. */
    static Duration duration(String text) {
        var match = TIME.matcher(text);
        if (!match.matches()) {
            throw new UsageException("--time is such as 90s, 10m or 2h, not " + text);
        }
        double unit =
                switch (match.group(2)) {
                    case "m" -> 60;
                    case "h" -> 3600;
                    default -> 1;
                };
        return Duration.ofMillis(Math.round(1000 * unit * Double.parseDouble(match.group(1))));
    }
}
