package dev.fathom.data.read;

import dev.fathom.core.error.Spelling;
import dev.fathom.core.tensor.Shape;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Typed columns of equal length, read from a file by {@link Csv}, and the way from there to a data
 * set: all columns but one are features, which must be numbers, and that one is the target.
 */
public final class Table {
    private static final int MOST_NUMBERED_CLASSES = 20;

    /** What the target column means. */
    public enum Target {
        /**
         * Text is a class, but text with many different values that are mostly numbers is refused
         * as numbers with mistakes. Numbers are classes if all are whole and there are at most 20
         * different ones, each on average at least twice; otherwise they are numbers to predict.
         */
        DETECTED,
        /** Every different value is a class. */
        CLASSES,
        /** Numbers to predict. */
        NUMBERS
    }

    private final String label;
    private final String sha256;
    private final List<Column> columns;
    private final long[] lines;

    Table(String label, String sha256, List<Column> columns, long[] lines) {
        this.label = label;
        this.sha256 = sha256;
        this.columns = List.copyOf(columns);
        this.lines = lines;
    }

    /** How messages name the file. */
    public String label() {
        return label;
    }

    /** The line of the file in which row {@code row} begins. */
    public long line(int row) {
        return lines[row];
    }

    /** The given rows, in that order. */
    public Table rows(int... chosen) {
        return new Table(
                label,
                sha256,
                columns.stream().map(column -> column.rows(chosen)).toList(),
                IntStream.of(chosen).mapToLong(row -> lines[row]).toArray());
    }

    /** The columns from left to right. */
    public List<Column> columns() {
        return columns;
    }

    /** Number of rows. */
    public int size() {
        return lines.length;
    }

    /** The SHA-256 of the decompressed file. */
    public String sha256() {
        return sha256;
    }

