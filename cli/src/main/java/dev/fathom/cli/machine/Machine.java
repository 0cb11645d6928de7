package dev.fathom.cli.machine;

import dev.fathom.core.spi.Backends;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * The machine a run was made on.
 *
 * @param java the version of the JDK and who built it
 * @param jvm the virtual machine
 * @param os operating system, version and architecture
 * @param cpu what the processor calls itself
 * @param cores processors available to this JVM
 * @param threads threads that compute
 * @param backend the backend's own line
 * @param vectorBits width of a vector register, 0 where the backend does not say
 * @param memory bytes of main memory, 0 if unknown
 * @param heap the most bytes the Java heap may grow to
 * @param hugePages Linux's setting for transparent huge pages, or {@code unknown}
 */
public record Machine(
        String java,
        String jvm,
        String os,
        String cpu,
        int cores,
        int threads,
        String backend,
        int vectorBits,
        long memory,
        long heap,
        String hugePages) {
    /** The system property that says how many threads compute; read when the backend is loaded. */
    public static final String THREADS = "fathom.threads";

    private static final String UNKNOWN = "unknown";
    private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final Pattern BITS = Pattern.compile("(\\d+)-bit");

    /** This machine; loads the backend. */
    public static Machine current() {
        var backend = Backends.current();
        var description = backend.name() + ": " + backend.description();
        return new Machine(
                property("java.version") + " (" + property("java.vendor") + ")",
                property("java.vm.name"),
                property("os.name") + " " + property("os.version") + ", " + property("os.arch"),
                processor(),
                Runtime.getRuntime().availableProcessors(),
                threadsInUse(),
                description,
                vectorBits(description).orElse(0),
                mainMemory(),
                Runtime.getRuntime().maxMemory(),
                hugePageMode());
    }

    /** How many threads compute. */
    public static int threadsInUse() {
        return Integer.getInteger(THREADS, Runtime.getRuntime().availableProcessors());
    }

    static OptionalInt vectorBits(String description) {
        var found = BITS.matcher(description);
        return found.find()
                ? OptionalInt.of(Integer.parseInt(found.group(1)))
                : OptionalInt.empty();
    }

    private static String property(String name) {
        return System.getProperty(name, UNKNOWN);
    }

    private static long mainMemory() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
    }

    private static String processor() {
        return firstLine(CPU_INFO, "model name")
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .or(() -> Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER")))
                .orElse(property("os.arch"));
    }

    /** {@code always}, {@code madvise} or {@code never}: the word that Linux puts in brackets. */
    private static String hugePageMode() {
        return firstLine(HUGE_PAGES, "").map(Machine::chosen).orElse(UNKNOWN);
    }

    static String chosen(String modes) {
        int open = modes.indexOf('[');
        int close = modes.indexOf(']');
        return open >= 0 && close > open ? modes.substring(open + 1, close) : UNKNOWN;
    }

    private static Optional<String> firstLine(Path file, String start) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.stream().filter(line -> line.startsWith(start)).findFirst();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
