package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.run.Network.Input;
import dev.fathom.data.catalogue.Series;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.read.Column;
import dev.fathom.data.read.Csv;
import dev.fathom.data.read.ImageSize;
import dev.fathom.data.read.Images;
import dev.fathom.data.read.Table;
import dev.fathom.data.table.TableEncoder.Categories;
import dev.fathom.data.table.TableEncoder.Numbers;
import dev.fathom.nn.layer.Layer;
import dev.fathom.train.loop.Predictor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Applies the network of a run to new files, prepared as the training examples were. */
public final class FilePredictor {
    private final RunConfig.Data data;
    private final Layer model;

    /** For the network of a run. */
    public FilePredictor(RunConfig config, Layer model) {
        this.data = config.data();
        this.model = model;
    }

    /**
     * What the network says about one example.
     *
     * @param file where the example comes from
     * @param row which row of a table, from 1, for a series one that is not there yet; none for an
     *     image
     * @param truth the target column, if the table has it
     * @param candidates the classes, the most likely first; none where a number is predicted
     * @param value the number predicted; 0 for classes
     */
    public record Prediction(
            Path file,
            Optional<Integer> row,
            Optional<String> truth,
            List<Candidate> candidates,
            double value) {}

    /** A class and its probability. */
    public record Candidate(String name, double probability) {}

    /**
     * What the network says about an image, about each row of a table, or about the values that
     * follow on a series.
     *
     * @throws MalformedDataException if the file is not what the network takes
     */
    public List<Prediction> predict(Path file) {
        if (data.input() == Input.SERIES && isBuiltInSeries(file.toString())) {
            return series(file, Series.load(file.toString()));
        }
        if (data.tokenizer().isPresent()) {
            throw new UsageException(
                    "this run's network continues texts; use: fathom generate RUN --prompt TEXT");
        }
        if (!Files.isRegularFile(file)) {
            throw new UsageException(
                    "there is no file " + file + "; this run's network takes " + taken());
        }
        boolean picture = isPicture(file);
        if (data.input() == Input.IMAGE && isTable(file)) {
            throw new MalformedDataException(
                    file + " is a table; this run's network takes images, PNG or JPEG");
        }
        if (data.input() != Input.IMAGE && picture) {
            throw new MalformedDataException(
                    file + " is an image; this run's network takes the rows of .csv files");
        }
        return switch (data.input()) {
            case IMAGE -> List.of(image(file));
            case SERIES -> series(file, Csv.read(file).series(data.columns().getFirst()));
            case TABLE, SEQUENCE, TEXT -> table(file, Csv.read(file));
        };
    }

    private String taken() {
        var own = ". How good it is on its own data says: fathom eval RUN";
        return switch (data.input()) {
            case IMAGE -> "files of images, PNG or JPEG" + own;
            case SERIES ->
                    ".csv files with a column "
                            + data.columns().getFirst()
                            + ", or a series of 'fathom data list'";
            case TABLE, SEQUENCE, TEXT ->
                    ".csv files with the columns " + String.join(", ", columns()) + own;
        };
    }

    private List<String> columns() {
        return data.encoder()
                .map(table ->
                        Stream.concat(
                                        table.numbers().stream().map(Numbers::name),
                                        table.categories().stream().map(Categories::name))
                                .toList())
                .orElse(data.columns());
    }

    private static boolean isBuiltInSeries(String name) {
        return Series.list().stream().anyMatch(info -> info.name().equals(name));
    }

    /** What follows on the last value of a series: a prediction for each row that will be. */
    private List<Prediction> series(Path file, double[] values) {
        int context = data.shape().getFirst();
        if (values.length < context) {
            throw new MalformedDataException(
                    "%s has %d values; the network needs the last %d to go on from"
                            .formatted(file, values.length, context));
        }
        var known = new float[context];
        for (int i = 0; i < context; i++) {
            double value = values[values.length - context + i];
            known[i] = (float) ((value - data.targetMean()) / data.targetDeviation());
        }
        var outputs = output(known, 1);
        return IntStream.range(0, outputs.length)
                .mapToObj(k ->
                        new Prediction(
                                file,
                                Optional.of(values.length + 1 + k),
                                Optional.empty(),
                                List.of(),
                                inUnits(outputs[k])))
                .toList();
    }

    private double inUnits(float output) {
        return output * data.targetDeviation() + data.targetMean();
    }

    private static boolean isTable(Path file) {
        return file.toString().matches("(?i).*\\.(csv|tsv)(\\.gz)?");
    }

    private static boolean isPicture(Path file) {
        return file.toString().matches("(?i).*\\.(png|jpe?g|gif|bmp)");
    }

    private Prediction image(Path file) {
        var shape = data.shape();
        var bytes = Images.read(file, new ImageSize(shape.get(0), shape.get(1), shape.get(2)));
        var values = new float[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (bytes[i] & 0xff) / 255f;
        }
        return prediction(file, Optional.empty(), Optional.empty(), output(values, 1));
    }

    private List<Prediction> table(Path file, Table table) {
        var values = features(file, table);
        var outputs = output(values, table.size());
        int k = data.outputs();
        var truth = target(table);
        var predictions = new ArrayList<Prediction>();
        for (int row = 0; row < table.size(); row++) {
            int at = row;
            var one = Arrays.copyOfRange(outputs, row * k, (row + 1) * k);
            predictions.add(
                    prediction(
                            file, Optional.of(row + 1), truth.map(column -> column.text(at)), one));
        }
        return predictions;
    }

    private float[] features(Path file, Table table) {
        if (data.encoder().isPresent()) {
            return data.encoder().get().encode(table);
        }
        int width = data.shape().getFirst();
        if (table.columns().size() != width) {
            throw new MalformedDataException(
                    file
                            + " has "
                            + table.columns().size()
                            + " columns; the network takes "
                            + width
                            + " numbers a row");
        }
        var values = new float[Math.multiplyExact(table.size(), width)];
        for (int row = 0; row < table.size(); row++) {
            for (int c = 0; c < width; c++) {
                values[row * width + c] = number(table, table.columns().get(c), row);
            }
        }
        return values;
    }

    private Optional<Column> target(Table table) {
        return table.columns().stream()
                .filter(column -> data.targets().contains(column.name()))
                .findFirst();
    }

    private static float number(Table table, Column column, int row) {
        return switch (column) {
            case Column.Numbers numbers when !numbers.isBlank(row) -> (float) numbers.value(row);
            case Column.Numbers _, Column.Text _ ->
                    throw new MalformedDataException(
                            "%s, line %d, column '%s' is not a number, as it was in training"
                                    .formatted(table.label(), table.line(row), column.name()));
        };
    }

    /** The outputs for {@code n} examples as they were read. */
    private float[] output(float[] values, int n) {
        var examples =
                Dataset.ofFloats(values, data.example(), new int[n])
                        .normalisedBy(data.normalisation());
        return Predictor.of(model).outputs(examples).toFloats();
    }

    private Prediction prediction(
            Path file, Optional<Integer> row, Optional<String> truth, float[] output) {
        if (!data.classifies()) {
            return new Prediction(file, row, truth, List.of(), inUnits(output[0]));
        }
        var p = Scores.softmax(output);
        var candidates =
                IntStream.range(0, p.length)
                        .mapToObj(c -> new Candidate(data.classes().get(c), p[c]))
                        .sorted(Comparator.comparingDouble(Candidate::probability).reversed())
                        .toList();
        return new Prediction(file, row, truth, candidates, 0);
    }
}
