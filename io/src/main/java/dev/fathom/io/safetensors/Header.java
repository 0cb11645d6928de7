package dev.fathom.io.safetensors;

import dev.fathom.core.tensor.Shape;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.UnsupportedFileException;
import dev.fathom.io.json.Json;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The checked content of a header: every number in it has been held against the length of the data.
 */
record Header(List<Entry> entries, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";

    /** The largest header that the format's own library reads. */
    static final int LONGEST = 100_000_000;

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /** One tensor: bytes {@code begin} to {@code end - 1} of the data. */
    record Entry(String name, StoredType type, Shape shape, long begin, long end) {
        int length() {
            return shape.length();
        }
    }

    /** Reads and checks; {@code dataLength} is what the file has after the header. */
    static Header parse(Path file, byte[] bytes, long dataLength) {
        var root = json(file, bytes);
        if (!root.isObject()) {
            throw new CorruptFileException(file, "the header is not a JSON object");
        }
        var entries = new ArrayList<Entry>();
        Map<String, String> metadata = Map.of();
        for (var property : root.properties()) {
            if (property.getKey().equals(METADATA)) {
                metadata = metadata(file, property.getValue());
            } else {
                entries.add(entry(file, property.getKey(), property.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        checkOffsets(file, entries, dataLength);
        return new Header(entries, metadata);
    }

    private static JsonNode json(Path file, byte[] bytes) {
        if (bytes.length == 0 || bytes[0] != '{') {
            throw new CorruptFileException(
                    file, "the header does not begin with '{'; this is no safetensors file");
        }
        try {
            var text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return JSON.readTree(text);
        } catch (CharacterCodingException _) {
            throw new CorruptFileException(file, "the header is not UTF-8");
        } catch (JacksonException e) {
            throw new CorruptFileException(file, "the header is not JSON: " + Json.reason(e));
        }
    }

    private static Map<String, String> metadata(Path file, JsonNode node) {
        if (!node.isObject()) {
            throw new CorruptFileException(file, METADATA + " is not a JSON object");
        }
        var map = new LinkedHashMap<String, String>();
        for (var property : node.properties()) {
            if (!property.getValue().isString()) {
                throw new CorruptFileException(
                        file, METADATA + " '" + property.getKey() + "' is not a string");
            }
            map.put(property.getKey(), property.getValue().stringValue());
        }
        return map;
    }

    private static Entry entry(Path file, String name, JsonNode node) {
        var dtype = node.path("dtype");
        var dims = node.path("shape");
        var offsets = node.path("data_offsets");
        if (!dtype.isString()
                || !dims.isArray()
                || !offsets.isArray()
                || offsets.size() != 2
                || node.size() != 3) {
            throw new CorruptFileException(
                    file,
                    "tensor '" + name + "' needs exactly a dtype, a shape and two data_offsets");
        }
        var type =
                StoredType.named(dtype.stringValue())
                        .orElseThrow(() ->
                                new UnsupportedFileException(
                                        file,
                                        "tensor '"
                                                + name
                                                + "' has the element type "
                                                + dtype.stringValue()
                                                + ", which cannot be read. Convert it to F32, F64,"
                                                + " I32, I64 or BOOL before saving"));
        var shape = shape(file, name, dims);
        long begin = offset(file, name, offsets.get(0));
        long end = offset(file, name, offsets.get(1));
        long length = end - begin;
        long elements = elements(file, name, shape);
        if (length < 0 || length / type.bytes() != elements || length % type.bytes() != 0) {
            throw new CorruptFileException(
                    file,
                    "tensor '"
                            + name
                            + "' of "
                            + type
                            + " "
                            + dims
                            + " does not fit bytes "
                            + begin
                            + " to "
                            + end);
        }
        if (elements > Integer.MAX_VALUE - 8) {
            throw new UnsupportedFileException(
                    file,
                    "tensor '"
                            + name
                            + "' has "
                            + elements
                            + " elements; a tensor holds at most 2^31 - 9");
        }
        return new Entry(name, type, Shape.of(shape), begin, end);
    }

    private static int[] shape(Path file, String name, JsonNode dims) {
        var shape = new int[dims.size()];
        for (int i = 0; i < shape.length; i++) {
            var dim = dims.get(i);
            if (!dim.isIntegralNumber() || !dim.canConvertToInt() || dim.intValue() < 0) {
                throw new CorruptFileException(file, "tensor '" + name + "' has the shape " + dims);
            }
            shape[i] = dim.intValue();
        }
        return shape;
    }

    private static long offset(Path file, String name, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
            throw new CorruptFileException(
                    file, "tensor '" + name + "' has the data offset " + node);
        }
        return node.longValue();
    }

    private static long elements(Path file, String name, int[] shape) {
        long product = 1;
        try {
            for (int dim : shape) {
                product = Math.multiplyExact(product, (long) dim);
            }
        } catch (ArithmeticException _) {
            throw new CorruptFileException(
                    file, "tensor '" + name + "' claims more elements than can be counted");
        }
        return product;
    }

    private static void checkOffsets(Path file, List<Entry> entries, long dataLength) {
        long at = 0;
        for (var e : entries) {
            if (e.begin() != at) {
                throw new CorruptFileException(
                        file,
                        "tensor '"
                                + e.name()
                                + "' begins at byte "
                                + e.begin()
                                + " of the data, where "
                                + (e.begin() < at
                                        ? "another tensor still lies"
                                        : "nothing but a gap ends")
                                + "; expected "
                                + at);
            }
            at = e.end();
        }
        if (at != dataLength) {
            throw new CorruptFileException(
                    file,
                    "the header describes "
                            + at
                            + " bytes of data, but the file has "
                            + dataLength);
        }
    }

    /** As JSON, padded so that the data begins at a multiple of 8 bytes. */
    byte[] bytes(Path file) {
        var root = new LinkedHashMap<String, Object>();
        if (!metadata.isEmpty()) {
            root.put(METADATA, metadata);
        }
        for (var e : entries) {
            var tensor = new LinkedHashMap<String, Object>();
            tensor.put("dtype", e.type().name());
            tensor.put("shape", e.shape().dims());
            tensor.put("data_offsets", new long[] {e.begin(), e.end()});
            root.put(e.name(), tensor);
        }
        var text = new StringBuilder(JSON.writeValueAsString(root));
        ByteBuffer encoded;
        try {
            int length =
                    StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)).remaining();
            text.append(" ".repeat((8 - length % 8) % 8));
            encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        } catch (CharacterCodingException _) {
            throw new UnsupportedFileException(
                    file,
                    "a name or a piece of metadata is not valid Unicode and cannot be written");
        }
        var bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }
}
