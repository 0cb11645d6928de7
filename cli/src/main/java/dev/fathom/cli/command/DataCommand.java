package dev.fathom.cli.command;

import dev.fathom.cli.run.DataSource;
import dev.fathom.cli.run.Windows;
import dev.fathom.cli.terminal.Columns;
import dev.fathom.cli.terminal.Console;
import dev.fathom.cli.terminal.Picture;
import dev.fathom.cli.terminal.Words;
import dev.fathom.data.catalogue.DataFetcher;
import dev.fathom.data.catalogue.DataHome;
import dev.fathom.data.catalogue.DatasetInfo;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.catalogue.Series;
import dev.fathom.data.catalogue.Tables;
import dev.fathom.data.catalogue.Texts;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.table.TableEncoder;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code fathom data}: what there is to learn from. */
@Command(
        name = "data",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = "List, show and fetch data sets.",
        description = {
            "",
            "Data sets are looked for in FATHOM_DATA, in the folders of the operating system's"
                + " packages, and in the cache of 'data fetch', and are checked by their SHA-256.",
            ""
        })
final class DataCommand implements Runnable {
    private static final int PICTURES = 5;
    private static final int CLASSES_SHOWN = 10;
    private static final int ROWS = 5;
    private static final int CELLS = 8;

    private final Console console;

    @Spec private CommandSpec spec = CommandSpec.create();

    DataCommand(Console console) {
        this.console = console;
    }

    CommandLine line() {
        return new CommandLine(this)
                .addSubcommand(new ListCommand())
                .addSubcommand(new Show())
                .addSubcommand(new Fetch());
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: list, show or fetch");
    }

