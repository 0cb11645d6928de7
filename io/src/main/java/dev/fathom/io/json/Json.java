package dev.fathom.io.json;

import dev.fathom.core.error.FathomException;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.file.AtomicFile;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
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
import java.util.regex.Pattern;

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

    private static final Pattern TWICE = Pattern.compile("^Duplicate .*?(\"[^\"]*\")");

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
            throw new CorruptFileException(origin, reason(e));
        }
        if (value == null) {
            throw new CorruptFileException(
                    origin, "it says null instead of a " + type.getSimpleName());
        }
        return value;
    }

    /**
     * What is wrong with a text, for those who wrote it: where it stops being JSON, which property
     * is of another kind, or what a record says about its components.
     */
    public static String reason(JacksonException e) {
        var place = place(e);
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (!(cause instanceof JacksonException)) {
                return cause instanceof FathomException || cause instanceof IllegalArgumentException
                        ? inPlace(place, String.valueOf(cause.getMessage()))
                        : inPlace(place, "a value is missing or of another kind");
            }
        }
        var line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
        var at = line > 0 ? " (line " + line + ")" : "";
        var message = e.getOriginalMessage();
        if (e instanceof UnexpectedEndOfInputException
                || message.startsWith("Unexpected end-of-input")) {
            return "it ends in the middle" + at;
        }
        if (e instanceof StreamReadException) {
            var twice = TWICE.matcher(message);
            return (twice.find() ? twice.group(1) + " stands there twice" : "it is not JSON") + at;
        }
        if (message.startsWith("Trailing token")) {
            return "there is more after its end" + at;
        }
        if (message.startsWith("No content")) {
            return "it is empty";
        }
        return inPlace(place, "the value is of another kind") + at;
    }

    private static String inPlace(String place, String text) {
        return place.isEmpty() ? text : place + ": " + text;
    }

    /** {@code predictions[3].name}; empty for the whole. */
    private static String place(JacksonException e) {
        var place = new StringBuilder();
        for (var step : e.getPath()) {
            if (step.getPropertyName() == null) {
                place.append('[').append(step.getIndex()).append(']');
            } else {
                place.append(place.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        return place.toString();
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
