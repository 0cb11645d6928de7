package dev.fathom.bench;

import dev.fathom.bench.harness.BenchException;
import dev.fathom.bench.harness.Harness;
import dev.fathom.bench.harness.Machine;
import dev.fathom.bench.harness.Peer;
import dev.fathom.bench.harness.Progress;
import dev.fathom.bench.harness.Row;
import dev.fathom.bench.harness.Side;
import dev.fathom.bench.harness.Tables;
import dev.fathom.bench.workload.Workload;
import dev.fathom.bench.workload.Workloads;
import dev.fathom.io.file.AtomicFile;
import dev.fathom.io.json.Json;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code fathom bench}: workloads on Fathom and on peers, side by side. */
@Command(
        name = "fathom bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Times Fathom and other frameworks on the same problems, in fresh processes in turn,"
                    + " and prints both rates and their ratio.",
            "Keep the machine idle meanwhile. Without a name, every workload runs."
        })
public final class Main implements Callable<Integer> {
    private static final int ROUNDS = 5;

    /** Where the peers' modules are; the launcher says so. */
    private static final Path MODULES = Path.of(System.getProperty("fathom.peers", "bench"));

    @Parameters(
            paramLabel = "WORKLOAD",
            description = "what to time; --list names them all. A name may end in *, as gemm-*")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--peer",
            paramLabel = "NAME",
            split = ",",
            description =
                    "compare with these: libtorch, dl4j, tensorflow, openblas (products alone),"
                        + " none (default); several with commas. Each is fetched once from Maven"
                        + " Central: 120, 230, 170, 46 MB")
    private List<String> peers = new ArrayList<>();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "threads of every side (default: all cores)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "fresh processes for each side (default: 5, with --quick 1)")
    private Optional<Integer> rounds = Optional.empty();

    @Option(
            names = "--quick",
            description =
                    "short processes, and the longest workloads scaled down: a look, no number to"
                            + " quote")
    private boolean quick;

    @Option(names = "--list", description = "names the workloads and ends")
    private boolean list;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "after each row, writes the table to FILE.md and everything measured to"
                            + " FILE.json; into a folder as bench.md and bench.json")
    private Optional<Path> out = Optional.empty();

    Main() {}

    /** Ends with exit code 0, 1 if a row could not be made, 2 on wrong usage. */
    public static void main(String[] arguments) {
        System.exit(Commands.line(new Main()).execute(arguments));
    }

    /** What is written as JSON; {@code failed} are workloads that Fathom did not get through. */
    public record Result(
            Machine machine,
            String protocol,
            int rounds,
            List<Row> rows,
            Map<String, String> failed) {
        String markdown() {
            var text = new StringBuilder(machine.text()).append('\n');
            text.append(Tables.markdown(rows));
            failed.forEach((name, why) ->
                    text.append("\n- ").append(name).append(" failed: ").append(why).append('\n'));
            return text.toString();
        }
    }

    @Override
    public Integer call() {
        if (list) {
            System.out.print(Commands.list(Workloads.all()));
            return 0;
        }
        Commands.checkThreads(threads);
        out.ifPresent(Commands::checkOut);
        int times = rounds.orElse(quick ? 1 : ROUNDS);
        if (times < 1) {
            throw new IllegalArgumentException("--rounds is " + times + "; it is at least 1");
        }
        var chosen = names.isEmpty() ? Workloads.all() : Commands.chosen(names, Workloads.all());
        var workloads = quick ? chosen.stream().map(Workload::small).toList() : chosen;
        var sides = new ArrayList<>(List.of(Side.fathom(threads)));
        Peer.named(peers).forEach(peer -> sides.addAll(peer.built(MODULES, threads)));
        return compare(workloads, sides, times, quick ? "quick" : "full");
    }

    private int compare(List<Workload> workloads, List<Side> sides, int times, String protocol) {
        var machine = Machine.measured(threads);
        System.err.print(machine.text());
        double seconds =
                workloads.stream()
                        .mapToDouble(w ->
                                Harness.seconds(w, sides.size(), times, protocol, machine.all()))
                        .sum();
        System.err.printf(
                "  %d workloads, %d sides: about %s%n",
                workloads.size(), sides.size(), Progress.time(seconds));
        var progress = new Progress(seconds, line -> System.err.println("  " + line));
        var harness = new Harness(sides, times, protocol, machine.all(), progress);
        var rows = new ArrayList<Row>();
        var failed = new LinkedHashMap<String, String>();
        var result = new Result(machine, protocol, times, rows, failed);
        for (var workload : workloads) {
            try {
                rows.add(harness.run(workload));
            } catch (BenchException e) {
                failed.put(workload.name(), e.getMessage());
                System.err.println("fathom bench: " + e.getMessage());
            }
            out.ifPresent(file -> write(file, result));
        }
        System.out.print(Tables.markdown(rows));
        return failed.isEmpty() ? 0 : 1;
    }

    private static void write(Path file, Result result) {
        Json.writeFile(Commands.beside(file, "bench", ".json"), result);
        AtomicFile.write(Commands.beside(file, "bench", ".md"), result.markdown());
    }
}
