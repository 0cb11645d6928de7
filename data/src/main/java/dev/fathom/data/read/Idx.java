package dev.fathom.data.read;

import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.file.Content;
import dev.fathom.data.file.Sha256;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An array in the IDX format of LeCun's MNIST page: two zero bytes, a type code, the number of
 * axes, their sizes as big-endian 32-bit integers, then the elements, big-endian and row-major.
 * Plain or gzip.
 *
 * <p>The sizes are checked against the length of the file before memory is asked for, and the file
 * must end where the header says.
 */
public final class Idx {
    /** A Java array's greatest length on every virtual machine. */
    private static final long LARGEST = Integer.MAX_VALUE - 8;

    /** What the elements are. */
    public enum Type {
        /** Unsigned bytes, code 0x08. */
        UINT8(0x08, 1),
        /** Signed bytes, code 0x09. */
        INT8(0x09, 1),
        /** 16-bit integers, code 0x0B. */
        INT16(0x0B, 2),
        /** 32-bit integers, code 0x0C. */
        INT32(0x0C, 4),
        /** 32-bit floats, code 0x0D. */
        FLOAT32(0x0D, 4),
        /** 64-bit floats, code 0x0E. */
        FLOAT64(0x0E, 8);

        private final int code;
        private final int bytes;

        Type(int code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        boolean isFloating() {
            return this == FLOAT32 || this == FLOAT64;
        }
    }

    private final String label;
    private final Type type;
    private final Shape shape;
    private final byte[] header;
    private final byte[] elements;

    private Idx(String label, Type type, Shape shape, byte[] header, byte[] elements) {
        this.label = label;
        this.type = type;
        this.shape = shape;
        this.header = header;
        this.elements = elements;
    }

    /**
     * Reads a file.
     *
     * @throws MalformedDataException if it is not IDX, is cut short or has bytes left over
     */
    public static Idx read(Path file) {
        return parse(Content.of(file));
    }

    /** Reads bytes already in memory, plain or gzip; messages call them {@code label}. */
    public static Idx parse(String label, byte[] bytes) {
        return parse(Content.of(label, bytes));
    }

    private static Idx parse(Content content) {
        long largest = content.largest();
        return content.read(in -> parse(content.label(), largest, in));
    }

    private static Idx parse(String label, long largest, InputStream in) throws IOException {
        var start = exactly(label, in, 4);
        if (start[0] != 0 || start[1] != 0) {
            throw new MalformedDataException(
                    label
                            + " is not an IDX file: it starts with %02x %02x instead of 00 00"
                                    .formatted(start[0], start[1]));
        }
        var type = type(label, start[2] & 0xff);
        int rank = start[3] & 0xff;
        if (rank == 0) {
            throw new MalformedDataException(label + ": the IDX header has no axes");
        }
        var header = Arrays.copyOf(start, 4 + 4 * rank);
        System.arraycopy(exactly(label, in, 4 * rank), 0, header, 4, 4 * rank);
        var sizes = ByteBuffer.wrap(header).position(4).slice().asIntBuffer();
        var dims = new int[rank];
        long count = type.bytes;
        for (int i = 0; i < rank; i++) {
            dims[i] = sizes.get(i);
            if (dims[i] < 0 || (dims[i] > 0 && count > LARGEST / dims[i])) {
                throw new MalformedDataException(
                        label
                                + ": the IDX header asks for more than an array can hold: axis "
                                + i
                                + " of "
                                + rank
                                + " has size "
                                + (dims[i] & 0xffff_ffffL));
            }
            count *= dims[i];
        }
        if (count > largest - header.length) {
            throw new MalformedDataException(
                    label
                            + ": the IDX header promises "
                            + count
                            + " bytes but the file cannot hold"
                            + " more than "
                            + Math.max(0, largest - header.length)
                            + "; it was cut short or is not IDX");
        }
        var elements = in.readNBytes((int) count);
        if (elements.length < count) {
            throw new MalformedDataException(
                    label
                            + ": the IDX header promises "
                            + count
                            + " bytes but the file ends after "
                            + elements.length
                            + "; it was cut short, get it again");
        }
        if (in.read() >= 0) {
            throw new MalformedDataException(
                    label
                            + ": the file goes on after the "
                            + count
                            + " bytes that its IDX header promises");
        }
        return new Idx(label, type, Shape.of(dims), header, elements);
    }

    private static byte[] exactly(String label, InputStream in, int n) throws IOException {
        var bytes = in.readNBytes(n);
        if (bytes.length < n) {
            throw new MalformedDataException(
                    label + " is not an IDX file: it ends inside the header");
        }
        return bytes;
    }

