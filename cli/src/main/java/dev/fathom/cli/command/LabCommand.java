package dev.fathom.cli.command;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.terminal.Columns;
import dev.fathom.cli.terminal.Console;
import dev.fathom.io.file.AtomicFile;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Numbers;
import dev.fathom.lab.run.Bundle;
import dev.fathom.lab.run.Difference;
import dev.fathom.lab.run.Order;
import dev.fathom.lab.run.Reports;
import dev.fathom.lab.run.Scaffold;
import dev.fathom.lab.run.Session;
import dev.fathom.lab.studies.Studies;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Card.Part;
import dev.fathom.lab.study.Prediction.Role;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Verdict;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** {@code fathom lab}: claims about deep learning, put to the test. */
@Command(
        name = "lab",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = "Put claims about deep learning to the test.",
        description = {
            "",
            "A study is a claim of a text with a prediction that is fixed before anything runs."
                    + " Running it measures, compares, and says HOLDS, FAILS or UNDECIDED, with one"
                    + " page of pictures.",
            "",
            "  ./fathom lab list",
            "  ./fathom lab run ridgeless momentum-sqrt",
            "  ./fathom lab run all --tier smoke",
            ""
        })
final class LabCommand implements Runnable {
    /** Where runs stand if nothing else is said. */
    static final Path RUNS = Path.of("runs", "lab");

    private static final int WIDTH = 96;
    private static final int CLAIM = 72;
    static final int FAILED = 1;

    private final Console console;

    @Spec private CommandSpec spec = CommandSpec.create();

    LabCommand(Console console) {
        this.console = console;
    }

