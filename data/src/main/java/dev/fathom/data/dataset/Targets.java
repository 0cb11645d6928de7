package dev.fathom.data.dataset;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.error.MalformedDataException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What is to be predicted: one class per example, or a few numbers. */
sealed interface Targets {
    /** More classes than this are taken for a mistake in the labels. */
    int MOST_CLASSES = 100_000;

    /** How many examples there are. */
    int count();

    /** The target of one row: a scalar for a class, a vector of numbers. */
    Tensor of(int row);

    /** The targets of the given rows as a tensor. */
    Tensor of(int[] rows);

    /** What identifies the targets: their bytes, little-endian. */
    byte[] identity();

    /** Class {@code labels[i]}, called {@code names.get(labels[i])}. */
    record Classes(int[] labels, List<String> names) implements Targets {
        public Classes {
            names = List.copyOf(names);
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] < 0 || labels[i] >= names.size()) {
                    throw new MalformedDataException(
                            "example "
                                    + i
                                    + " has label "
                                    + labels[i]
                                    + "; with "
                                    + names.size()
                                    + " classes labels run from 0 to "
                                    + (names.size() - 1));
                }
            }
        }

        /** Classes called 0, 1, 2, ... up to the greatest label. */
        static Classes numbered(int[] labels) {
            int greatest = IntStream.of(labels).max().orElse(-1);
            if (greatest >= MOST_CLASSES) {
                throw new MalformedDataException(
                        "the greatest label is "
                                + greatest
                                + "; labels count classes from 0 and "
                                + MOST_CLASSES
                                + " classes are the most supported");
            }
            return new Classes(
                    labels,
                    IntStream.rangeClosed(0, greatest).mapToObj(Integer::toString).toList());
        }

        @Override
        public int count() {
            return labels.length;
        }

        @Override
        public Tensor of(int row) {
            return Tensor.scalar(labels[row]);
        }

        @Override
        public Tensor of(int[] rows) {
            var chosen = new int[rows.length];
            for (int i = 0; i < rows.length; i++) {
                chosen[i] = labels[rows[i]];
            }
            return Tensor.of(chosen, rows.length);
        }

        @Override
        public byte[] identity() {
            var buffer = ByteBuffer.allocate(Math.multiplyExact(labels.length, 4));
            buffer.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(labels);
            return buffer.array();
        }
    }

    /** {@code width} numbers for each example, row-major. */
    record Numbers(float[] values, int width) implements Targets {
        @Override
        public int count() {
            return values.length / width;
        }

        @Override
        public Tensor of(int row) {
            return Tensor.of(Arrays.copyOfRange(values, row * width, (row + 1) * width));
        }

        @Override
        public Tensor of(int[] rows) {
            var chosen = new float[rows.length * width];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(values, rows[i] * width, chosen, i * width, width);
            }
            return Tensor.of(chosen, rows.length, width);
        }

        @Override
        public byte[] identity() {
            return Features.littleEndian(values);
        }
    }
}
