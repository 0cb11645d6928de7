package dev.fathom.data.dataset;

import dev.fathom.core.tensor.Tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How the features of all examples are stored: the same number of values for each. */
sealed interface Features {
    /** Writes the values of example {@code row} to {@code into} from {@code offset}. */
    void read(int row, float[] into, int offset);

    /** Values that were read, as a tensor of the type that belongs to them. */
    default Tensor tensor(float[] values, int[] dims) {
        return Tensor.of(values, dims);
    }

    /** What identifies the values: the stored ones as bytes, floats little-endian. */
    byte[] identity();

    /** Unsigned bytes; byte {@code b} stands for {@code value[b]}. */
    record Bytes(byte[] bytes, int width, float[] value) implements Features {
        /** Bytes that stand for {@code b / white}. */
        static Bytes of(byte[] bytes, int width, int white) {
            var value = new float[256];
            for (int b = 0; b < 256; b++) {
                value[b] = b / (float) white;
            }
            return new Bytes(bytes, width, value);
        }

        @Override
        public void read(int row, float[] into, int offset) {
            int from = row * width;
            for (int i = 0; i < width; i++) {
                into[offset + i] = value[bytes[from + i] & 0xff];
            }
        }

        @Override
        public byte[] identity() {
            return bytes;
        }
    }

    /** Floats as they are. */
    record Floats(float[] values, int width) implements Features {
        @Override
        public void read(int row, float[] into, int offset) {
            System.arraycopy(values, row * width, into, offset, width);
        }

        @Override
        public byte[] identity() {
            return littleEndian(values);
        }
    }

    /** The same values several times, one after the other. */
    record Repeated(Features inner, int width, int times) implements Features {
        @Override
        public void read(int row, float[] into, int offset) {
            inner.read(row, into, offset);
            for (int i = 1; i < times; i++) {
                System.arraycopy(into, offset, into, offset + i * width, width);
            }
        }

        @Override
        public byte[] identity() {
            return inner.identity();
        }
    }

    /** Made anew on every request. */
    record Decoded(Decoder decoder) implements Features {
        @Override
        public void read(int row, float[] into, int offset) {
            decoder.decode(row, into, offset);
        }

        @Override
        public byte[] identity() {
            return new byte[0];
        }
    }

    /**
     * Windows of a text as token numbers. They fit a float exactly, since there are at most {@link
     * Targets#MOST_CLASSES} different ones.
     */
    record Tokens(int[] ids, int width, int stride) implements Features {
        @Override
        public void read(int row, float[] into, int offset) {
            int from = row * stride;
            for (int i = 0; i < width; i++) {
                into[offset + i] = ids[from + i];
            }
        }

        @Override
        public Tensor tensor(float[] values, int[] dims) {
            var numbers = new int[values.length];
            for (int i = 0; i < values.length; i++) {
                numbers[i] = (int) values[i];
            }
            return Tensor.of(numbers, dims);
        }

        @Override
        public byte[] identity() {
            return littleEndian(ids);
        }
    }

    /** The bytes of ints, little-endian. */
    static byte[] littleEndian(int[] values) {
        var buffer = ByteBuffer.allocate(Math.multiplyExact(values.length, 4));
        buffer.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(values);
        return buffer.array();
    }

    /** The bytes of floats, little-endian. */
    static byte[] littleEndian(float[] values) {
        var buffer = ByteBuffer.allocate(Math.multiplyExact(values.length, 4));
        buffer.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
        return buffer.array();
    }
}
