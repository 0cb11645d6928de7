package dev.fathom.bench.harness;

import dev.fathom.bench.measure.Measurement;
import dev.fathom.bench.workload.Workload;
import dev.fathom.bench.workload.Workloads;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

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
        return fathom("Fathom", List.of(), threads);
    }

    /**
     * Fathom that starts from classes as the JVM has read and checked them before; makes that
     * cache.
     *
     * @param cache where it is written
     * @throws BenchException if the JVM cannot make one
     */
    public static Side cached(int threads, Path cache) {
        var workload = Workloads.named("mlp");
        fathom("the making of a start cache", List.of("-XX:AOTCacheOutput=" + cache), threads)
                .run(workload, "smoke");
        if (!Files.isReadable(cache)) {
            throw new BenchException("this JVM made no start cache");
        }
        var options = List.of("-XX:AOTMode=on", "-XX:AOTCache=" + cache);
        return fathom("Fathom, start cache", options, threads);
    }

    private static Side fathom(String name, List<String> options, int threads) {
        var command = new ArrayList<String>();
        command.add(java());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-X"))
                .forEach(command::add);
        command.addAll(options);
        command.addAll(
                List.of(
                        "-XX:+UseTransparentHugePages",
                        "-Dfathom.threads=" + threads,
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--module-path",
                        System.getProperty("jdk.module.path"),
                        "--module",
                        "dev.fathom.bench/dev.fathom.bench.Worker"));
        return new Side(name, command, Map.of());
    }

    /**
     * libtorch through DJL.
     *
     * @param folder its jars
     * @param tuned with the settings that help it on this kind of machine
     */
    public static Side libtorch(Path folder, int threads, boolean tuned) {
        var command =
                List.of(
                        java(),
                        "-XX:+UseParallelGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dai.djl.offline=true",
                        "-Dorg.slf4j.internal.verbosity=ERROR",
                        "--class-path",
                        folder + "/*",
                        "dev.fathom.bench.libtorch.Worker");
        var environment = new LinkedHashMap<String, String>();
        environment.put("OMP_NUM_THREADS", Integer.toString(threads));
        environment.put("OPT_OUT_TRACKING", "true");
        if (tuned) {
            environment.put("MALLOC_MMAP_THRESHOLD_", "4294967296");
            environment.put("MALLOC_TRIM_THRESHOLD_", "4294967296");
            environment.put("THP_MEM_ALLOC_ENABLE", "1");
        }
        return new Side(tuned ? "libtorch, tuned" : "libtorch", command, environment);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** One process, on a problem of its own. */
    Optional<Measurement> run(Workload workload, String protocol) {
        Path problem = Harness.problem(workload);
        try {
            return run(workload.name(), problem, protocol);
        } finally {
            Harness.delete(problem);
        }
    }

    /**
     * One process.
     *
     * @return what it measured, or nothing if this side cannot run the workload
     * @throws BenchException if it fails
     */
    Optional<Measurement> run(String workload, Path problem, String protocol) {
        var all = new ArrayList<>(command);
        all.addAll(List.of(workload, problem.toString(), protocol));
        var builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            builder.environment().put(Measurement.STARTED, Instant.now().toString());
            var process = builder.start();
            process.getOutputStream().close();
            var lines = process.inputReader().lines().toList();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new BenchException(name + " did not end within " + MINUTES + " minutes");
            }
            if (lines.contains("UNSUPPORTED")) {
                return Optional.empty();
            }
            return Optional.of(
                    lines.stream()
                            .filter(Measurement::isLine)
                            .findFirst()
                            .map(Measurement::parse)
                            .orElseThrow(() ->
                                    new BenchException(
                                            name
                                                    + " failed on "
                                                    + workload
                                                    + ":\n"
                                                    + String.join("\n", lines))));
        } catch (IOException e) {
            throw new BenchException(name + " could not be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }
}
