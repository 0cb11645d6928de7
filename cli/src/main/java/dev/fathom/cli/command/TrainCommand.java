package dev.fathom.cli.command;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.run.Changes;
import dev.fathom.cli.run.DataSource;
import dev.fathom.cli.run.Defaults;
import dev.fathom.cli.run.Descent;
import dev.fathom.cli.run.Examples;
import dev.fathom.cli.run.Interruption;
import dev.fathom.cli.run.Job;
import dev.fathom.cli.run.Network;
import dev.fathom.cli.run.Rate;
import dev.fathom.cli.run.Regularisation;
import dev.fathom.cli.run.Result;
import dev.fathom.cli.run.Run;
import dev.fathom.cli.run.RunConfig;
import dev.fathom.cli.run.Settings;
import dev.fathom.cli.run.Tokens;
import dev.fathom.cli.run.Windows;
import dev.fathom.cli.terminal.Columns;
import dev.fathom.cli.terminal.Console;
import dev.fathom.cli.terminal.Words;
import dev.fathom.core.spi.Backends;
import dev.fathom.data.table.TableEncoder;
import dev.fathom.io.json.Json;
import dev.fathom.train.listener.ProgressBar;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.run.Environment;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code fathom train}: from examples to a trained network and a report about it. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Train a network and say how good it is.",
        description = {
            "",
            "Without options: a convolutional network on Fashion-MNIST, the full set if this"
                + " machine has it and the part that ships with Fathom if not. The run leaves a"
                + " folder with its configuration, history, checkpoints, the trained network, and"
                + " report.html. Ctrl-C ends it early; --resume goes on from there, to the same"
                + " bits.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ./fathom train --quick",
            "  ./fathom train --data digits --model linear",
            "  ./fathom train --data flowers/ --model resnet --epochs 30",
            "  ./fathom train penguins --target species --validation 0.2",
            "  ./fathom train us-births --forecast 7",
            "  ./fathom train moby-dick --model lstm",
            "  ./fathom train --resume runs/20260101-120000-fashion-mnist-cnn"
        })
final class TrainCommand implements Callable<Integer> {
    private static final int NAMES = 8;
    private static final Path RUNS = Path.of("runs");

