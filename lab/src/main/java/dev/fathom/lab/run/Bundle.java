package dev.fathom.lab.run;

import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.json.Json;
import dev.fathom.lab.error.StudyException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/**
 * What somebody ran: the folder of a run, or a ZIP archive of it.
 *
 * @param spec the text of {@code spec.json}
 * @param text the text of {@code result.json}
 */
public record Bundle(Path origin, String spec, String text, Result result) {
    private static final long LARGEST = 64L << 20;

    /**
     * Reads one.
     *
     * @throws StudyException if it holds no finished run
     */
    public static Bundle read(Path origin) {
        try {
            if (Files.isDirectory(origin)) {
                return of(
                        origin,
                        text(origin, origin.resolve("spec.json")),
                        text(origin, origin.resolve("result.json")));
            }
            if (!Files.exists(origin)) {
                throw new StudyException(origin + " does not exist");
            }
            try (var zip = new ZipFile(origin.toFile())) {
                return of(
                        origin, entry(zip, origin, "spec.json"), entry(zip, origin, "result.json"));
            }
        } catch (IOException e) {
            throw new FileAccessException("read", origin, e);
        }
    }

    private static Bundle of(Path origin, String spec, String text) {
        return new Bundle(
                origin, spec, text, Json.read(origin.resolve("result.json"), text, Result.class));
    }

    private static String text(Path origin, Path file) throws IOException {
        if (!Files.exists(file)) {
            throw missing(origin, file.getFileName().toString());
        }
        return Files.readString(file);
    }

    private static String entry(ZipFile zip, Path origin, String name) throws IOException {
        for (var entries = zip.entries(); entries.hasMoreElements(); ) {
            var entry = entries.nextElement();
            if (entry.getName().equals(name) || entry.getName().endsWith("/" + name)) {
                try (var in = zip.getInputStream(entry)) {
                    var bytes = in.readNBytes((int) LARGEST);
                    return new String(bytes, StandardCharsets.UTF_8);
                }
            }
        }
        throw missing(origin, name);
    }

    private static StudyException missing(Path origin, String name) {
        return new StudyException(
                "%s holds no %s: it is not a finished run of 'fathom lab run'"
                        .formatted(origin, name));
    }

    /** The order that gave it. */
    public Order order() {
        return new Order(Session.tier(result.tier()), result.seed(), result.wanted());
    }
}
