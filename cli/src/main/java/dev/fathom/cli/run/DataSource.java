package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.core.error.Spelling;
import dev.fathom.data.catalogue.DataHome;
import dev.fathom.data.catalogue.DatasetInfo;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.catalogue.Series;
import dev.fathom.data.catalogue.Tables;
import dev.fathom.data.catalogue.Texts;
import dev.fathom.data.catalogue.TrainTest;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.read.Csv;
import dev.fathom.data.read.Idx;
import dev.fathom.data.read.ImageFolder;
import dev.fathom.data.read.ImageSize;
import dev.fathom.data.read.Table;
import dev.fathom.data.series.Forecast;
import dev.fathom.data.table.TableEncoder;
import dev.fathom.data.text.TextDataset;
import dev.fathom.data.text.TextFile;
import dev.fathom.data.text.Tokenizer;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where a run's examples come from.
 *
 * @param kind what {@code text} names
 * @param text the name of a data set, or the absolute path of a folder or a file
 * @param target the column of a table to predict, or of a series; the last one if none
 * @param windows how a text or a series is cut
 */
public record DataSource(Kind kind, String text, Optional<String> target, Windows windows) {
    /** The share of examples kept for the test where a source does not come divided. */
    public static final double TEST_SHARE = 0.2;

    /** Always the same, so that no run ever trains on another run's test examples. */
    private static final long TEST_SEED = 0;

    private static final int FEWEST_ROWS = 5;

    private static final String FULL = "fashion-mnist";
    private static final String EMBEDDED = "fashion-mnist-small";
    private static final String FILE_OF_IDX_FOLDER = "train-images-idx3-ubyte";

    /** The kinds of sources. */
    public enum Kind {
        /** A data set of the catalogue. */
        NAMED,
        /** A folder of images, a sub-folder per class, or two such folders, train and test. */
        IMAGES,
        /** A folder of four IDX files named as MNIST's. */
        IDX,
        /** Rows and columns, from a file of comma-separated values or the catalogue. */
        TABLE,
        /** A text, from a file or the catalogue. */
        TEXT,
        /** A column of such a file as a series in time, or a series of the catalogue. */
        SERIES
    }

