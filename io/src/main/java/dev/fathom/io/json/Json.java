package dev.fathom.io.json;

import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.file.AtomicFile;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Records, maps and lists to JSON and back. Components stand in the order in which they are
 * declared; doubles come back to the same bits; a NaN is written as the string {@code "NaN"} and
 * read again.
 */
public final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();
    private static final JsonMapper PRETTY =
            MAPPER.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {}

    /** On one line. */
    public static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** On many lines, for people. */
    public static String pretty(Object value) {
        return PRETTY.writeValueAsString(value);
    }

    /**
     * A value from its text. Properties that {@code type} does not have are ignored.
     *
     * @param origin the file, for messages
     * @throws CorruptFileException if the text is not JSON, or not of that type
     */
    public static <T> T read(Path origin, String text, Class<T> type) {
        T value;
        try {
            value = MAPPER.readValue(text, type);
        } catch (JacksonException e) {
            throw new CorruptFileException(
                    origin,
                    "it is not the JSON of a "
                            + type.getSimpleName()
                            + ": "
                            + e.getOriginalMessage());
        }
        if (value == null) {
            throw new CorruptFileException(
                    origin, "it says null instead of a " + type.getSimpleName());
        }
        return value;
    }

    /** A file with a JSON object as a map of maps, lists, strings, numbers and booleans. */
    public static Map<String, Object> readMap(Path file) {
        var map = new LinkedHashMap<String, Object>();
        Map<?, ?> raw = readFile(file, Map.class);
        raw.forEach((k, v) -> map.put(String.valueOf(k), v));
        return map;
    }

    /** {@link #read} of a whole file. */
    public static <T> T readFile(Path file, Class<T> type) {
        try {
            return read(file, Files.readString(file), type);
        } catch (MalformedInputException _) {
            throw new CorruptFileException(file, "it is not UTF-8 text");
        } catch (IOException e) {
            throw new FileAccessException("read", file, e);
        }
    }

    /** {@link #pretty} as a file, replaced as a whole. */
    public static void writeFile(Path file, Object value) {
        AtomicFile.write(file, pretty(value) + "\n");
    }
}
