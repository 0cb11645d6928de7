package dev.fathom.data.read;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A column of a {@link Table}: numbers, if every cell that is not blank is one, and text otherwise.
 */
public sealed interface Column {
    /** What the header calls it, or {@code column 3}. */
    String name();

    /** True if row {@code row} has nothing in this column. */
    boolean isBlank(int row);

    /** The cell in row {@code row} as text, empty if it is blank; whole numbers without a point. */
    String text(int row);

    /** The column with only the given rows. */
    Column rows(int[] rows);

    /** Finite numbers; blanks are NaN. */
    final class Numbers implements Column {
        private final String name;
        private final double[] values;

        Numbers(String name, double[] values) {
            this.name = name;
            this.values = values;
        }

        @Override
        public String name() {
            return name;
        }

        /** The number in row {@code row}, NaN if it is blank. */
        public double value(int row) {
            return values[row];
        }

        @Override
        public String text(int row) {
            double value = values[row];
            return Double.isNaN(value)
                    ? ""
                    : value == (long) value ? Long.toString((long) value) : "" + value;
        }

        @Override
        public boolean isBlank(int row) {
            return Double.isNaN(values[row]);
        }

        @Override
        public Numbers rows(int[] rows) {
            var chosen = new double[rows.length];
            for (int i = 0; i < rows.length; i++) {
                chosen[i] = values[rows[i]];
            }
            return new Numbers(name, chosen);
        }

        DoubleStream stream() {
            return DoubleStream.of(values);
        }
    }

    /**
     * Text; blanks are empty.
     *
     * @param name what the header calls it
     * @param values one for each row
     * @param firstLine the line of the first cell that is not a number
     */
    record Text(String name, List<String> values, long firstLine) implements Column {
        /** Copies the values. */
        public Text {
            values = List.copyOf(values);
        }

        @Override
        public String text(int row) {
            return values.get(row);
        }

        @Override
        public boolean isBlank(int row) {
            return values.get(row).isEmpty();
        }

        @Override
        public Text rows(int[] rows) {
            return new Text(name, Arrays.stream(rows).mapToObj(values::get).toList(), firstLine);
        }
    }
}
