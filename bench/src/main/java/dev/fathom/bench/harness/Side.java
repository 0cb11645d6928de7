package dev.fathom.bench.harness;

import dev.fathom.bench.measure.Job;
import dev.fathom.bench.measure.Measurement;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A framework in a setting.
 *
 * @param name for the table
 * @param command what starts a worker, without its arguments
 * @param environment variables it gets besides those of this process
 */
public record Side(String name, List<String> command, Map<String, String> environment) {
    private static final int MINUTES = 10;

    /** Copies the collections. */
    public Side {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /** Fathom, in the Java and with the modules and the options for the JVM of this process. */
    public static Side fathom(int threads) {
        var command = new ArrayList<String>();
        command.add(java());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-X"))
                .forEach(command::add);
        command.addAll(
                List.of(
                        "-Dfathom.threads=" + threads,
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--module-path",
                        System.getProperty("jdk.module.path"),
                        "--module",
                        "dev.fathom.bench/dev.fathom.bench.Worker"));
        return new Side("Fathom", command, Map.of());
    }

    /**
     * libtorch through DJL.
     *
     * @param folder its jars
     * @param tuned with the settings that help it on this kind of machine
     */
    public static Side libtorch(Path folder, int threads, boolean tuned) {
        var environment = new LinkedHashMap<String, String>();
        environment.put("OMP_NUM_THREADS", Integer.toString(threads));
        environment.put("OPT_OUT_TRACKING", "true");
        if (tuned) {
            environment.put("MALLOC_MMAP_THRESHOLD_", "4294967296");
            environment.put("MALLOC_TRIM_THRESHOLD_", "4294967296");
            environment.put("THP_MEM_ALLOC_ENABLE", "1");
        }
        return classPath(
                tuned ? "libtorch, tuned" : "libtorch",
                folder,
                "dev.fathom.bench.libtorch.Worker",
                List.of("-Dai.djl.offline=true", "-Dorg.slf4j.internal.verbosity=ERROR"),
                environment);
    }

    /**
     * A framework in the Java of this process, with native code.
     *
     * @param folder its jars, on the class path
     * @param worker its main class
     * @param options for the JVM besides the usual ones
     */
    static Side classPath(
            String name,
            Path folder,
            String worker,
            List<String> options,
            Map<String, String> environment) {
        var command = new ArrayList<String>();
        command.addAll(List.of(java(), "-XX:+UseParallelGC", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("--class-path", folder + "/*", worker));
        return new Side(name, command, environment);
    }

    /** The same with one more option for the JVM. */
    Side withOption(String option) {
        var more = new ArrayList<>(command);
        more.add(1, option);
        return new Side(name, more, environment);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** How a process ended. */
    sealed interface Outcome {}

    /** It measured. */
    record Measured(Measurement measurement) implements Outcome {}

    /** It did not, and why: it {@code failed}, or this side has nothing for the workload. */
    record Nothing(String reason, boolean failed) implements Outcome {}

    /** One process. */
    Outcome run(String workload, Path problem, String protocol) {
        var all = new ArrayList<>(command);
        all.addAll(List.of(workload, problem.toString(), protocol));
        var builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            builder.environment().put(Measurement.STARTED, Instant.now().toString());
            var process = builder.start();
            process.getOutputStream().close();
            var reader = new FutureTask<>(() -> process.inputReader().lines().toList());
            Thread.ofVirtual().start(reader);
            try {
                return outcome(reader.get(MINUTES, TimeUnit.MINUTES));
            } finally {
                process.destroyForcibly();
            }
        } catch (TimeoutException e) {
            return new Nothing("did not end within " + MINUTES + " minutes", true);
        } catch (IOException | ExecutionException e) {
            return new Nothing("could not be run: " + e.getMessage(), true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    static Outcome outcome(List<String> lines) {
        for (var line : lines) {
            if (Measurement.isLine(line)) {
                return new Measured(Measurement.parse(line));
            }
            if (line.startsWith(Job.UNSUPPORTED)) {
                return new Nothing(line.substring(Job.UNSUPPORTED.length()), false);
            }
        }
        return new Nothing("failed:\n" + String.join("\n", lines), true);
    }
}
