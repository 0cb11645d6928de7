package dev.fathom.bench;

import dev.fathom.bench.harness.BenchException;
import dev.fathom.bench.workload.Workload;
import dev.fathom.bench.workload.Workloads;

import picocli.CommandLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the commands of this module have in common. */
final class Commands {
    private Commands() {}

    /** A command: exit code 1 if it could not do its work, 2 on wrong usage, said in one line. */
    static CommandLine line(Object command) {
        var line = new CommandLine(command);
        var name = line.getCommandName() + ": ";
        return line.setParameterExceptionHandler(
                        (e, _) -> {
                            line.getErr().println(name + e.getMessage() + "; --help says more");
                            return 2;
                        })
                .setExecutionExceptionHandler((e, _, _) ->
                        switch (e) {
                            case BenchException failed -> {
                                line.getErr().println(name + failed.getMessage());
                                yield 1;
                            }
                            case IllegalArgumentException usage -> {
                                line.getErr().println(name + usage.getMessage());
                                yield 2;
                            }
                            default -> throw e;
                        });
    }

    /**
     * The workloads of these names; those that end in {@code *} stand for what there is in {@code
     * all}.
     *
     * @throws IllegalArgumentException if there is none
     */
    static List<Workload> chosen(List<String> names, List<Workload> all) {
        var chosen = new ArrayList<Workload>();
        for (var name : names) {
            if (!name.endsWith("*")) {
                chosen.add(Workloads.named(name, all));
                continue;
            }
            var start = name.substring(0, name.length() - 1);
            var found = all.stream().filter(w -> w.name().startsWith(start)).toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("no workload begins with " + start);
            }
            chosen.addAll(found);
        }
        return chosen;
    }

    /** A line for each workload. */
    static String list(List<Workload> workloads) {
        var text = new StringBuilder();
        workloads.forEach(w -> text.append(String.format("%-22s %s%n", w.name(), w.title())));
        return text.toString();
    }

    static void checkThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("--threads is " + threads + "; it is at least 1");
        }
    }

    /**
     * Makes the folder that {@code out} is or stands in: what is measured can be written there.
     *
     * @throws IllegalArgumentException if that cannot be
     */
    static void checkOut(Path out) {
        var folder = Files.isDirectory(out) ? out : out.toAbsolutePath().getParent();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IllegalArgumentException(unwritable(out, folder), e);
        }
        if (!Files.isWritable(folder)) {
            throw new IllegalArgumentException(unwritable(out, folder));
        }
    }

    private static String unwritable(Path out, Path folder) {
        return "--out is " + out + "; no file can be written in " + folder;
    }

    /**
     * Inside {@code out} if it is a folder, else beside it: with {@code ending} at the end, in
     * place of an ending of a table or a page that was given.
     */
    static Path beside(Path out, String name, String ending) {
        return Files.isDirectory(out)
                ? out.resolve(name + ending)
                : Path.of(out.toString().replaceFirst("\\.(md|json|html)$", "") + ending);
    }
}
