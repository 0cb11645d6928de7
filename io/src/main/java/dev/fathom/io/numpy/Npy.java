package dev.fathom.io.numpy;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tensor.Tracer;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.error.UnsupportedFileException;
import dev.fathom.io.file.AtomicFile;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * NumPy's format for one array, versions 1 to 3: float32, float64, int32, int64 and bool, either
 * byte order, C or Fortran order. Nothing is unpickled.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern FIELD =
            Pattern.compile("\\s*'(\\w+)'\\s*:\\s*('[^']*'|True|False|\\([0-9,\\s]*\\))\\s*,?");
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int PIECE = 1 << 16;

    private Npy() {}

    /**
     * Reads {@code np.save}'s file.
     *
     * @throws CorruptFileException if its parts do not fit its length
     * @throws UnsupportedFileException if it holds another element type
     * @throws FileAccessException if the system refuses
     */
    public static Tensor read(Path file) {
        try (var in = new BufferedInputStream(Files.newInputStream(file))) {
            var tensor = read(file, in, Files.size(file));
            if (in.read() >= 0) {
                throw new CorruptFileException(file, "there are bytes after the array");
            }
            return tensor;
        } catch (IOException e) {
            throw new FileAccessException("read", file, e);
        }
    }

    /** Reads an array of which the file has at most {@code available} bytes. */
    static Tensor read(Path file, InputStream in, long available) throws IOException {
        var start = in.readNBytes(8);
        if (start.length < 8
                || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)
                || start[6] < 1
                || start[6] > 3) {
            throw new CorruptFileException(
                    file, "it does not begin like an npy file of version 1, 2 or 3");
        }
        int width = start[6] == 1 ? 2 : 4;
        var size = ByteBuffer.wrap(exactly(file, in, width)).order(ByteOrder.LITTLE_ENDIAN);
        long length = width == 2 ? size.getShort() & 0xffff : size.getInt() & 0xffff_ffffL;
        if (length > LONGEST_HEADER) {
            throw new CorruptFileException(file, "it claims a header of " + length + " bytes");
        }
        var header = new String(exactly(file, in, (int) length), StandardCharsets.ISO_8859_1);
        var fields = fields(file, header);
        var type = type(file, fields.descr());
        var shape = shape(file, fields.shape());
        long elements = elements(file, shape);
        if (elements > Integer.MAX_VALUE - 8 || elements * type.bytes() > available) {
            throw new CorruptFileException(
                    file,
                    "it claims "
                            + elements
                            + " elements, more than "
                            + available
                            + " bytes can hold");
        }
        var stored = fields.fortran() ? reversed(shape) : shape;
        var order =
                fields.descr().charAt(1) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        Tensor tensor =
                Array.of(
                        new TensorType(Shape.of(stored), type),
                        elements(file, in, type, (int) elements, order));
        return fields.fortran() && shape.length > 1 ? tensor.transpose() : tensor;
    }

    private static byte[] exactly(Path file, InputStream in, int length) throws IOException {
        var bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new CorruptFileException(file, "it is cut off");
        }
        return bytes;
    }

    /** What a header says. */
    private record Fields(String descr, boolean fortran, String shape) {}

    private static Fields fields(Path file, String header) {
        var text = header.strip();
        var fields = new HashMap<String, String>();
        if (text.startsWith("{") && text.endsWith("}")) {
            var field = FIELD.matcher(text).region(1, text.length() - 1);
            while (field.lookingAt()) {
                fields.put(field.group(1), field.group(2));
                field.region(field.end(), text.length() - 1);
            }
            var descr = fields.getOrDefault("descr", "");
            var order = fields.getOrDefault("fortran_order", "");
            var shape = fields.getOrDefault("shape", "");
            boolean complete =
                    fields.size() == 3
                            && descr.startsWith("'")
                            && shape.startsWith("(")
                            && order.matches("True|False");
            if (complete && text.substring(field.regionStart(), field.regionEnd()).isBlank()) {
                return new Fields(descr, order.equals("True"), shape);
            }
        }
        throw new CorruptFileException(
                file, "its header is not that of an array of numbers: " + text);
    }

    private static DType type(Path file, String descr) {
        return switch (descr) {
            case "'<f4'", "'>f4'" -> DType.FLOAT32;
            case "'<f8'", "'>f8'" -> DType.FLOAT64;
            case "'<i4'", "'>i4'" -> DType.INT32;
            case "'<i8'", "'>i8'" -> DType.INT64;
            case "'|b1'", "'?'" -> DType.BOOL;
            default ->
                    throw new UnsupportedFileException(
                            file,
                            "its elements are "
                                    + descr
                                    + "; save them as float32, float64, int32, int64 or bool, for"
                                    + " example with a.astype('float32')");
        };
    }

    private static int[] shape(Path file, String text) {
        var inside = text.substring(1, text.length() - 1).strip();
        try {
            return inside.isEmpty()
                    ? new int[0]
                    : Arrays.stream(inside.split(","))
                            .map(String::strip)
                            .mapToInt(Integer::parseInt)
                            .toArray();
        } catch (NumberFormatException _) {
            throw new CorruptFileException(file, "its shape is " + text);
        }
    }

    private static int[] reversed(int[] shape) {
        return IntStream.range(0, shape.length).map(i -> shape[shape.length - 1 - i]).toArray();
    }

    private static long elements(Path file, int[] shape) {
        long product = 1;
        try {
            for (int dim : shape) {
                product = Math.multiplyExact(product, (long) dim);
            }
        } catch (ArithmeticException _) {
            throw new CorruptFileException(file, "it claims more elements than can be counted");
        }
        return product;
    }

    private static HostBuffer elements(
            Path file, InputStream in, DType type, int count, ByteOrder order) throws IOException {
        var memory = HostBuffer.allocate(type, count);
        int step = PIECE / type.bytes();
        for (int from = 0; from < count; from += step) {
            int n = Math.min(step, count - from);
            var piece = ByteBuffer.wrap(exactly(file, in, n * type.bytes())).order(order);
            switch (memory.array()) {
                case float[] v -> piece.asFloatBuffer().get(v, from, n);
                case double[] v -> piece.asDoubleBuffer().get(v, from, n);
                case int[] v -> piece.asIntBuffer().get(v, from, n);
                case long[] v -> piece.asLongBuffer().get(v, from, n);
                case byte[] v -> {
                    for (int i = 0; i < n; i++) {
                        v[from + i] = (byte) (piece.get(i) == 0 ? 0 : 1);
                    }
                }
                case Object other ->
                        throw new IllegalStateException("a buffer holds " + other.getClass());
            }
        }
        return memory;
    }

    /** Writes what {@code np.load} reads; replaces the file as a whole. */
    public static void write(Path file, Tensor tensor) {
        AtomicFile.write(file, bytes(tensor));
    }

    static byte[] bytes(Tensor tensor) {
        var concrete =
                switch (tensor) {
                    case Array a -> a;
                    case Tracer s -> s.concrete();
                };
        var descr =
                switch (tensor.dtype()) {
                    case FLOAT32 -> "<f4";
                    case FLOAT64 -> "<f8";
                    case INT32 -> "<i4";
                    case INT64 -> "<i8";
                    case BOOL -> "|b1";
                    case BFLOAT16 ->
                            throw new DTypeException(
                                    "npy: NumPy has no bfloat16; cast to float32 first, which"
                                            + " changes no value");
                };
        var shape = new StringBuilder();
        for (int dim : tensor.shape().dims()) {
            shape.append(shape.isEmpty() ? "" : ", ").append(dim);
        }
        var header =
                "{'descr': '"
                        + descr
                        + "', 'fortran_order': False, 'shape': ("
                        + shape
                        + (tensor.rank() == 1 ? ",), }" : "), }");
        // magic, version and length are 10 bytes; the data begins at a multiple of 64
        int padded = (10 + header.length() + 1 + 63) / 64 * 64 - 10;
        header = header + " ".repeat(padded - header.length() - 1) + "\n";
        var out =
                ByteBuffer.allocate(
                                Math.addExact(10 + padded, Math.toIntExact(tensor.type().bytes())))
                        .order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) padded);
        out.put(header.getBytes(StandardCharsets.US_ASCII));
        var data = out.slice().order(ByteOrder.LITTLE_ENDIAN);
        switch (concrete.buffer().host()) {
            case float[] v -> data.asFloatBuffer().put(v);
            case double[] v -> data.asDoubleBuffer().put(v);
            case int[] v -> data.asIntBuffer().put(v);
            case long[] v -> data.asLongBuffer().put(v);
            case byte[] v -> data.put(v);
            case Object other ->
                    throw new IllegalStateException("a buffer holds " + other.getClass());
        }
        return out.array();
    }
}
