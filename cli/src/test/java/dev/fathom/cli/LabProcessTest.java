package dev.fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code fathom lab} in processes of their own: killed, side by side, with other threads. */
final class LabProcessTest {
    private static final int SEEDS = 60;

    @TempDir private Path folder;

    /** Wherever the classes of this process come from. */
    private static String classPath() throws URISyntaxException {
        var paths = new LinkedHashSet<String>();
        var name = Main.class.getSimpleName() + ".class";
        var root = Path.of(Objects.requireNonNull(Main.class.getResource(name)).toURI());
        for (int i = 0; i < Main.class.getName().split("\\.").length; i++) {
            root = root.getParent();
        }
        paths.add(root.toString());
        for (var property : List.of("java.class.path", "jdk.module.path")) {
            Stream.of(System.getProperty(property, "").split(File.pathSeparator))
                    .filter(part -> !part.isEmpty())
                    .flatMap(part -> Stream.of(part, part + File.separator + "*"))
                    .forEach(paths::add);
        }
        return String.join(File.pathSeparator, paths);
    }

    private Process start(Object... words) throws IOException, URISyntaxException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-modules=jdk.incubator.vector");
        command.add("-cp");
        command.add(classPath());
        command.add(Main.class.getName());
        Stream.of(words).map(Object::toString).forEach(command::add);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
    }

    private Path log() {
        return folder.resolve("log");
    }

    /** The study of the template, with many seeds of some milliseconds each. */
    private Path study() throws IOException {
        Shell.fathom("lab", "new", "coin-tosses", "--to", folder);
        var file = folder.resolve("CoinTosses.java");
        var text = Files.readString(file);
        assertThat(text).contains("seeds(tier.pick(1,");
        Files.writeString(
                file, text.replace("seeds(tier.pick(1,", "seeds(tier.pick(" + SEEDS + ","));
        return file;
    }

    private static long trials(Path out) throws IOException {
        var trials = out.resolve("coin-tosses-smoke-42/trials");
        if (!Files.isDirectory(trials)) {
            return 0;
        }
        try (var files = Files.list(trials)) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 25})
    void aKilledRunResumesToTheSameBytes(int finished) throws Exception {
        var file = study();
        var whole = folder.resolve("whole");
        Shell.fathom("lab", "run", file, "--tier", "smoke", "--out", whole);
        var parted = folder.resolve("parted");
        var process = start("lab", "run", file, "--tier", "smoke", "--out", parted);
        try {
            while (trials(parted) < finished) {
                assertThat(process.isAlive()).as(() -> read(log())).isTrue();
                Thread.sleep(1);
            }
        } finally {
            process.destroyForcibly().waitFor(30, TimeUnit.SECONDS); // kill -9
        }
        var result = Path.of("coin-tosses-smoke-42", "result.json");
        assertThat(parted.resolve(result)).doesNotExist();
        assertThat(trials(parted)).isBetween((long) finished, (long) SEEDS);
        var resumed = Shell.fathom("lab", "resume", parted);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(parted.resolve(result)).hasSameBinaryContentAs(whole.resolve(result));
    }

    @Test
    void aSecondProcessDoesNotTouchTheRunOfTheFirst() throws Exception {
        var file = study();
        var out = folder.resolve("out");
        var process = start("lab", "run", file, "--tier", "smoke", "--out", out);
        try {
            while (trials(out) < 1) {
                assertThat(process.isAlive()).as(() -> read(log())).isTrue();
                Thread.sleep(1);
            }
            long before = trials(out);
            var second = Shell.fathom("lab", "run", file, "--tier", "smoke", "--out", out);
            assertThat(process.isAlive()).as("too fast for this test").isTrue();
            assertThat(second.code()).isEqualTo(1);
            assertThat(second.err()).contains("another run is at work in ", "--out");
            assertThat(trials(out)).isGreaterThanOrEqualTo(before);
        } finally {
            process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
        }
    }

    /** What runs over several threads is set when a process starts. */
    @Test
    void threadsChangeNoByte() throws Exception {
        var studies = List.of("momentum-sqrt", "minimal-mlp", "printed-formulas");
        for (var threads : List.of("1", "3")) {
            var words = new ArrayList<Object>(List.of("lab", "run", "--tier", "smoke"));
            words.addAll(studies);
            words.addAll(List.of("--threads", threads, "--out", folder.resolve(threads)));
            var process = start(words.toArray());
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(() -> read(log())).isZero();
        }
        for (var study : studies) {
            var result = Path.of(study + "-smoke-42", "result.json");
            assertThat(folder.resolve("3").resolve(result))
                    .hasSameBinaryContentAs(folder.resolve("1").resolve(result));
        }
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
