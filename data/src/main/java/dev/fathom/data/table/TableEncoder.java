package dev.fathom.data.table;

import dev.fathom.core.tensor.Shape;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.dataset.Normalisation;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.read.Column;
import dev.fathom.data.read.Csv;
import dev.fathom.data.read.Table;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How the rows of a table become features, fitted to the training rows.
 *
 * <ul>
 *   <li>A column of numbers gives its number {@code (x - mean) / deviation}. A blank becomes the
 *       {@link Imputation} first; if there were blanks in training, a second feature is 1 at blanks
 *       and 0 elsewhere.
 *   <li>A column of text gives a feature for each value it had in training: 1 for the value of the
 *       row, 0 for the others. Blank is a value like the others. A value that training did not have
 *       gives 0 everywhere: the network then goes by the other columns.
 *   <li>Columns that cannot say anything are left out: all blank, constant, or text with too many
 *       different values to be categories (names, identifiers).
 * </ul>
 *
 * @param target the column that is predicted, which is no feature
 * @param numbers the columns of numbers
 * @param categories the columns of text
 * @param leftOut the columns that are not used
 */
public record TableEncoder(
        String target, List<Numbers> numbers, List<Categories> categories, List<LeftOut> leftOut) {
    private static final int MOST_CATEGORIES = 100;

    /**
     * A column of numbers.
     *
     * @param name what the header calls it
     * @param fill what stands for a blank
     * @param marksBlanks true if there is a feature that says where blanks were
     * @param mean of the training rows, blanks filled
     * @param deviation of the training rows, blanks filled; 1 where it would be 0
     */
    public record Numbers(
            String name, double fill, boolean marksBlanks, double mean, double deviation) {}

    /**
     * A column of text.
     *
     * @param name what the header calls it
     * @param values those of the training rows, sorted; the empty one is a blank
     */
    public record Categories(String name, List<String> values) {
        /** Copies the values. */
        public Categories {
            values = List.copyOf(values);
        }
    }

    /** A column that is not used, and why. */
    public record LeftOut(String name, String reason) {}

    /** Copies the lists. */
    public TableEncoder {
        numbers = List.copyOf(numbers);
        categories = List.copyOf(categories);
        leftOut = List.copyOf(leftOut);
    }

    /** Fitted with the median for blanks. */
    public static TableEncoder fit(Table table, Dataset train, String target) {
        return fit(table, train, target, Imputation.MEDIAN);
    }

    /**
     * Fitted to the rows of {@code train}, whose feature is the number of the row, as {@link
     * Table#rowNumbers(String)} gives them; no other row is looked at.
     *
     * @throws DataNotFoundException if there is no such column
     * @throws MalformedDataException if a column is mostly numbers but not wholly, or if no column
     *     is left
     */
    public static TableEncoder fit(
            Table table, Dataset train, String target, Imputation imputation) {
        var wanted = table.column(target);
        var rows = table.rows(numbersOfRows(train));
        var numbers = new ArrayList<Numbers>();
        var categories = new ArrayList<Categories>();
        var leftOut = new ArrayList<LeftOut>();
        for (var whole : table.columns()) {
            if (whole == wanted) {
                continue;
            }
            switch (rows.column(whole.name())) {
                case Column.Numbers column -> fit(column, rows, imputation, numbers, leftOut);
                case Column.Text column -> {
                    requireCategories(table, (Column.Text) whole);
                    fit(column, categories, leftOut);
                }
            }
        }
        if (numbers.isEmpty() && categories.isEmpty()) {
            throw new MalformedDataException(
                    table.label()
                            + " has no column to predict '"
                            + target
                            + "' from"
                            + (leftOut.isEmpty()
                                    ? ""
                                    : ": '%s' is left out, %s"
                                            .formatted(
                                                    leftOut.getFirst().name(),
                                                    leftOut.getFirst().reason())));
        }
        return new TableEncoder(target, numbers, categories, leftOut);
    }

    private static int[] numbersOfRows(Dataset rows) {
        var values = rows.all().features().toFloats();
        return IntStream.range(0, values.length).map(i -> (int) values[i]).toArray();
    }

    private static void fit(
            Column.Numbers column,
            Table rows,
            Imputation imputation,
            List<Numbers> numbers,
            List<LeftOut> leftOut) {
        var cells =
                IntStream.range(0, rows.size())
                        .filter(row -> !column.isBlank(row))
                        .mapToDouble(column::value)
                        .toArray();
        boolean blanks = cells.length < rows.size();
        if (cells.length == 0) {
            leftOut.add(new LeftOut(column.name(), "every cell is blank"));
        } else if (!blanks && DoubleStream.of(cells).distinct().count() == 1) {
            leftOut.add(new LeftOut(column.name(), "every cell is the same"));
        } else {
            double fill = imputation.of(cells);
            int n = rows.size();
            double mean = 0;
            for (int row = 0; row < n; row++) {
                mean += filled(column, row, fill) / n;
            }
            double variance = 0;
            for (int row = 0; row < n; row++) {
                double x = filled(column, row, fill) - mean;
                variance += x * x / n;
            }
            double deviation = Math.sqrt(variance);
            if (!((float) deviation < Float.POSITIVE_INFINITY) || Float.isInfinite((float) mean)) {
                throw new MalformedDataException(
                        "column '%s' of %s has numbers too large for float32"
                                .formatted(column.name(), rows.label()));
            }
            numbers.add(
                    new Numbers(
                            column.name(),
                            fill,
                            blanks,
                            mean,
                            (float) deviation > 0 ? deviation : 1));
        }
    }

    private static double filled(Column.Numbers column, int row, double fill) {
        return column.isBlank(row) ? fill : column.value(row);
    }

    private static void fit(
            Column.Text column, List<Categories> categories, List<LeftOut> leftOut) {
        var values = new TreeSet<>(column.values());
        int rows = column.values().size();
        if (values.size() == 1) {
            boolean blank = values.first().isEmpty();
            leftOut.add(
                    new LeftOut(
                            column.name(),
                            blank ? "every cell is blank" : "every cell is the same"));
        } else if (values.size() > MOST_CATEGORIES || 2 * values.size() > rows + 2) {
            leftOut.add(
                    new LeftOut(
                            column.name(),
                            "%d different values in %d rows are too many for categories"
                                    .formatted(values.size(), rows)));
        } else {
            categories.add(new Categories(column.name(), List.copyOf(values)));
        }
    }

    /** A column of which most cells are numbers is meant to be numbers: the others are mistakes. */
    private static void requireCategories(Table table, Column.Text column) {
        var cells = column.values().stream().filter(cell -> !cell.isEmpty()).toList();
        var other = cells.stream().filter(cell -> !Csv.isNumber(cell)).toList();
        if (2 * other.size() < cells.size()) {
            throw new MalformedDataException(
                    "%s, line %d, column '%s': '%s' is not a number, as %d of the column's %d cells are; correct the cell or leave it blank"
                            .formatted(
                                    table.label(),
                                    column.firstLine(),
                                    column.name(),
                                    other.getFirst(),
                                    cells.size() - other.size(),
                                    cells.size()));
        }
    }

    // ---- use ----

    /** What the features are called: {@code age}, {@code age is blank}, {@code sex = male}. */
    public List<String> names() {
        var names = new ArrayList<String>();
        for (var column : numbers) {
            names.add(column.name());
            if (column.marksBlanks()) {
                names.add(column.name() + " is blank");
            }
        }
        for (var column : categories) {
            for (var value : column.values()) {
                names.add(column.name() + (value.isEmpty() ? " is blank" : " = " + value));
            }
        }
        return List.copyOf(names);
    }

    /** Number of features. */
    public int width() {
        return names().size();
    }

    /** What is done to the filled features last; those that are 0 or 1 stay as they are. */
    public Normalisation normalisation() {
        var mean = new ArrayList<Float>();
        var deviation = new ArrayList<Float>();
        for (var column : numbers) {
            mean.add((float) column.mean());
            deviation.add((float) column.deviation());
            if (column.marksBlanks()) {
                mean.add(0f);
                deviation.add(1f);
            }
        }
        while (mean.size() < width()) {
            mean.add(0f);
            deviation.add(1f);
        }
        return new Normalisation(mean, deviation);
    }

    /**
     * The features of all rows {@code (n, width)}, row-major, blanks filled, before the {@link
     * #normalisation}. Columns are found by their names; others are not looked at.
     *
     * @throws DataNotFoundException if a column is missing
     * @throws MalformedDataException naming the line of a cell that is not a number as it should be
     */
    public float[] encode(Table table) {
        int width = width();
        var features = new float[Math.multiplyExact(table.size(), width)];
        int at = 0;
        for (var column : numbers) {
            encode(table, column, features, at, width);
            at += column.marksBlanks() ? 2 : 1;
        }
        for (var column : categories) {
            var cells = table.column(column.name());
            for (int row = 0; row < table.size(); row++) {
                int place = column.values().indexOf(cells.text(row));
                if (place >= 0) {
                    features[row * width + at + place] = 1;
                }
            }
            at += column.values().size();
        }
        return features;
    }

    private static void encode(Table table, Numbers column, float[] features, int at, int width) {
        switch (table.column(column.name())) {
            case Column.Text text ->
                    throw new MalformedDataException(
                            "%s, line %d, column '%s' is not a number, as it was in training"
                                    .formatted(table.label(), text.firstLine(), text.name()));
            case Column.Numbers cells -> {
                for (int row = 0; row < table.size(); row++) {
                    float value = (float) filled(cells, row, column.fill());
                    if (Float.isInfinite(value)) {
                        throw new MalformedDataException(
                                "%s, line %d, column '%s': %s is too large for a float32"
                                        .formatted(
                                                table.label(),
                                                table.line(row),
                                                column.name(),
                                                cells.value(row)));
                    }
                    features[row * width + at] = value;
                    if (column.marksBlanks() && cells.isBlank(row)) {
                        features[row * width + at + 1] = 1;
                    }
                }
            }
        }
    }

    /**
     * The examples of {@code rows}, which {@link Table#rowNumbers(String)} gave for this table,
     * with features instead of row numbers.
     */
    public Dataset dataset(Table table, Dataset rows) {
        var features = encode(table.rows(numbersOfRows(rows)));
        var shape = Shape.of(width());
        var data =
                rows.isClassification()
                        ? Dataset.ofFloats(features, shape, rows.labels())
                                .withClassNames(rows.classNames())
                        : Dataset.ofFloats(
                                features, shape, rows.all().labels().toFloats(), rows.outputs());
        return data.describedAs(rows.name(), rows.source(), rows.sha256())
                .normalisedBy(normalisation());
    }
}
