package dev.fathom.data.dataset;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.error.MalformedDataException;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What is to be predicted: one class per example, the next token at each place, or numbers. */
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
            return Features.littleEndian(labels);
        }
    }

    /** The tokens that follow those of window {@code row}: one place further to the right. */
    record Next(int[] ids, int width, int stride, int count, List<String> names)
            implements Targets {
        public Next {
            names = List.copyOf(names);
            if (names.size() > MOST_CLASSES) {
                throw new MalformedDataException(
                        names.size()
                                + " different tokens are too many; "
                                + MOST_CLASSES
                                + " are the most supported");
            }
            for (int i = 0; i < ids.length; i++) {
                if (ids[i] < 0 || ids[i] >= names.size()) {
                    throw new MalformedDataException(
                            "token "
                                    + i
                                    + " has the number "
                                    + ids[i]
                                    + "; with "
                                    + names.size()
                                    + " different tokens they run from 0 to "
                                    + (names.size() - 1));
                }
            }
        }

        @Override
        public Tensor of(int row) {
            return Tensor.of(Arrays.copyOfRange(ids, row * stride + 1, row * stride + 1 + width));
        }

        @Override
        public Tensor of(int[] rows) {
            var chosen = new int[Math.multiplyExact(rows.length, width)];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(ids, rows[i] * stride + 1, chosen, i * width, width);
            }
            return Tensor.of(chosen, rows.length, width);
        }

        @Override
        public byte[] identity() {
            return Features.littleEndian(ids);
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