    private final Console console;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "WHAT",
            description = "The same as --data WHAT.")
    private Optional<String> what = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "WHAT",
            description =
                    "A name of 'fathom data list', a folder with one sub-folder of images per"
                            + " class, a folder of IDX files, a .csv file, or a .txt file.")
    private Optional<String> data = Optional.empty();

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            description = "The column of a .csv file to predict; the last one if not given.")
    private Optional<String> target = Optional.empty();

    @Mixin private WindowsOptions windows = new WindowsOptions();

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description =
                    "mlp, lenet, cnn, resnet, resnet20, resnet9 or linear; for texts ngram, lstm,"
                        + " gru or gpt. If not given, cnn for images and sequences, mlp for tables"
                        + " and series, ngram for texts.")
    private Optional<Network> model = Optional.empty();

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "How often to go through the training examples.")
    private Optional<Integer> epochs = Optional.empty();

    @Option(names = "--batch", paramLabel = "N", description = "Examples in a step.")
    private Optional<Integer> batch = Optional.empty();

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            description =
                    "sgd, momentum, nesterov, adam, adamw, adagrad, rmsprop, nadam, lion, lamb,"
                            + " adafactor or muon.")
    private Optional<Descent> optimizer = Optional.empty();

    @Option(
            names = "--lr",
            paramLabel = "X",
            description =
                    "The highest learning rate; it rises to it at first and then takes the course"
                            + " of --schedule.")
    private Optional<Double> learningRate = Optional.empty();

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description =
                    "cosine (the default), constant, linear, step, exponential, inverse-sqrt,"
                            + " polynomial, restarts or one-cycle; fathom inspect draws it.")
    private Optional<Rate> schedule = Optional.empty();

    @Option(
            names = "--augment",
            paramLabel = "LIST",
            description =
                    "Change every training image anew each time it is seen, by one or several of"
                            + " crop, shift, erase (pixels), flip, flip-vertically, rotate"
                            + " (degrees), shear (slope), scale (share), elastic (pixels), colour,"
                            + " noise (shares), randaugment (0 to 10). An amount follows a colon:"
                            + " crop:4,flip; without one it is what suits the size of the images.")
    private Optional<String> augment = Optional.empty();

    @Option(
            names = "--label-smoothing",
            paramLabel = "E",
            description = "Take this share of every label and give it to all classes; often 0.1.")
    private Optional<Double> smoothing = Optional.empty();

    @Option(
            names = "--mixup",
            paramLabel = "ALPHA",
            description = "Train on weighted means of two examples and of their labels; often 0.2.")
    private Optional<Double> mixUp = Optional.empty();

    @Option(
            names = "--cutmix",
            paramLabel = "ALPHA",
            description = "Train on images with a piece of another one in them; often 1.")
    private Optional<Double> cutMix = Optional.empty();

    @Option(
            names = "--validation",
            paramLabel = "SHARE",
            description =
                    "Keep back this share of the training examples, measure after every epoch on"
                        + " them instead of on the test examples, and keep the network of the best"
                        + " epoch.")
    private Optional<Double> validation = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of all random choices; the same seed gives the same bits. Default: 42.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--quick",
            description = "A few seconds on a part of the data, to see that everything works.")
    private boolean quick;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "The folder for what the run leaves, new or empty; if not given, a new one in"
                            + " runs/.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Go on with the run in this folder, from its newest checkpoint.")
    private Optional<Path> resume = Optional.empty();

    @Option(
            names = "--check-finite",
            description =
                    "Look at all weights after every step and end at the first that is not finite;"
                            + " slower.")
    private boolean checkFinite;

    @Mixin private ThreadsOption threads = new ThreadsOption();
    @Mixin private OutputOptions output = new OutputOptions();

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        threads.apply();
        output.apply(console);
        if (what.isPresent() && data.isPresent()) {
            throw new UsageException(
                    "name the data once: " + what.get() + " or --data " + data.get());
        }
        data = what.or(() -> data);
        refuseBlank("--data", data);
        refuseBlank("--target", target);
        refuseBlank("--out", out.map(Path::toString));
        refuseBlank("--resume", resume.map(Path::toString));
        return resume.isPresent() ? resumed(Run.open(resume.get())) : begun();
    }

    private static void refuseBlank(String option, Optional<String> value) {
        if (value.filter(String::isBlank).isPresent()) {
            throw new UsageException(option + " is blank; name something, or leave it out");
        }
    }

    // ---- a new run ----

    private int begun() {
        double share = validation.orElse(0.0);
        if (validation.isPresent() && !(share > 0 && share < 1)) {
            throw new UsageException(
                    "--validation is a share of the training examples between 0 and 1, not "
                            + share);
        }
        if (target.isPresent() && data.isEmpty()) {
            throw new UsageException("--target needs --data with a .csv file");
        }
        var cut = windows.asked();
        if (!cut.equals(Windows.DEFAULT) && data.isEmpty()) {
            throw new UsageException(
                    "--forecast, --context, --tokens and --vocabulary need --data with a series or"
                            + " a text");
        }
        var source =
                data.map(text -> DataSource.of(text, target, cut)).orElseGet(DataSource::preferred);
        out.ifPresent(Run::requireFree);
        long chosenSeed = seed.orElse(Defaults.SEED);
        console.draw("reading " + source.text());
        long start = System.nanoTime();
        var part = quick ? Optional.of(Defaults.quick(model)) : Optional.<Integer>empty();
        var examples = Examples.load(source, share, chosenSeed, part);
        double seconds = (System.nanoTime() - start) / 1e9;
        console.wipe();
        var config = config(examples, chosenSeed);
        sayData(examples.config(), String.format(Locale.ROOT, ", read in %.1f s", seconds));
        sayColumns(examples.config());
        if (data.isEmpty() && source.isPart()) {
            console.say("(the full set is not on this machine: fathom data fetch fashion-mnist)");
        }
        sayModel(config);
        var path =
                out.orElseGet(() ->
                        Run.next(RUNS, LocalDateTime.now(), config.data().name(), config.model()));
        var run = Run.create(path);
        var environment = Environment.current(chosenSeed, examples.train());
        return train(new Job(run, config, examples, false, checkFinite), environment);
    }

    private RunConfig config(Examples examples, long chosenSeed) {
        var about = examples.config();
        var network = model.orElseGet(() -> Network.preferred(about.input()));
        network.require(about.example(), about.input());
        if (batch.isPresent() && batch.get() > about.train()) {
            throw new UsageException(
                    "--batch %d is more than the %d training examples"
                            .formatted(batch.get(), about.train()));
        }
        var usual = Defaults.of(network, about.input(), about.train());
        var asked =
                new Settings.Asked(
                        quick ? epochs.or(() -> Optional.of(Defaults.QUICK_EPOCHS)) : epochs,
                        batch.or(() -> Optional.of(Math.min(usual.batch(), about.train()))),
                        optimizer,
                        learningRate,
                        schedule);
        var settings = usual.with(asked, regularisation(about));
        var unmeasured =
                new RunConfig(
                        Environment.version(), about, network, 0, settings, chosenSeed, quick);
        long parameters = Run.summary(unmeasured).parameters();
        return new RunConfig(
                Environment.version(), about, network, parameters, settings, chosenSeed, quick);
    }

    private Regularisation regularisation(RunConfig.Data about) {
        refuseFor("--label-smoothing", smoothing, about.classifies(), "classes");
        refuseFor("--mixup", mixUp, about.classifies() && about.tokenizer().isEmpty(), "classes");
        refuseFor("--cutmix", cutMix, about.input() == Network.Input.IMAGE, "images with classes");
        var chosen =
                new Regularisation(
                        augment.map(list -> Changes.complete(list, about.example())),
                        smoothing.orElse(0.0),
                        mixUp.orElse(0.0),
                        cutMix.orElse(0.0));
        chosen.augment().ifPresent(a -> Changes.of(a, about.example(), about.normalisation()));
        return chosen;
    }

    private static void refuseFor(
            String option, Optional<Double> asked, boolean fits, String takes) {
        if (asked.isPresent() && !fits) {
            throw new UsageException(
                    option + " needs examples that are " + takes + "; leave it out for these");
        }
    }

    // ---- an old one ----

    private int resumed(Run run) {
        var config = run.config();
        refuseOther(config);
        if (run.isFinished()) {
            throw new UsageException(
                    "the run in "
                            + run.path()
                            + " is finished; look at it with: fathom inspect "
                            + run.path());
        }
        console.say("resuming " + run.path());
        var examples = Examples.again(config);
        sayData(config.data(), "");
        sayColumns(config.data());
        sayModel(config);
        return train(new Job(run, config, examples, true, checkFinite), run.environment());
    }

    private void refuseOther(RunConfig config) {
        var training = config.training();
        refuseOther("--data", data.filter(d -> !isData(d, config.data())), config.data().text());
        var cut = windows.asked();
        var had = config.data();
        refuseOther("--target", target, had.predicted().orElse("none"));
        refuseOther("--forecast", cut.horizon(), had.targets().size());
        refuseOther("--context", cut.context(), had.shape().getFirst());
        refuseOther(
                "--tokens", cut.tokens().map(Tokens::word), had.windows().tokensOrDefault().word());
        refuseOther("--vocabulary", cut.vocabulary(), had.outputs());
        refuseOther("--model", model.map(Network::word), config.model().word());
        refuseOther("--epochs", epochs, training.epochs());
        refuseOther("--batch", batch, training.batch());
        refuseOther("--optimizer", optimizer.map(Descent::word), training.optimizer().word());
        refuseOther("--lr", learningRate, training.learningRate());
        refuseOther("--schedule", schedule.map(Rate::word), training.schedule().word());
        var remedies = training.regularisation();
        refuseOther(
                "--augment",
                augment.map(a -> Changes.complete(a, config.data().example())),
                remedies.augment().orElse("none"));
        refuseOther("--label-smoothing", smoothing, remedies.smoothing());
        refuseOther("--mixup", mixUp, remedies.mixUp());
        refuseOther("--cutmix", cutMix, remedies.cutMix());
        refuseOther("--seed", seed, config.seed());
        refuseOther("--validation", validation, config.data().validationShare());
        refuseOther("--quick", quick ? Optional.of(true) : Optional.empty(), config.quick());
        if (out.isPresent()) {
            throw new UsageException(
                    "--out contradicts --resume, which goes on in the run's own folder");
        }
    }

    private static boolean isData(String asked, RunConfig.Data data) {
        return DataSource.of(asked, Optional.empty(), Windows.DEFAULT).text().equals(data.text());
    }

    private static <T> void refuseOther(String option, Optional<T> asked, T had) {
        if (asked.isPresent() && !asked.get().equals(had)) {
            throw new UsageException(
                    "%s %s contradicts --resume: that run has %s; leave it out, or begin a new run"
                            .formatted(option, asked.get(), had));
        }
    }

    // ---- both ----

    private void sayData(RunConfig.Data about, String more) {
        console.say(
                "data   %s (%s, SHA-256 %s)"
                        .formatted(about.name(), about.source(), about.sha256()));
        console.say(
                "       %s to train%s, %s to test, each %s%s%s"
                        .formatted(
                                Words.count(about.train()),
                                about.validation() > 0
                                        ? ", " + Words.count(about.validation()) + " to validate"
                                        : "",
                                Words.count(about.test()),
                                Words.shape(about.example()),
                                quick ? " (--quick: a part of them)" : "",
                                more));
    }

    /** What was inferred about a table, or a series. */
    private void sayColumns(RunConfig.Data about) {
        if (about.input() == Network.Input.SERIES) {
            console.say(
                    "series %s: %d values from the %d before, mean %s, deviation %s"
                            .formatted(
                                    about.columns().getFirst(),
                                    about.targets().size(),
                                    about.shape().getFirst(),
                                    Words.number(about.targetMean()),
                                    Words.number(about.targetDeviation())));
        }
        if (about.encoder().isEmpty()) {
            return;
        }
        var encoder = about.encoder().get();
        console.say(
                "target %s: %s"
                        .formatted(
                                encoder.target(),
                                about.classifies()
                                        ? "classification, %d classes: %s"
                                                .formatted(
                                                        about.classes().size(),
                                                        names(about.classes()))
                                        : "regression, mean %s, deviation %s"
                                                .formatted(
                                                        Words.number(about.targetMean()),
                                                        Words.number(about.targetDeviation()))));
        var numbers = encoder.numbers().stream().map(TableEncoder.Numbers::name).toList();
        var categories =
                encoder.categories().stream()
                        .map(c -> c.name() + " (" + c.values().size() + ")")
                        .toList();
        var blanks =
                encoder.numbers().stream()
                        .filter(TableEncoder.Numbers::marksBlanks)
                        .map(c -> c.name() + " as " + Words.number(c.fill()))
                        .toList();
        sayColumns(numbers.size() == 1 ? "number" : "numbers", numbers);
        sayColumns(categories.size() == 1 ? "category" : "categories", categories);
        sayColumns("with blanks filled and marked", blanks);
        encoder.leftOut()
                .forEach(c -> console.say("       left out: " + c.name() + ", " + c.reason()));
    }

    private void sayColumns(String what, List<String> names) {
        if (!names.isEmpty()) {
            console.say("       %d %s: %s".formatted(names.size(), what, names(names)));
        }
    }

    private static String names(List<String> names) {
        return names.stream().limit(NAMES).collect(Collectors.joining(", "))
                + (names.size() > NAMES ? ", ..." : "");
    }

    private void sayModel(RunConfig config) {
        var training = config.training();
        console.say(
                "model  %s, %s parameters"
                        .formatted(config.model().word(), Words.count(config.parameters())));
        console.say(
                "train  %s of %s, batches of %d, %s, learning rate %s, seed %d"
                        .formatted(
                                Words.count(training.epochs(), "epoch"),
                                Words.count(config.stepsPerEpoch(), "step"),
                                training.batch(),
                                training.optimizer().word(),
                                Words.number(training.learningRate()),
                                config.seed()));
        var remedies = training.regularisation().words();
        if (!remedies.isEmpty()) {
            console.say("with   " + remedies);
        }
    }

    private int train(Job job, Environment environment) {
        var backend = Backends.current();
        console.say("on     " + backend.name() + ": " + backend.description());
        console.say("into   " + job.run().path());
        console.say("compiling the training step; the first epoch takes a little longer");
        Optional<Result> result;
        boolean interrupted = false;
        try (var interruption = Interruption.listening()) {
            result = job.run(environment, listeners(job, interruption));
            if (result.isEmpty()) {
                interrupted = true;
                console.wipe();
                console.err()
                        .println(
                                "interrupted; go on with: fathom train --resume "
                                        + job.run().path());
                console.err().flush();
            }
        }
        if (interrupted) {
            return Interruption.EXIT_CODE;
        }
        result.ifPresent(r -> tell(job, r));
        return 0;
    }

    private List<Listener> listeners(Job job, Interruption interruption) {
        if (!console.tellsProgress()) {
            return List.of(interruption);
        }
        var bar = ProgressBar.to(console.people(), console.isTerminal());
        return List.of(interruption, job.validates() ? bar : bar.calling("test"));
    }

    private void tell(Job job, Result result) {
        var data = job.config().data();
        if (job.measuresStatistics()) {
            console.say(
                    "batch statistics measured anew over the training examples: "
                            + Words.count(job.config().steps())
                            + " steps are too few for running ones");
        }
        var naive = Outcome.naive(job.examples());
        var table =
                Columns.of("", "")
                        .row("test " + result.metric(), Words.decimals(result.testQuality()))
                        .row("test loss", Words.decimals(result.testLoss()));
        if (!data.classifies()) {
            double rmse = Math.sqrt(result.testLoss()) * data.targetDeviation();
            table.row("test RMSE", Words.decimals(rmse));
        }
        naive.forEach((name, error) -> table.row("test " + name, Words.decimals(error)));
        table.row("seconds", String.format(Locale.ROOT, "%.1f", result.seconds()))
                .row("run", job.run().path().toString())
                .row("report", job.run().folder().report().toString())
                .lines()
                .forEach(console::tell);
        Outcome.beaten(naive, Math.sqrt(result.testLoss()) * data.targetDeviation())
                .ifPresent(console::tell);
        if (data.tokenizer().isPresent()) {
            console.tell(Outcome.language(data, job.examples(), result.testLoss()));
            console.tell("sample with: ./fathom generate " + job.run().path());
        }
        if (console.isJson()) {
            var outcome = Outcome.of(data, result.testQuality(), result.testLoss());
            naive.forEach((name, error) -> outcome.with(Outcome.camel(name), error));
            console.out()
                    .println(
                            Json.write(
                                    outcome.with("seconds", result.seconds())
                                            .with("run", job.run().path().toString())
                                            .with("report", job.run().folder().report().toString())
                                            .with("data", data.name())
                                            .with("sha256", data.sha256())
                                            .with("model", job.config().model().word())
                                            .with("epochs", result.epochs())
                                            .with("quick", job.config().quick())
                                            .values()));
        }
    }
}