    /**
     * What a source holds.
     *
     * @param parts training and test examples, not normalised; of a table the numbers of its rows
     * @param table the rows, none for other sources
     * @param tokenizer what the tokens of a text mean, none for other sources
     * @param series the windows of a series with its mean and deviation, none for other sources
     * @param columns the name of the column that is a series, none for other sources
     * @param targets the names of what a table or a series predicts, none for other sources
     * @param divided true if no example was chosen for the test at random
     */
    public record Loaded(
            TrainTest parts,
            Optional<Table> table,
            Optional<Tokenizer> tokenizer,
            Optional<Forecast> series,
            List<String> columns,
            List<String> targets,
            boolean divided) {
        private static Loaded of(TrainTest parts, boolean divided) {
            return new Loaded(
                    parts,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    divided);
        }

        private Loaded withTable(Table rows, String target) {
            return new Loaded(
                    parts, Optional.of(rows), tokenizer, series, columns, List.of(target), divided);
        }

        private Loaded withTokenizer(Tokenizer tokens) {
            return new Loaded(parts, table, Optional.of(tokens), series, columns, targets, divided);
        }

        private Loaded withSeries(Forecast windows, String column, List<String> predicted) {
            return new Loaded(
                    parts,
                    table,
                    tokenizer,
                    Optional.of(windows),
                    List.of(column),
                    predicted,
                    divided);
        }

        /** True if the examples follow one another in time, and are divided by it. */
        public boolean isOrdered() {
            return tokenizer.isPresent() || series.isPresent();
        }

        /** How the rows become features, fitted to some of them; nothing if there is no table. */
        public Optional<TableEncoder> encoder(Dataset train) {
            return table.map(rows -> TableEncoder.fit(rows, train, targets.getFirst()));
        }

        /** The examples with their features, as {@code encoder} makes them if there is a table. */
        public Dataset examples(Dataset part, Optional<TableEncoder> encoder) {
            return encoder.map(e -> e.dataset(table.orElseThrow(), part)).orElse(part);
        }

        /** Says so, if the test examples were chosen here. */
        public String remark() {
            return divided
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            " (%.0f %% chosen at random, always the same ones)",
                            100 * TEST_SHARE);
        }
    }

    /** The full Fashion-MNIST if this machine has it, and the part that ships with us if not. */
    public static DataSource preferred() {
        var name = Datasets.isAvailable(FULL) ? FULL : EMBEDDED;
        return new DataSource(Kind.NAMED, name, Optional.empty(), Windows.DEFAULT);
    }

    /** True for the part that ships with us, where a larger one could be had. */
    public boolean isPart() {
        return text.equals(EMBEDDED);
    }

    /**
     * The source that a person means by {@code text}: a name, a folder or a file.
     *
     * @throws UsageException if there is no such thing
     */
    public static DataSource of(String text, Optional<String> target, Windows windows) {
        var found = kind(text);
        var kind = found == Kind.TABLE && windows.horizon().isPresent() ? Kind.SERIES : found;
        if (target.isPresent() && (found != Kind.TABLE)) {
            throw new UsageException(
                    "--target names a column of a .csv file; " + text + " is not one");
        }
        windows.require(kind, text);
        return kind == Kind.NAMED || isBuiltIn(text)
                ? new DataSource(kind, text, target, windows)
                : new DataSource(
                        kind,
                        Path.of(text).toAbsolutePath().normalize().toString(),
                        target,
                        windows);
    }

    private static boolean isBuiltIn(String text) {
        return isBuiltInText(text) || isBuiltInSeries(text) || isBuiltInTable(text);
    }

    private static boolean isBuiltInTable(String text) {
        return Tables.list().stream().anyMatch(info -> info.name().equals(text));
    }

    private static boolean isBuiltInSeries(String text) {
        return Series.list().stream().anyMatch(info -> info.name().equals(text));
    }

    private static boolean isBuiltInText(String text) {
        return Texts.list().stream().anyMatch(info -> info.name().equals(text));
    }

    private static Kind kind(String text) {
        if (Datasets.list().stream().anyMatch(info -> info.name().equals(text))) {
            return Kind.NAMED;
        }
        if (isBuiltInText(text)) {
            return Kind.TEXT;
        }
        if (isBuiltInSeries(text)) {
            return Kind.SERIES;
        }
        if (isBuiltInTable(text)) {
            return Kind.TABLE;
        }
        try {
            var path = Path.of(text);
            if (Files.isDirectory(path)) {
                return idx(path, FILE_OF_IDX_FOLDER).isPresent() ? Kind.IDX : Kind.IMAGES;
            }
            if (Files.isRegularFile(path)) {
                return text.matches("(?i).*\\.(txt|text|md)(\\.gz)?") ? Kind.TEXT : Kind.TABLE;
            }
        } catch (InvalidPathException notEvenAPath) {
            // said below
        }
        var names =
                Stream.of(
                                Datasets.list().stream().map(DatasetInfo::name),
                                Tables.list().stream().map(Tables.Info::name),
                                Texts.list().stream().map(Texts.Info::name),
                                Series.list().stream().map(Series.Info::name))
                        .flatMap(all -> all)
                        .toList();
        throw new UsageException(
                "there is no data set, folder or file called '"
                        + text
                        + "'"
                        + Spelling.hint(text, names)
                        + "; the data sets are "
                        + String.join(", ", names));
    }

    /** Where a named data set is on this machine, in a few words. */
    public static String whereabouts(String name) {
        if (Datasets.describe(name).isBuiltIn()) {
            return "built in";
        }
        if (!Datasets.isAvailable(name)) {
            return "no; fathom data fetch " + name;
        }
        return DataHome.current().folders().stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isDirectory)
                .findFirst()
                .map(Path::toString)
                .orElse("yes");
    }

    /** Reads the examples. */
    public Loaded load() {
        return switch (kind) {
            case NAMED -> Loaded.of(Datasets.load(text), true);
            case IDX -> Loaded.of(new TrainTest(idx("train"), idx("t10k")), true);
            case IMAGES -> images(Path.of(text));
            case TABLE -> table();
            case TEXT -> novel();
            case SERIES -> series();
        };
    }

    private static Loaded images(Path folder) {
        var train = folder.resolve("train");
        var test = folder.resolve("test");
        if (!Files.isDirectory(train) || !Files.isDirectory(test)) {
            return Loaded.of(divide(ImageFolder.read(folder)), false);
        }
        var first = ImageFolder.read(train);
        var shape = first.featureShape();
        var second =
                ImageFolder.read(test, new ImageSize(shape.dim(0), shape.dim(1), shape.dim(2)));
        if (!first.classNames().equals(second.classNames())) {
            throw new MalformedDataException(
                    train
                            + " and "
                            + test
                            + " have different classes: "
                            + first.classNames()
                            + " and "
                            + second.classNames());
        }
        return Loaded.of(new TrainTest(first, second), true);
    }

    /** A table, what it is called, and where it is from. */
    private record Rows(Table table, String name, String source) {}

    private Rows rows() {
        if (isBuiltInTable(text)) {
            return new Rows(Tables.load(text), text, "built in");
        }
        var file = Path.of(text);
        var name = file.getFileName().toString().replaceFirst("\\.(csv|tsv|txt)(\\.gz)?$", "");
        return new Rows(Csv.read(file), name, text);
    }

    private Loaded table() {
        var rows = rows();
        var table = rows.table();
        var wanted = target.orElse(table.columns().getLast().name());
        var data = table.rowNumbers(wanted);
        if (data.size() < FEWEST_ROWS) {
            throw new MalformedDataException(
                    "%s has %d rows; at least %d are needed, to train on and to test on"
                            .formatted(text, data.size(), FEWEST_ROWS));
        }
        var named = data.describedAs(rows.name(), rows.source(), table.sha256());
        return Loaded.of(divide(named), false).withTable(table, wanted);
    }

    private Loaded series() {
        if (isBuiltInSeries(text)) {
            var info = Series.describe(text);
            return forecast(
                    Series.load(text),
                    info.column(),
                    info.period(),
                    text,
                    "built in",
                    info.sha256());
        }
        var rows = rows();
        var table = rows.table();
        var column = target.orElse(table.columns().getLast().name());
        return forecast(
                table.series(column), column, 1, rows.name(), rows.source(), table.sha256());
    }

    private Loaded forecast(
            double[] values, String column, int period, String name, String source, String sha256) {
        int horizon = windows.horizon().orElse(period);
        int context = windows.seriesContext(horizon);
        Forecast cut;
        try {
            cut = Forecast.of(values, context, horizon, TEST_SHARE);
        } catch (MalformedDataException e) {
            throw new MalformedDataException(
                    "%s, column '%s': %s".formatted(text, column, e.getMessage()), e);
        }
        var parts =
                new TrainTest(
                        cut.train().describedAs(name, source, sha256),
                        cut.test().describedAs(name, source, sha256));
        var predicted =
                IntStream.rangeClosed(1, horizon).mapToObj(i -> column + " + " + i).toList();
        return Loaded.of(parts, true).withSeries(cut, column, predicted);
    }

    private Loaded novel() {
        boolean builtIn = isBuiltInText(text);
        var words = builtIn ? Texts.load(text) : TextFile.read(Path.of(text));
        var name =
                builtIn ? text : Path.of(text).getFileName().toString().replaceFirst("\\..*", "");
        if (words.isEmpty()) {
            throw new MalformedDataException(text + " is empty; there is nothing to learn from it");
        }
        TextDataset data;
        try {
            data =
                    windows.tokensOrDefault()
                            .of(words, windows.textContext(), windows.vocabularyOrDefault());
        } catch (MalformedDataException e) {
            throw new MalformedDataException(text + ": " + e.getMessage(), e);
        }
        data = data.describedAs(name, builtIn ? "built in" : text);
        return Loaded.of(new TrainTest(data.train(), data.validation()), true)
                .withTokenizer(data.tokenizer());
    }

    private static TrainTest divide(Dataset data) {
        var split =
                data.isClassification()
                        ? data.splitStratified(TEST_SHARE, TEST_SEED)
                        : data.split(TEST_SHARE, TEST_SEED);
        return new TrainTest(split.train(), split.validation());
    }

    private Dataset idx(String part) {
        var folder = Path.of(text);
        var images = require(folder, part + "-images-idx3-ubyte");
        var labels = require(folder, part + "-labels-idx1-ubyte");
        var data = Idx.dataset(images, labels);
        return data.describedAs(folder.getFileName().toString(), folder.toString(), data.sha256());
    }

    private static Path require(Path folder, String file) {
        return idx(folder, file)
                .orElseThrow(() ->
                        new DataNotFoundException(
                                folder
                                        + " has no "
                                        + file
                                        + "; a folder of IDX files holds four, named as"
                                        + " MNIST's"));
    }

    private static Optional<Path> idx(Path folder, String file) {
        return Stream.of(file, file + ".gz")
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
    }
}