    CommandLine line() {
        var line =
                new CommandLine(this)
                        .addSubcommand(new ListCommand())
                        .addSubcommand(new LabRun(console))
                        .addSubcommand(new LabResume(console))
                        .addSubcommand(new LabPlan(console))
                        .addSubcommand(new Report())
                        .addSubcommand(new Explain())
                        .addSubcommand(new Diff())
                        .addSubcommand(new LabVerify(console))
                        .addSubcommand(new New());
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing: list, run, resume, plan, report, explain, diff, verify or"
                        + " new");
    }

    /** {@code smoke}, {@code quick} or {@code full}. */
    static Tier tier(String word) {
        for (var tier : Tier.values()) {
            if (tier.word().equals(word)) {
                return tier;
            }
        }
        throw new UsageException("--tier is smoke, quick or full, not " + word);
    }

    /** {@code fathom lab list}. */
    @Command(name = "list", mixinStandardHelpOptions = true, header = "List the studies.")
    final class ListCommand implements Runnable {
        @Override
        public void run() {
            var table = Columns.of("ID", "NAME", "", "ORACLE", ">QUICK", "CLAIM");
            for (var study : Studies.all()) {
                var card = study.card(Tier.QUICK);
                table.row(
                        card.id(),
                        card.name(),
                        card.starred() ? "★" : "",
                        card.oracle().word(),
                        Numbers.time(card.cost().seconds()),
                        shortened(card.claim()));
            }
            table.lines().forEach(console::tell);
            console.tell("");
            console.tell("★ is part of the tour: ./fathom lab run tour");
        }

        /** Cut where a person reads columns, whole where a program reads lines. */
        private String shortened(String claim) {
            return !console.isTerminal() || claim.length() <= CLAIM
                    ? claim
                    : claim.substring(0, CLAIM - 1) + "…";
        }
    }

    /** The studies of these names; one that is not there is wrong usage. */
    static Session session(List<String> names, Order order) {
        try {
            return Session.of(names, order);
        } catch (StudyException unknown) {
            throw new UsageException(unknown.getMessage());
        }
    }

    /** {@code fathom lab report}. */
    @Command(
            name = "report",
            mixinStandardHelpOptions = true,
            header = "Write the front page over all runs of a folder.",
            description = {
                "",
                "Exits with 1 if an exact oracle failed, a control misbehaved or a run is"
                        + " damaged.",
                ""
            })
    final class Report implements Callable<Integer> {
        @Parameters(
                paramLabel = "FOLDER",
                arity = "0..1",
                description = "The folder given as --out; runs/lab if not given.")
        private Path out = RUNS;

        @Override
        public Integer call() {
            if (!Files.isDirectory(out)) {
                throw new UsageException(
                        "there is no folder " + out + "; 'fathom lab run NAME' makes one");
            }
            var summary = Reports.write(out, Studies.all());
            var table = Columns.of("", "STUDY", "FIRST PREDICTION", ">OURS", "PREDICTED", ">PAPER");
            for (var result : summary.results()) {
                var row = result.headline();
                table.row(
                        result.verdict() + (result.alarming() ? " !" : ""),
                        "%s %s, %s, seed %d"
                                .formatted(
                                        result.id(), result.name(), result.tier(), result.seed()),
                        row.name(),
                        row.text(),
                        row.expected(),
                        Numbers.text(row.paper()));
            }
            for (var one : summary.damaged()) {
                table.row("DAMAGED !", one.folder(), one.reason(), "", "", "");
            }
            if (summary.results().isEmpty() && summary.damaged().isEmpty()) {
                console.tell(
                        "no run in %s is finished; 'fathom lab run NAME' makes one".formatted(out));
            } else {
                table.lines().forEach(console::tell);
            }
            console.tell("");
            console.tell("page: " + summary.page());
            return summary.isAlarming() ? FAILED : 0;
        }
    }

    /** {@code fathom lab explain}. */
    @Command(
            name = "explain",
            mixinStandardHelpOptions = true,
            header = "Explain a study on one page, in the notation of the text.")
    final class Explain implements Runnable {
        @Parameters(paramLabel = "NAME", description = "A study, by name or number.")
        private String name = "";

        @Option(names = "--tier", paramLabel = "TIER", description = "smoke, quick or full.")
        private String tier = "quick";

        @Override
        public void run() {
            var card = Session.study(name).card(tier(tier));
            console.tell(card.id() + " " + card.name() + (card.starred() ? "  ★" : ""));
            console.tell("");
            wrapped("", card.claim());
            console.tell("");
            wrapped("", card.part(Part.STORY));
            part("Notation", card.part(Part.NOTATION));
            part("Text", card.part(Part.TEXT));
            part("Paper", card.part(Part.PAPER));
            part("Data", card.part(Part.DATA));
            predictions(card, Role.CLAIM, "Predicted; " + card.oracle().rule());
            predictions(card, Role.POSITIVE, "A control that must hold");
            predictions(card, Role.SABOTAGE, "Deliberately broken: must fail");
        }

        private void part(String title, String text) {
            if (!text.isEmpty()) {
                console.tell("");
                console.tell(title);
                text.lines().forEach(line -> wrapped("  ", line));
            }
        }

        private void predictions(Card card, Role role, String title) {
            console.tell("");
            console.tell(title);
            var table = Columns.of("", "", "");
            for (var p : card.predictions(role)) {
                var paper = Double.isNaN(p.paper()) ? "" : "; paper " + Numbers.text(p.paper());
                table.row("  " + p.name(), p.expectation().text(), p.oracle().word() + paper);
            }
            table.lines().forEach(console::tell);
        }

        private void wrapped(String indent, String text) {
            var line = new StringBuilder(indent);
            if (text.length() + indent.length() <= WIDTH) {
                console.tell(indent + text); // columns of a notation stay as they are
                return;
            }
            for (var word : text.split(" ")) {
                if (line.length() + word.length() > WIDTH) {
                    console.tell(line.toString().stripTrailing());
                    line.setLength(0);
                    line.append(indent);
                }
                line.append(word).append(' ');
            }
            console.tell(line.toString().stripTrailing());
        }
    }

    /** {@code fathom lab diff}. */
    @Command(
            name = "diff",
            mixinStandardHelpOptions = true,
            header = "Compare two runs, number by number.")
    final class Diff implements Runnable {
        @Parameters(index = "0", paramLabel = "A", description = "The folder or ZIP of a run.")
        private Path first = Path.of("");

        @Parameters(index = "1", paramLabel = "B", description = "Another.")
        private Path second = Path.of("");

        @Override
        public void run() {
            var a = Bundle.read(first);
            var b = Bundle.read(second);
            var differences = Difference.between(a.result(), b.result());
            if (differences.isEmpty()) {
                console.tell(
                        a.text().equals(b.text())
                                ? a.spec().equals(b.spec())
                                        ? "the same, to the byte"
                                        : "the same result, registered differently: compare the"
                                                + " two spec.json"
                                : "the same numbers; the words differ");
                return;
            }
            table(console, differences, "A", "B");
        }
    }

    static void table(Console console, List<Difference> differences, String a, String b) {
        var table = Columns.of("", a, b);
        differences.forEach(d -> table.row(d.what(), d.first(), d.second()));
        table.lines().forEach(console::tell);
    }

    /** {@code fathom lab new}. */
    @Command(
            name = "new",
            mixinStandardHelpOptions = true,
            header = "Write a first version of a study of your own, which runs as it stands.")
    final class New implements Runnable {
        @Parameters(paramLabel = "NAME", description = "Lower-case words and hyphens: coin-tosses.")
        private String name = "";

        @Option(names = "--id", paramLabel = "ID", description = "Its number in lists; X01.")
        private String id = "X01";

        @Option(
                names = "--to",
                paramLabel = "FOLDER",
                description = "Where to write it; this folder if not given.")
        private Path folder = Path.of("");

        @Override
        public void run() {
            var scaffold = Scaffold.of(id, name);
            var file = folder.resolve(scaffold.file());
            if (Files.exists(file)) {
                throw new UsageException(file + " is there already; take another name or --to");
            }
            AtomicFile.write(file, scaffold.source());
            console.tell("wrote " + file);
            console.tell("");
            console.tell("  ./fathom lab run %s --tier smoke".formatted(file));
            console.tell("");
            console.tell("It runs as it stands. docs/lab.md says what each part is for.");
        }
    }

    /** A verdict as wide as any other. */
    static String padded(Verdict verdict) {
        return String.format(Locale.ROOT, "%-9s", verdict);
    }
}
