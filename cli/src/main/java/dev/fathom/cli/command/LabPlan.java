package dev.fathom.cli.command;

import dev.fathom.cli.terminal.Columns;
import dev.fathom.cli.terminal.Console;
import dev.fathom.cli.terminal.Words;
import dev.fathom.lab.figure.Numbers;
import dev.fathom.lab.run.Order;
import dev.fathom.lab.run.Plan;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code fathom lab plan}. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        header = "Say what studies would cost on this machine: seconds, memory, operations.",
        description = {
            "",
            "CARD, MEMORY and OPERATIONS are what each study declares, for two cores. HERE is"
                    + " measured: the time of the last complete run of that tier below --out, or"
                    + " else that of the smoke tier, which is run now, times what the card says"
                    + " the tier costs in smoke tiers. HELD is the heap in use when that smoke"
                    + " tier reported its progress, scaled by the card: at least so much is"
                    + " needed. FROM says which of these it was.",
            ""
        })
final class LabPlan implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "NAME", arity = "1..*", description = "Studies, 'all' or 'tour'.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--tier", paramLabel = "TIER", description = "smoke, quick or full.")
    private String tier = "quick";

    @Option(names = "--declared", description = "Only what the cards say; nothing is run.")
    private boolean declared;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Where earlier runs stand; runs/lab if not given.")
    private Path out = LabCommand.RUNS;

    @Mixin private ThreadsOption threads = new ThreadsOption();

    LabPlan(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        threads.apply();
        var wanted = LabCommand.tier(tier);
        var plans = new ArrayList<Plan>();
        boolean failed = false;
        for (var study : LabCommand.session(names, Order.of(wanted)).load()) {
            try {
                plans.add(plan(study, wanted));
            } catch (RuntimeException | Error e) {
                console.wipe();
                console.error(
                        "%s: %s"
                                .formatted(
                                        study.getClass().getSimpleName(), LabSession.message(e)));
                failed = true;
            }
        }
        tell(plans);
        return failed ? LabCommand.FAILED : 0;
    }

    private Plan plan(Study study, Tier wanted) {
        if (declared) {
            return Plan.declared(study, wanted);
        }
        var earlier = Plan.earlier(study, wanted, out);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        var name = study.card(wanted).name();
        var plan =
                Plan.measured(
                        study,
                        wanted,
                        (share, doing) -> {
                            console.draw(
                                    "%s, smoke tier: %3.0f %% %s"
                                            .formatted(name, 100 * share, doing));
                            return true;
                        });
        console.wipe();
        return plan;
    }

    private void tell(List<Plan> plans) {
        var table =
                Columns.of(
                        "STUDY",
                        ">SEEDS",
                        ">CARD",
                        ">HERE",
                        ">MEMORY",
                        ">HELD",
                        ">OPERATIONS",
                        "FROM");
        for (var plan : plans) {
            var card = plan.card();
            table.row(
                    card.id() + " " + card.name(),
                    Integer.toString(card.seeds()),
                    Numbers.time(card.cost().seconds()),
                    time(plan.seconds()),
                    Words.bytes((long) card.cost().bytes()),
                    Double.isNaN(plan.held()) ? "–" : Words.bytes((long) plan.held()),
                    Numbers.text(card.cost().flop()),
                    plan.source());
        }
        double bytes = plans.stream().mapToDouble(p -> p.card().cost().bytes()).max().orElse(0);
        double held = plans.stream().mapToDouble(Plan::held).filter(h -> h >= 0).max().orElse(-1);
        table.row(
                "together",
                "",
                Numbers.time(plans.stream().mapToDouble(p -> p.card().cost().seconds()).sum()),
                time(plans.stream().mapToDouble(Plan::seconds).sum()),
                Words.bytes((long) bytes),
                held < 0 ? "–" : Words.bytes((long) held),
                Numbers.text(plans.stream().mapToDouble(p -> p.card().cost().flop()).sum()),
                "");
        table.lines().forEach(console::tell);
        console.tell("");
        console.tell(
                "CARD, MEMORY and OPERATIONS are declared; HERE and HELD come FROM what was"
                        + " measured. The heap of this Java takes "
                        + Words.bytes(Runtime.getRuntime().maxMemory())
                        + ".");
    }

    private static String time(double seconds) {
        return Double.isNaN(seconds) ? "–" : Numbers.time(seconds);
    }
}