    /**
     * The column called {@code name}.
     *
     * @throws DataNotFoundException naming the columns there are
     */
    public Column column(String name) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new DataNotFoundException(
                                label
                                        + " has no column '"
                                        + name
                                        + "'"
                                        + suggestion(name)
                                        + "; its columns are "
                                        + columns.stream()
                                                .map(Column::name)
                                                .collect(Collectors.joining(", "))));
    }

    private String suggestion(String name) {
        return Spelling.hint(name, columns.stream().map(Column::name).toList());
    }

    /** The rows that have no blank cell. */
    public Table withoutBlanks() {
        var kept =
                IntStream.range(0, size())
                        .filter(row -> columns.stream().noneMatch(column -> column.isBlank(row)))
                        .toArray();
        if (kept.length == 0) {
            throw new MalformedDataException(label + ": every row has a blank cell");
        }
        return rows(kept);
    }

    /** A data set that predicts the last column. */
    public Dataset dataset() {
        return dataset(columns.getLast().name(), Target.DETECTED);
    }

    /** A data set that predicts the column called {@code target}. */
    public Dataset dataset(String target) {
        return dataset(target, Target.DETECTED);
    }

    /**
     * A data set that predicts the column called {@code target} from all the others. Classes are
     * ordered by name, or by value if they are numbers.
     *
     * @throws MalformedDataException naming line and column of a cell that is blank or not a number
     */
    public Dataset dataset(String target, Target meaning) {
        var wanted = column(target);
        var inputs = columns.stream().filter(column -> column != wanted).toList();
        if (inputs.isEmpty()) {
            throw new MalformedDataException(
                    label + " has only the column '" + target + "'; features are needed too");
        }
        return dataset(features(inputs), Shape.of(inputs.size()), wanted, meaning);
    }

    /** {@link #rowNumbers(String, Target)}, deciding itself what the column means. */
    public Dataset rowNumbers(String target) {
        return rowNumbers(target, Target.DETECTED);
    }

    /**
     * A data set with the same examples to be predicted, whose only feature is the number of the
     * row from 0. It can be split; what is measured for the features can then be measured on the
     * training rows alone.
     *
     * @throws MalformedDataException if a cell of the target is blank, or if all are the same
     */
    public Dataset rowNumbers(String target, Target meaning) {
        var numbers = new float[size()];
        for (int row = 0; row < numbers.length; row++) {
            numbers[row] = row;
        }
        return dataset(numbers, Shape.of(1), column(target), meaning);
    }

    /**
     * The numbers of a column from top to bottom: the values of a series in the order of time.
     *
     * @throws DataNotFoundException if there is no such column
     * @throws MalformedDataException naming the line of a cell that is blank or not a number
     */
    public double[] series(String name) {
        return switch (column(name)) {
            case Column.Text text ->
                    throw new MalformedDataException(
                            "%s, line %d, column '%s': '%s' is not a number, which every value of a series must be"
                                    .formatted(label, text.firstLine(), name, firstText(text)));
            case Column.Numbers numbers -> {
                for (int row = 0; row < size(); row++) {
                    if (numbers.isBlank(row)) {
                        throw new MalformedDataException(
                                "%s, line %d, column '%s': the cell is blank; a series needs a value at every time: fill it in"
                                        .formatted(label, lines[row], name));
                    }
                }
                yield numbers.stream().toArray();
            }
        };
    }

    private static String firstText(Column.Text text) {
        return text.values().stream()
                .filter(value -> !value.isEmpty() && Csv.number(value).isEmpty())
                .findFirst()
                .orElse("");
    }

    private Dataset dataset(float[] features, Shape shape, Column wanted, Target meaning) {
        requireNoBlank(wanted);
        var data =
                switch (wanted) {
                    case Column.Text text -> {
                        if (meaning == Target.NUMBERS) {
                            throw notNumeric(text, "a target to be predicted as a number");
                        }
                        if (meaning == Target.DETECTED) {
                            requireNotMistaken(text);
                        }
                        yield classes(features, shape, text.values());
                    }
                    case Column.Numbers numbers ->
                            isClasses(numbers, meaning)
                                    ? numberedClasses(features, shape, numbers)
                                    : Dataset.ofFloats(features, shape, floats(numbers), 1);
                };
        requireDifferent(wanted);
        return data.describedAs(data.name(), label, sha256);
    }

    /** Many different cells, of which most are numbers, are no classes: the others are mistakes. */
    private void requireNotMistaken(Column.Text text) {
        long different = text.values().stream().distinct().count();
        long figures = text.values().stream().filter(Csv::isNumber).count();
        boolean few = different <= MOST_NUMBERED_CLASSES && 2 * different <= size();
        if (!few && 2 * figures > size()) {
            throw new MalformedDataException(
                    "%s, line %d, column '%s': '%s' is not a number, as %d of the column's %d cells are; correct the cell or leave the row out"
                            .formatted(
                                    label,
                                    text.firstLine(),
                                    text.name(),
                                    firstText(text),
                                    figures,
                                    size()));
        }
    }

    private void requireDifferent(Column wanted) {
        var first = wanted.text(0);
        if (size() == 1) {
            throw new MalformedDataException(
                    label + " has only one row; there is nothing to learn from it");
        }
        if (IntStream.range(1, size()).allMatch(row -> wanted.text(row).equals(first))) {
            throw new MalformedDataException(
                    "%s, column '%s': all %d rows have '%s'; there is nothing to tell apart"
                            .formatted(label, wanted.name(), size(), first));
        }
    }

    private float[] features(List<Column> inputs) {
        int width = inputs.size();
        var features = new float[Math.multiplyExact(size(), width)];
        for (int c = 0; c < width; c++) {
            switch (inputs.get(c)) {
                case Column.Text text -> throw notNumeric(text, "a feature");
                case Column.Numbers numbers -> {
                    requireNoBlank(numbers);
                    var values = floats(numbers);
                    for (int row = 0; row < size(); row++) {
                        features[row * width + c] = values[row];
                    }
                }
            }
        }
        return features;
    }

    private MalformedDataException notNumeric(Column.Text text, String role) {
        return new MalformedDataException(
                label
                        + ", line "
                        + text.firstLine()
                        + ", column '"
                        + text.name()
                        + "': '"
                        + firstText(text)
                        + "' is not a number, which "
                        + role
                        + " must be; encode the column as numbers, leave it out, or make it the"
                        + " target");
    }

    private void requireNoBlank(Column column) {
        for (int row = 0; row < size(); row++) {
            if (column.isBlank(row)) {
                throw new MalformedDataException(
                        label
                                + ", line "
                                + lines[row]
                                + ", column '"
                                + column.name()
                                + "': the cell is blank; fill it in or take such rows out (in a"
                                + " program: withoutBlanks())");
            }
        }
    }

    private float[] floats(Column.Numbers column) {
        var values = new float[size()];
        for (int row = 0; row < values.length; row++) {
            values[row] = (float) column.value(row);
            if (Float.isInfinite(values[row])) {
                throw new MalformedDataException(
                        label
                                + ", line "
                                + lines[row]
                                + ", column '"
                                + column.name()
                                + "': "
                                + column.value(row)
                                + " is too large for a float32");
            }
        }
        return values;
    }

    private static boolean isClasses(Column.Numbers column, Target meaning) {
        return switch (meaning) {
            case CLASSES -> true;
            case NUMBERS -> false;
            case DETECTED -> {
                long different = column.stream().distinct().count();
                yield different <= MOST_NUMBERED_CLASSES
                        && 2 * different <= column.stream().count()
                        && column.stream().allMatch(value -> value == Math.rint(value));
            }
        };
    }

    private static Dataset classes(float[] features, Shape shape, List<String> cells) {
        var names = new ArrayList<>(new TreeSet<>(cells));
        var labels =
                cells.stream().mapToInt(cell -> Collections.binarySearch(names, cell)).toArray();
        return Dataset.ofFloats(features, shape, labels).withClassNames(names);
    }

    private static Dataset numberedClasses(float[] features, Shape shape, Column.Numbers column) {
        var values = column.stream().distinct().sorted().toArray();
        var labels = column.stream().mapToInt(v -> Arrays.binarySearch(values, v)).toArray();
        var names =
                Arrays.stream(values)
                        .mapToObj(v ->
                                v == Math.rint(v) ? Long.toString((long) v) : Double.toString(v))
                        .toList();
        return Dataset.ofFloats(features, shape, labels).withClassNames(names);
    }
}
