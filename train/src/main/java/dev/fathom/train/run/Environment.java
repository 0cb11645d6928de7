package dev.fathom.train.run;

import dev.fathom.core.spi.Backends;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.train.error.SettingException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where and with what a run was made.
 *
 * @param fathom the version of this library
 * @param java the version of the Java runtime
 * @param vendor who made it
 * @param vm the virtual machine
 * @param os the operating system and its version
 * @param arch the instruction set
 * @param cpu the processor's name, if the system tells
 * @param processors how many logical ones the virtual machine may use
 * @param heapBytes the largest heap, in bytes
 * @param backend the name of the backend
 * @param device its device, vector width and threads
 * @param seed of the run
 * @param data the name of the data set
 * @param dataSource where it came from
 * @param dataSha256 its checksum
 * @param examples how many of it were trained on
 * @param started when, in UTC
 */
public record Environment(
        String fathom,
        String java,
        String vendor,
        String vm,
        String os,
        String arch,
        String cpu,
        int processors,
        long heapBytes,
        String backend,
        String device,
        long seed,
        String data,
        String dataSource,
        String dataSha256,
        int examples,
        String started) {

    /** Refuses what a damaged file may lack. */
    public Environment {
        if (Stream.of(
                        fathom,
                        java,
                        vendor,
                        vm,
                        os,
                        arch,
                        cpu,
                        backend,
                        device,
                        data,
                        dataSource,
                        dataSha256,
                        started)
                .anyMatch(Objects::isNull)) {
            throw new SettingException("a line of the environment is missing");
        }
    }

    /** Here and now, with the given seed and training data. */
    public static Environment current(long seed, Dataset train) {
        var backend = Backends.current();
        return new Environment(
                version(),
                Runtime.version().toString(),
                System.getProperty("java.vendor", "unknown"),
                System.getProperty("java.vm.name", "unknown"),
                System.getProperty("os.name", "unknown")
                        + " "
                        + System.getProperty("os.version", ""),
                System.getProperty("os.arch", "unknown"),
                cpuName(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory(),
                backend.name(),
                backend.description(),
                seed,
                train.name(),
                train.source(),
                train.sha256(),
                train.size(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /** The version of the module, or {@code development} when it runs from class files. */
    public static String version() {
        return Optional.ofNullable(Environment.class.getModule().getDescriptor())
                .flatMap(d -> d.rawVersion())
                .orElse("development");
    }

    private static String cpuName() {
        var linux = Path.of("/proc/cpuinfo");
        if (Files.isReadable(linux)) {
            try (var lines = Files.lines(linux)) {
                var model = lines.filter(l -> l.startsWith("model name")).findFirst();
                if (model.isPresent()) {
                    return model.get().substring(model.get().indexOf(':') + 1).strip();
                }
            } catch (IOException _) {
                // then it stays unknown
            }
        }
        return Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER")).orElse("unknown");
    }
}
