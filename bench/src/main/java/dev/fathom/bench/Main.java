package dev.fathom.bench;

import dev.fathom.bench.harness.BenchException;
import dev.fathom.bench.harness.Harness;
import dev.fathom.bench.harness.Limits;
import dev.fathom.bench.harness.Row;
import dev.fathom.bench.harness.Side;
import dev.fathom.bench.harness.Tables;
import dev.fathom.bench.workload.Workload;
import dev.fathom.bench.workload.Workloads;
import dev.fathom.core.spi.Backends;
import dev.fathom.io.file.AtomicFile;
import dev.fathom.io.json.Json;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code fathom bench}: workloads on Fathom and on a peer, side by side. */
@Command(
        name = "fathom bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Times Fathom and another framework on the same problems, in fresh processes in turn,"
                    + " and prints both rates and their ratio.",
            "Keep the machine idle meanwhile. Without a name, every workload runs."
        })
public final class Main implements Callable<Integer> {
    private static final int ROUNDS = 5;

    private static final String THREADS = "fathom.threads";

    /** A profile is taken after so many steps and so much time. */
    private static final int WARM_STEPS = 30;

    private static final long WARM_NANOS = 5_000_000_000L;
    private static final int PROFILED = 20;

    @Parameters(
            paramLabel = "WORKLOAD",
            description = "what to time; --list names them all. A name may end in *, as gemm-*")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--peer",
            paramLabel = "libtorch|none",
            defaultValue = "none",
            description =
                    "compare with this framework (default: none). libtorch is fetched once, 120 MB"
                            + " from Maven Central")
    private String peer = "none";

    @Option(
            names = "--peer-folder",
            hidden = true,
            description = "the jars of the peer; the launcher says so")
    private Optional<Path> folder = Optional.empty();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "threads of every side (default: all cores)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--quick",
            description = "one short process for each side: a look, no number to quote")
    private boolean quick;

    @Option(
            names = "--start-cache",
            description =
                    "compare also with Fathom started from a cache of classes, as ./fathom starts"
                            + " its commands")
    private boolean startCache;

    @Option(
            names = "--profile",
            description =
                    "no comparison: says where the time of one step goes, by kernel and by layer;"
                            + " with --out also as a page, FILE-WORKLOAD.html")
    private boolean profile;

    @Option(names = "--list", description = "names the workloads and ends")
    private boolean list;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "writes the table to FILE.md and everything measured to FILE.json")
    private Optional<Path> out = Optional.empty();

    private Main() {}

    /** Ends with exit code 0, 1 if a comparison could not be made, 2 on wrong usage. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    /** What is written as JSON. */
    public record Result(String machine, String java, Limits limits, List<Row> rows) {}

    @Override
    public Integer call() {
        if (list) {
            Workloads.all().forEach(w -> System.out.printf("%-16s %s%n", w.name(), w.title()));
            return 0;
        }
        try {
            if (threads < 1) {
                throw new IllegalArgumentException(
                        "--threads is " + threads + "; it is at least 1");
            }
            return profile ? profile() : compare();
        } catch (BenchException e) {
            System.err.println("fathom bench: " + e.getMessage());
            return 1;
        } catch (IllegalArgumentException e) {
            System.err.println("fathom bench: " + e.getMessage());
            return 2;
        }
    }

    private int profile() {
        if (System.getProperty(THREADS) == null) {
            System.setProperty(THREADS, Integer.toString(threads)); // before anything computes
        }
        for (var workload : chosen()) {
            System.err.println("  " + workload.name() + ": warming up");
            var steps = workload.steps(workload.problem());
            long start = System.nanoTime();
            for (long i = 0; i < WARM_STEPS || System.nanoTime() - start < WARM_NANOS; i++) {
                steps.step(i);
            }
            steps.value();
            steps.profile(PROFILED);
            var measured = steps.profile(PROFILED);
            System.out.println(workload.name() + ": " + workload.title());
            System.out.print(measured);
            System.out.println(steps.program().counts());
            out.ifPresent(file -> {
                var page = Path.of(file + "-" + workload.name() + ".html");
                AtomicFile.write(page, measured.html(workload.title()));
                System.err.println("  " + page);
            });
        }
        return 0;
    }

    private int compare() {
        var chosen = chosen();
        var sides = sides();
        var limits = Limits.measure(threads);
        var machine = Backends.current().description();
        System.err.println(machine + "; " + limits);
        var harness =
                new Harness(
                        sides,
                        quick ? 1 : ROUNDS,
                        quick ? "quick" : "full",
                        limits,
                        line -> System.err.println("  " + line));
        var rows = new ArrayList<Row>();
        int failed = 0;
        for (var workload : chosen) {
            try {
                rows.add(harness.run(workload));
            } catch (BenchException e) {
                failed++;
                System.err.println("fathom bench: " + e.getMessage());
            }
        }
        System.out.print(Tables.markdown(rows));
        out.ifPresent(file -> write(file, new Result(machine, javaVersion(), limits, rows)));
        return failed == 0 ? 0 : 1;
    }

    private List<Workload> chosen() {
        if (names.isEmpty()) {
            return Workloads.all();
        }
        var chosen = new ArrayList<Workload>();
        for (var name : names) {
            var found =
                    name.endsWith("*")
                            ? Workloads.all().stream()
                                    .filter(w ->
                                            w.name()
                                                    .startsWith(
                                                            name.substring(0, name.length() - 1)))
                                    .toList()
                            : List.of(Workloads.named(name));
            if (found.isEmpty()) {
                throw new IllegalArgumentException("no workload begins with " + name);
            }
            chosen.addAll(found);
        }
        return chosen;
    }

    private List<Side> sides() {
        var sides = new ArrayList<Side>();
        sides.add(Side.fathom(threads));
        if (startCache) {
            sides.add(Side.cached(threads, temporary()));
        }
        switch (peer) {
            case "none" -> {}
            case "libtorch" -> {
                var jars =
                        folder.filter(Files::isDirectory)
                                .orElseThrow(() ->
                                        new BenchException(
                                                "libtorch has not been fetched; start this with"
                                                        + " ./fathom bench --peer libtorch"));
                sides.add(Side.libtorch(jars, threads, false));
                sides.add(Side.libtorch(jars, threads, true));
            }
            default ->
                    throw new IllegalArgumentException(
                            "--peer " + peer + " is not known; there are libtorch and none");
        }
        return sides;
    }

    /** A name in a folder that goes with this process. */
    private static Path temporary() {
        try {
            var folder = Files.createTempDirectory("fathom-bench");
            var file = folder.resolve("start.aot");
            folder.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new BenchException("no temporary folder: " + e.getMessage());
        }
    }

    private static String javaVersion() {
        return System.getProperty("java.vm.name") + " " + System.getProperty("java.version");
    }

    private static void write(Path file, Result result) {
        Json.writeFile(Path.of(file + ".json"), result);
        AtomicFile.write(
                Path.of(file + ".md"),
                result.machine()
                        + "; "
                        + result.java()
                        + "; "
                        + result.limits()
                        + "\n\n"
                        + Tables.markdown(result.rows()));
    }
}
