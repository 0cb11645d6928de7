package dev.fathom.bench;

import dev.fathom.bench.harness.Limits;
import dev.fathom.bench.workload.Workloads;
import dev.fathom.core.transform.Profile;
import dev.fathom.io.file.AtomicFile;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code fathom profile}: where the time of one step of a workload goes. */
@Command(
        name = "fathom profile",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Says where the time of one training step goes, by kernel and by layer.",
            "Keep the machine idle meanwhile."
        })
public final class Profiler implements Callable<Integer> {
    private static final String THREADS = "fathom.threads";

    /** A profile is taken after so many steps and so much time. */
    private static final int WARM_STEPS = 30;

    private static final long WARM_NANOS = 5_000_000_000L;

    /** Runs of a profile, and time for them. */
    private static final int RUNS = 20;

    private static final int MANY_RUNS = 2000;
    private static final double RUN_NANOS = 2e9;

    @Parameters(
            paramLabel = "WORKLOAD",
            description = "what to look at; --list names them all. A name may end in *, as gemm-*")
    private List<String> names = new ArrayList<>();

    @Option(names = "--threads", paramLabel = "N", description = "default: all cores")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--list", description = "names the workloads and ends")
    private boolean list;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "writes a page, FILE-WORKLOAD.html, or WORKLOAD.html into a folder")
    private Optional<Path> out = Optional.empty();

    Profiler() {}

    /** Ends with exit code 0, or 2 on wrong usage. */
    public static void main(String[] arguments) {
        System.exit(Commands.line(new Profiler()).execute(arguments));
    }

    @Override
    public Integer call() {
        if (list) {
            System.out.print(Commands.list(Workloads.programs()));
            return 0;
        }
        Commands.checkThreads(threads);
        out.ifPresent(Commands::checkOut);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("name what to profile; --list says what there is");
        }
        if (System.getProperty(THREADS) == null) {
            System.setProperty(THREADS, Integer.toString(threads)); // before anything computes
        }
        var chosen =
                Commands.chosen(names, Workloads.programs()).stream()
                        .map(Workloads::program)
                        .toList();
        var limits = Limits.measure(threads);
        var most = new Profile.Limit(limits.gigaflops(), limits.gigabytes());
        System.out.println(limits);
        for (var workload : chosen) {
            var steps = Workloads.compiled(workload);
            System.err.println("  " + workload.name() + ": warming up");
            long start = System.nanoTime();
            for (long i = 0; i < WARM_STEPS || System.nanoTime() - start < WARM_NANOS; i++) {
                steps.step(i);
            }
            steps.value();
            double fitting = RUN_NANOS / Math.max(1, steps.profile(RUNS).nanos());
            int runs = Math.clamp((long) fitting, RUNS, MANY_RUNS);
            var measured = steps.profile(runs).against(most);
            System.out.println(workload.name() + ": " + workload.title());
            System.out.print(measured);
            System.out.println(summary(steps.program().counts()));
            out.ifPresent(file -> {
                var page =
                        Commands.beside(
                                file,
                                workload.name(),
                                file.toFile().isDirectory()
                                        ? ".html"
                                        : "-" + workload.name() + ".html");
                AtomicFile.write(page, measured.html(workload.title()));
                System.err.println("  " + page);
            });
        }
        return 0;
    }

    /** What the step is compiled to, and how to read the names of its kernels. */
    private static String summary(Map<String, Long> counts) {
        return String.format(
                "%,d instructions, %,d of them with loops over elements; memory: %,d bytes within a"
                        + " run, results %,d, or %,d if the state is donated%n%s",
                counts.get("instructions"),
                counts.get("regions"),
                counts.get("temporaryBytes"),
                counts.get("outputBytes"),
                counts.get("outputBytesWhenDonated"),
                Profile.LEGEND);
    }
}
