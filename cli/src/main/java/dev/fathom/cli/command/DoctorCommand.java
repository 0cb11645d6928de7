package dev.fathom.cli.command;

import dev.fathom.cli.machine.Gemm;
import dev.fathom.cli.machine.Machine;
import dev.fathom.cli.machine.StartCache;
import dev.fathom.cli.run.DataSource;
import dev.fathom.cli.terminal.Columns;
import dev.fathom.cli.terminal.Console;
import dev.fathom.cli.terminal.Words;
import dev.fathom.data.catalogue.Datasets;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code fathom doctor}: what was found, and how to fix what is missing. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        header = "Show what Fathom found on this machine, and how to fix what is missing.",
        description = {
            "",
            "Takes about ten seconds: it times a matrix product, which nearly all of training is"
                    + " made of.",
            ""
        })
final class DoctorCommand implements Runnable {
    private static final int NARROWEST = 256;
    private static final long LEAST_HEAP = 1L << 30;
    private static final String REFERENCE = "reference";

    private final Console console;

    @Mixin private ThreadsOption threads = new ThreadsOption();

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        threads.apply();
        var machine = Machine.current();
        var facts = Columns.of("", "");
        facts.row("JDK", machine.java());
        facts.row("JDK's folder", System.getProperty("java.home"));
        facts.row("JVM", machine.jvm());
        facts.row("system", machine.os());
        facts.row("CPU", machine.cpu() + ", " + machine.cores() + " cores");
        facts.row("backend", machine.backend());
        facts.row("threads", Integer.toString(machine.threads()));
        facts.row("memory", memory(machine));
        facts.row("huge pages", machine.hugePages());
        facts.row("start cache", StartCache.current().toString());
        for (var info : Datasets.list()) {
            facts.row(info.name(), DataSource.whereabouts(info.name()));
        }
        console.draw("timing a matrix product");
        facts.row("matrix product", speed(Gemm.measure()));
        console.wipe();
        facts.lines().forEach(console::tell);
        console.tell("");
        var problems = problems(machine);
        problems.forEach(problem -> console.tell("- " + problem));
        console.tell(
                problems.isEmpty() ? "All is well." : "None of this keeps Fathom from working.");
    }

    private static String speed(Gemm gemm) {
        return String.format(
                Locale.ROOT,
                "%.0f GFLOP/s (%d x %d, float32, best of %d)",
                gemm.gigaflops(),
                gemm.size(),
                gemm.size(),
                gemm.repeats());
    }

    private static String memory(Machine machine) {
        var heap = "Java heap up to " + Words.bytes(machine.heap());
        return machine.memory() == 0 ? heap : Words.bytes(machine.memory()) + ", " + heap;
    }

    static List<String> problems(Machine machine) {
        var problems = new ArrayList<String>();
        if (machine.backend().startsWith(REFERENCE)) {
            problems.add(
                    "the slow reference backend is in use: start Fathom with ./fathom, and unset"
                            + " -Dfathom.backend");
        }
        if (machine.vectorBits() > 0 && machine.vectorBits() < NARROWEST) {
            problems.add(
                    "vectors have only "
                            + machine.vectorBits()
                            + " bits: unset -Dfathom.vector.bits if it is set; a CPU with AVX2 or"
                            + " AVX-512 is faster");
        }
        if (machine.hugePages().equals("never")) {
            problems.add(
                    "transparent huge pages are off: echo madvise | sudo tee"
                            + " /sys/kernel/mm/transparent_hugepage/enabled");
        }
        if (machine.heap() < LEAST_HEAP) {
            problems.add(
                    "the Java heap may grow to only "
                            + Words.bytes(machine.heap())
                            + ": export FATHOM_JAVA_OPTS=-Xmx2g");
        }
        if (machine.threads() > machine.cores()) {
            problems.add(
                    machine.threads()
                            + " threads share "
                            + machine.cores()
                            + " cores: leave out --threads");
        }
        for (var info : Datasets.list()) {
            if (!Datasets.isAvailable(info.name())) {
                problems.add(info.name() + " is not here: fathom data fetch " + info.name());
            }
        }
        return problems;
    }
}
