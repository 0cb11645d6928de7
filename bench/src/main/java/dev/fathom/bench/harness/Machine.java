package dev.fathom.bench.harness;

import dev.fathom.core.spi.Backends;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where the numbers of a table are from.
 *
 * @param cpu its model, or its architecture where the system does not say more
 * @param cores of it that this process sees
 * @param memoryGigabytes of the machine, 0 where the system does not say
 * @param backend of Fathom
 * @param one what one thread does at most
 * @param all what the threads of this run do at most
 */
public record Machine(
        String cpu,
        int cores,
        double memoryGigabytes,
        String os,
        String java,
        String backend,
        Limits one,
        Limits all) {
    /** Takes some seconds. */
    public static Machine measured(int threads) {
        var one = Limits.measure(1);
        return new Machine(
                field("/proc/cpuinfo", "model name", System.getProperty("os.arch")),
                Runtime.getRuntime().availableProcessors(),
                Double.parseDouble(field("/proc/meminfo", "MemTotal", "0").replaceAll("\\D", ""))
                        * 1024
                        / 1e9,
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
                Backends.current().description(),
                one,
                threads == 1 ? one : Limits.measure(threads));
    }

    /** The first value of {@code name} in a file of lines {@code name: value}. */
    private static String field(String file, String name, String otherwise) {
        if (!Files.isReadable(Path.of(file))) {
            return otherwise;
        }
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(otherwise);
        } catch (IOException unreadable) {
            return otherwise;
        }
    }

    /** As text, a line for each matter. */
    public String text() {
        return String.format(
                Locale.ROOT,
                "- %s, %d cores, %.0f GB; %s; %s%n- Fathom: %s%n- at most: %s; %s%n%s",
                cpu,
                cores,
                memoryGigabytes,
                os,
                java,
                backend,
                one,
                all,
                all.gigaflops() < one.gigaflops()
                        ? "- more threads did less than one: something else is running, and these"
                                + " numbers say little"
                                + System.lineSeparator()
                        : "");
    }
}
