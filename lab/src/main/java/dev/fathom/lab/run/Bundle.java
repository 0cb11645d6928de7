package dev.fathom.lab.run;

import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.json.Json;
import dev.fathom.lab.error.StudyException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What somebody ran: the folder of a run, or a ZIP archive of it. Nothing is unpacked.
 *
 * @param spec the text of {@code spec.json}
 * @param text the text of {@code result.json}
 * @param version of the Fathom that wrote it; empty if its {@code env.json} does not say
 */
public record Bundle(Path origin, String spec, String text, Result result, String version) {
    private static final int LARGEST = 64 << 20;
    private static final String SPEC = "spec.json";
    private static final String RESULT = "result.json";
    private static final String ENVIRONMENT = "env.json";

    /**
     * Reads one.
     *
     * @throws StudyException if it holds no finished run, or more than one
     * @throws CorruptFileException if its result cannot be understood
     */
    public static Bundle read(Path origin) {
        try {
            if (Files.isDirectory(origin)) {
                return of(origin, name -> text(origin.resolve(name)));
            }
            if (!Files.exists(origin)) {
                throw new StudyException(origin + " does not exist");
            }
            try (var zip = new ZipFile(origin.toFile())) {
                return of(origin, name -> entry(zip, origin, name));
            }
        } catch (ZipException _) {
            throw new StudyException(
                    origin + " is neither the folder of a run nor a ZIP archive of one");
        } catch (IOException e) {
            throw new FileAccessException("read", origin, e);
        }
    }

    /** The text of a file of the run, empty if there is none. */
    @FunctionalInterface
    private interface Source {
        Optional<String> text(String name) throws IOException;
    }

    private static Bundle of(Path origin, Source source) throws IOException {
        var spec = source.text(SPEC).orElseThrow(() -> missing(origin, SPEC));
        var text = source.text(RESULT).orElseThrow(() -> missing(origin, RESULT));
        var version = source.text(ENVIRONMENT).map(e -> version(origin, e)).orElse("");
        try {
            var result = Json.read(origin.resolve(RESULT), text, Result.class);
            return new Bundle(origin, spec, text, result, version);
        } catch (CorruptFileException e) {
            if (version.isEmpty() || version.equals(here())) {
                throw e;
            }
            throw new StudyException(
                    "%s was written by Fathom %s, and this is %s, which reads its result otherwise: %s"
                            .formatted(origin, version, here(), e.reason()));
        }
    }

    private static String version(Path origin, String environment) {
        var all = Json.read(origin.resolve(ENVIRONMENT), environment, Map.class);
        return all.get("fathom") instanceof String version ? version : "";
    }

    /** The version of this Fathom. */
    public static String here() {
        return dev.fathom.train.run.Environment.version();
    }

    private static Optional<String> text(Path file) throws IOException {
        return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    }

    /** A file at the top of the archive, or of the one folder in it. */
    private static Optional<String> entry(ZipFile zip, Path origin, String name)
            throws IOException {
        var found =
                zip.stream()
                        .filter(e -> e.getName().equals(name) || e.getName().endsWith("/" + name))
                        .toList();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        if (found.size() > 1) {
            throw new StudyException(
                    "%s holds %s more than once; it should be the archive of one run"
                            .formatted(origin, name));
        }
        var entry = found.getFirst();
        if (List.of(entry.getName().split("[/\\\\]")).contains("..")) {
            throw new StudyException(
                    "%s holds \"%s\", which would stand outside of it; do not trust this archive"
                            .formatted(origin, entry.getName()));
        }
        try (var in = zip.getInputStream(entry)) {
            var bytes = in.readNBytes(LARGEST);
            if (bytes.length == LARGEST) {
                throw new StudyException(
                        "%s: its %s is larger than any run writes".formatted(origin, name));
            }
            return Optional.of(new String(bytes, StandardCharsets.UTF_8));
        }
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
