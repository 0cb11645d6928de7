package dev.fathom.bench.measure;

import dev.fathom.bench.measure.Job.Unsupported;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The system's memory of files, which a cold read must not find. */
public final class PageCache {
    private static final int SECONDS = 60;

    private PageCache() {}

    /**
     * Makes the system forget the content of {@code file}, which must be on the disk. What lies
     * below the system, such as the host of a virtual machine, may still remember it.
     *
     * @throws Unsupported if this system does not do it
     */
    public static void drop(Path file) {
        output("dd", "if=" + file, "iflag=nocache", "count=0");
        var resident = output("fincore", "--bytes", "--noheadings", "--output", "RES", "" + file);
        if (!resident.strip().equals("0")) {
            throw new Unsupported(
                    "this system keeps files in memory: "
                            + resident.strip()
                            + " bytes are left of "
                            + file);
        }
    }

    private static String output(String... command) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor(SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
                return text;
            }
            throw new Unsupported("a cold read needs " + command[0] + ", which says: " + text);
        } catch (IOException e) {
            throw new Unsupported("a cold read needs " + command[0] + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unsupported("interrupted");
        }
    }
}
