package dev.fathom.io.safetensors;

import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.BFloat16;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tensor.Tracer;
import dev.fathom.io.error.CorruptFileException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** Elements of tensors to and from little-endian bytes, a piece at a time. */
final class Elements {
    /** Bytes in a piece, a multiple of every element size. */
    static final int PIECE = 1 << 16;

    private Elements() {}

    /** Gives the next bytes; fills the buffer to its limit. */
    @FunctionalInterface
    interface Source {
        void fill(ByteBuffer piece) throws IOException;
    }

    /** Takes the next bytes. */
    @FunctionalInterface
    interface Sink {
        void take(ByteBuffer piece) throws IOException;
    }

    static Object memory(Tensor t) {
        return switch (t) {
            case Array a -> a.buffer().host();
            case Tracer s -> s.concrete().buffer().host();
        };
    }

    static void write(Tensor tensor, Sink sink) throws IOException {
        var memory = memory(tensor);
        int size = tensor.dtype().bytes();
        int count = tensor.shape().length();
        var piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < count; from += PIECE / size) {
            int n = Math.min(PIECE / size, count - from);
            piece.clear();
            switch (memory) {
                case float[] v -> piece.asFloatBuffer().put(v, from, n);
                case double[] v -> piece.asDoubleBuffer().put(v, from, n);
                case int[] v -> piece.asIntBuffer().put(v, from, n);
                case long[] v -> piece.asLongBuffer().put(v, from, n);
                case byte[] v -> piece.put(0, v, from, n);
                case short[] v -> piece.asShortBuffer().put(v, from, n);
                case Object other ->
                        throw new IllegalStateException("a buffer holds " + other.getClass());
            }
            sink.take(piece.limit(n * size));
        }
    }

    static Tensor read(Path file, Header.Entry entry, DType dtype, Source source)
            throws IOException {
        int count = entry.length();
        int size = entry.type().bytes();
        var memory = HostBuffer.allocate(dtype, count);
        var piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < count; from += PIECE / size) {
            int n = Math.min(PIECE / size, count - from);
            source.fill(piece.clear().limit(n * size));
            piece.flip();
            switch (memory.array()) {
                case float[] v -> floats(entry.type(), piece, v, from, n);
                case double[] v -> piece.asDoubleBuffer().get(v, from, n);
                case int[] v -> ints(entry.type(), piece, v, from, n);
                case long[] v -> longs(entry.type(), piece, v, from, n);
                case byte[] v -> booleans(file, entry, piece, v, from, n);
                case short[] v -> piece.asShortBuffer().get(v, from, n);
                case Object other ->
                        throw new IllegalStateException("a buffer holds " + other.getClass());
            }
        }
        return Array.of(new TensorType(entry.shape(), dtype), memory);
    }

    private static void floats(StoredType type, ByteBuffer piece, float[] into, int from, int n) {
        if (type == StoredType.F32) {
            piece.asFloatBuffer().get(into, from, n);
            return;
        }
        for (int i = 0; i < n; i++) {
            short bits = piece.getShort(2 * i);
            into[from + i] =
                    type == StoredType.F16 ? Float.float16ToFloat(bits) : BFloat16.toFloat(bits);
        }
    }

    private static void ints(StoredType type, ByteBuffer piece, int[] into, int from, int n) {
        if (type == StoredType.I32) {
            piece.asIntBuffer().get(into, from, n);
            return;
        }
        boolean signed = type == StoredType.I8 || type == StoredType.I16;
        for (int i = 0; i < n; i++) {
            int value = type.bytes() == 1 ? piece.get(i) : piece.getShort(2 * i);
            into[from + i] = signed ? value : value & (type.bytes() == 1 ? 0xff : 0xffff);
        }
    }

    private static void longs(StoredType type, ByteBuffer piece, long[] into, int from, int n) {
        if (type == StoredType.I64) {
            piece.asLongBuffer().get(into, from, n);
            return;
        }
        for (int i = 0; i < n; i++) {
            into[from + i] = piece.getInt(4 * i) & 0xffff_ffffL;
        }
    }

    private static void booleans(
            Path file, Header.Entry entry, ByteBuffer piece, byte[] into, int from, int n) {
        piece.get(0, into, from, n);
        for (int i = from; i < from + n; i++) {
            if (into[i] != 0 && into[i] != 1) {
                throw new CorruptFileException(
                        file,
                        "element "
                                + i
                                + " of the BOOL tensor '"
                                + entry.name()
                                + "' is "
                                + into[i]
                                + ", not 0 or 1");
            }
        }
    }
}