    /** {@code fathom data list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            header = "List the data sets that go by a name.")
    final class ListCommand implements Runnable {
        @Override
        public void run() {
            var table =
                    Columns.of("NAME", ">TRAIN", ">TEST", "EXAMPLE", ">CLASSES", "HERE", "WHAT");
            for (var info : Datasets.list()) {
                table.row(
                        info.name(),
                        Words.count(info.train()),
                        Words.count(info.test()),
                        Words.shape(info.features()),
                        Integer.toString(info.classes()),
                        DataSource.whereabouts(info.name()),
                        info.summary());
            }
            table.lines().forEach(console::tell);
            console.tell("");
            for (var rows : Tables.list()) {
                console.tell("Tables: " + rows.name() + ", " + rows.summary());
            }
            for (var text : Texts.list()) {
                console.tell("Texts: " + text.name() + ", " + text.summary());
            }
            for (var series : Series.list()) {
                console.tell("Series: " + series.name() + ", " + series.summary());
            }
            console.tell(
                    "Also: a folder with one sub-folder of PNG or JPEG images per class, a folder"
                            + " of IDX files, a .csv file, or a .txt file.");
        }
    }

    /** {@code fathom data show}. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            header = "Show what is in a data set: counts, shapes, some examples.")
    final class Show implements Runnable {
        @Parameters(
                paramLabel = "NAME",
                description = "A name of 'data list', a folder of images, or a .csv file.")
        private String name = "";

        @Option(
                names = "--target",
                paramLabel = "COLUMN",
                description = "The column of a .csv file to predict; the last one if not given.")
        private Optional<String> target = Optional.empty();

        @Override
        public void run() {
            var source = DataSource.of(name, target, Windows.DEFAULT);
            var loaded = source.load();
            var encoder = loaded.encoder(loaded.parts().train());
            var train = loaded.examples(loaded.parts().train(), encoder).unmapped();
            var test = loaded.examples(loaded.parts().test(), encoder).unmapped();
            var facts = Columns.of("", "");
            facts.row("name", train.name());
            facts.row("source", train.source());
            facts.row("sha256", train.sha256());
            facts.row(
                    "examples",
                    Words.count(train.size())
                            + " to train, "
                            + Words.count(test.size())
                            + " to test"
                            + loaded.remark());
            facts.row("example", Words.shape(train.featureShape()));
            if (source.kind() == DataSource.Kind.NAMED) {
                credit(facts, Datasets.describe(name));
            }
            facts.lines().forEach(console::tell);
            console.tell("");
            if (loaded.tokenizer().isPresent()) {
                console.tell(
                        train.outputs() + " characters: " + String.join("", train.classNames()));
                return;
            }
            if (train.isClassification()) {
                classes(train, test);
            } else {
                console.tell("Predicts " + String.join(", ", loaded.targets()) + ".");
            }
            console.tell("");
            examples(train, encoder.map(TableEncoder::names).orElse(List.of()));
        }

        private void credit(Columns facts, DatasetInfo info) {
            facts.row("what", info.summary());
            facts.row("credit", info.credit());
            facts.row("licence", info.licence());
        }

        private void classes(Dataset train, Dataset test) {
            var table = Columns.of(">CLASS", "NAME", ">TRAIN", ">TEST");
            int[] trained = train.classCounts();
            int[] tested = test.classCounts();
            for (int c = 0; c < trained.length; c++) {
                table.row(
                        Integer.toString(c),
                        train.classNames().get(c),
                        Words.count(trained[c]),
                        Words.count(tested[c]));
            }
            table.lines().forEach(console::tell);
        }

        private void examples(Dataset data, List<String> columns) {
            int[] dims = data.featureShape().dims();
            if (dims.length == 3) {
                for (int start = 0;
                        start < Math.min(CLASSES_SHOWN, data.outputs());
                        start += PICTURES) {
                    pictures(data, start, dims);
                }
            } else if (columns.isEmpty() && !data.isClassification()) {
                for (int i = 0; i < Math.min(ROWS, data.size()); i++) {
                    console.tell(Picture.bars(values(data, i)));
                }
            } else if (columns.isEmpty()) {
                for (int c = 0; c < Math.min(CLASSES_SHOWN, data.outputs()); c++) {
                    first(data, c)
                            .ifPresent(i ->
                                    console.tell(
                                            Picture.bars(values(data, i))
                                                    + "  "
                                                    + caption(data, i)));
                }
            } else {
                rows(data, columns);
            }
        }

        private void pictures(Dataset data, int start, int[] dims) {
            var drawn = new ArrayList<List<String>>();
            var names = new StringBuilder();
            for (int c = start; c < Math.min(start + PICTURES, data.outputs()); c++) {
                var place = first(data, c);
                if (place.isPresent()) {
                    drawn.add(
                            Picture.image(
                                    values(data, place.get()),
                                    dims[0],
                                    dims[1],
                                    dims[2],
                                    console.isTerminal()));
                    names.append(names.isEmpty() ? "" : ", ").append(caption(data, place.get()));
                }
            }
            if (!drawn.isEmpty()) {
                console.tell(names.toString());
                Picture.beside(drawn).forEach(console::tell);
            }
        }

        private void rows(Dataset data, List<String> columns) {
            var table =
                    Columns.of(
                            columns.stream().limit(CELLS).map(c -> ">" + c).toArray(String[]::new));
            for (int i = 0; i < Math.min(ROWS, data.size()); i++) {
                var values = values(data, i);
                var cells = new String[Math.min(CELLS, values.length)];
                Arrays.setAll(cells, c -> Words.number(values[c]));
                table.row(cells);
            }
            table.lines().forEach(console::tell);
            if (columns.size() > CELLS) {
                console.tell("and " + (columns.size() - CELLS) + " more columns");
            }
        }

        private static float[] values(Dataset data, int i) {
            var values = new float[data.featureShape().length()];
            data.readFeatures(i, values, 0);
            return values;
        }

        private static Optional<Integer> first(Dataset data, int label) {
            int[] labels = data.labels();
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] == label) {
                    return Optional.of(i);
                }
            }
            return Optional.empty();
        }

        private static String caption(Dataset data, int i) {
            return data.classNames().get(data.labels()[i]);
        }
    }

    /** {@code fathom data fetch}: the one command that uses the network. */
    @Command(
            name = "fetch",
            mixinStandardHelpOptions = true,
            header = "Download a data set into the cache.",
            description = {
                "",
                "The only command of Fathom that uses the network. Every file is checked by its"
                        + " SHA-256 before it gets its name.",
                ""
            })
    final class Fetch implements Runnable {
        @Parameters(paramLabel = "NAME", description = "fashion-mnist or mnist.")
        private String name = "";

        @Override
        public void run() {
            var info = Datasets.describe(name);
            if (info.isBuiltIn()) {
                console.tell(name + " ships with Fathom; there is nothing to fetch");
                return;
            }
            var fetcher =
                    DataFetcher.of(DataHome.current())
                            .withProgress((file, bytes, total) ->
                                    console.draw(progress(file, bytes, total)));
            console.say(
                    "fetching "
                            + name
                            + " (licence: "
                            + info.licence()
                            + "; "
                            + info.credit()
                            + ")");
            var folder = fetcher.fetch(name);
            console.wipe();
            console.tell(name + " is in " + folder);
        }

        private static String progress(String file, long bytes, long total) {
            var done = total > 0 ? " of " + Words.bytes(total) : "";
            return "  " + file + "  " + Words.bytes(bytes) + done;
        }
    }
}