    private static Type type(String label, int code) {
        for (var type : Type.values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new MalformedDataException(
                label
                        + ": the IDX header has the type code 0x%02x; known are 08, 09, 0b to 0e"
                                .formatted(code));
    }

    /** What the elements are in the file. */
    public Type type() {
        return type;
    }

    /** The sizes of the axes. */
    public Shape shape() {
        return shape;
    }

    /** The SHA-256 of the decompressed file, worked out on each call. */
    public String sha256() {
        return Sha256.of(header, elements);
    }

    /** The array as a tensor: int32 for all integer types, float32 and float64 as they are. */
    public Tensor tensor() {
        int[] dims = shape.dims();
        return switch (type) {
            case UINT8, INT8, INT16, INT32 -> Tensor.of(integers(), dims);
            case FLOAT32 -> Tensor.of(floats(), dims);
            case FLOAT64 -> {
                var values = new double[elements.length / 8];
                ByteBuffer.wrap(elements).asDoubleBuffer().get(values);
                yield Tensor.of(values, dims);
            }
        };
    }

    private int[] integers() {
        var values = new int[elements.length / type.bytes];
        var buffer = ByteBuffer.wrap(elements);
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (type) {
                        case UINT8 -> elements[i] & 0xff;
                        case INT8 -> elements[i];
                        case INT16 -> buffer.getShort(2 * i);
                        case INT32 -> buffer.getInt(4 * i);
                        case FLOAT32, FLOAT64 ->
                                throw new MalformedDataException(
                                        label + " holds " + type + "; integers were expected");
                    };
        }
        return values;
    }

    private float[] floats() {
        var values = new float[elements.length / type.bytes];
        var buffer = ByteBuffer.wrap(elements);
        switch (type) {
            case FLOAT32 -> buffer.asFloatBuffer().get(values);
            case FLOAT64 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) buffer.getDouble(8 * i);
                }
            }
            case UINT8, INT8, INT16, INT32 -> {
                var integers = integers();
                for (int i = 0; i < values.length; i++) {
                    values[i] = integers[i];
                }
            }
        }
        return values;
    }

    /** A data set from a file of features and a file of labels; see {@link #dataset(Idx, Idx)}. */
    public static Dataset dataset(Path features, Path labels) {
        return dataset(read(features), read(labels));
    }

    /**
     * A data set from an array of features and one of labels. Bytes become pixels from 0 to 1,
     * {@code (n, h, w)} images of one channel and {@code (n, h, w, c)} of several; other types keep
     * their values. Integer labels {@code (n)} are classes, floating ones {@code (n)} or {@code (n,
     * k)} numbers.
     *
     * @throws MalformedDataException if the two do not belong together
     */
    public static Dataset dataset(Idx features, Idx labels) {
        int n = labels.shape.dim(0);
        int rank = labels.shape.rank();
        if (features.shape.rank() < 2 || features.shape.dim(0) != n) {
            throw new MalformedDataException(
                    features.label
                            + " has the shape "
                            + features.shape
                            + " and "
                            + labels.label
                            + " "
                            + labels.shape
                            + ": features are (n, ...) and labels (n)");
        }
        if (rank > (labels.type.isFloating() ? 2 : 1)) {
            throw new MalformedDataException(
                    labels.label
                            + " has the shape "
                            + labels.shape
                            + "; labels are integers (n) or floats (n) or (n, k)");
        }
        int[] dims = features.shape.dims();
        int[] each = Arrays.copyOfRange(dims, 1, dims.length == 3 ? 4 : dims.length);
        if (dims.length == 3) {
            each[2] = 1;
        }
        var shape = Shape.of(each);
        int k = rank == 2 ? labels.shape.dim(1) : 1;
        boolean bytes = features.type == Type.UINT8;
        Dataset data;
        if (labels.type.isFloating()) {
            data =
                    bytes
                            ? Dataset.ofBytes(features.elements, 255, shape, labels.floats(), k)
                            : Dataset.ofFloats(features.floats(), shape, labels.floats(), k);
        } else {
            data =
                    bytes
                            ? Dataset.ofBytes(features.elements, 255, shape, labels.integers())
                            : Dataset.ofFloats(features.floats(), shape, labels.integers());
        }
        return data.describedAs(
                data.name(),
                features.label + " and " + labels.label,
                Sha256.of(features.header, features.elements, labels.header, labels.elements));
    }
}
