package dev.fathom.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.loop.Toy;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process is killed at a random moment, most likely while it writes; another goes on. */
class KillAndResumeTest {

    /**
     * Wherever the classes of this process come from: class path, module path, and the folder of
     * the tests.
     */
    private static String classPath() throws URISyntaxException {
        var paths = new LinkedHashSet<String>();
        var here = Objects.requireNonNull(KilledRun.class.getResource("KilledRun.class")).toURI();
        int depth = KilledRun.class.getName().split("\\.").length;
        var root = Path.of(here);
        for (int i = 0; i < depth; i++) {
            root = root.getParent();
        }
        paths.add(root.toString());
        Stream.of("java.class.path", "jdk.module.path")
                .map(p -> System.getProperty(p, ""))
                .flatMap(p -> Stream.of(p.split(File.pathSeparator)))
                .filter(p -> !p.isEmpty())
                .flatMap(p ->
                        Stream.of(
                                p,
                                p + File.separator + "*")) // a module path may name folders of jars
                .forEach(paths::add);
        return String.join(File.pathSeparator, paths);
    }

    @RepeatedTest(3)
    void aKilledRunEndsAsIfItHadNotBeen(RepetitionInfo repetition, @TempDir Path folder)
            throws Exception {
        var random = new SplittableRandom(repetition.getCurrentRepetition());
        var checkpoints = Checkpoints.in(folder.resolve("checkpoints"));
        var log = folder.resolve("log").toFile();
        var process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "--add-modules=jdk.incubator.vector",
                                        "-XX:TieredStopAtLevel=1",
                                        "-cp",
                                        classPath(),
                                        KilledRun.class.getName(),
                                        checkpoints.folder().toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(log)
                        .start();
        try {
            int wanted = 2 + random.nextInt(40);
            while (newest(checkpoints) < wanted) {
                assertThat(process.isAlive())
                        .as(() -> "the child ended: " + read(log.toPath()))
                        .isTrue();
                Thread.sleep(1);
            }
            Thread.sleep(0, random.nextInt(1_000_000));
        } finally {
            process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
        }
        assertThat(process.isAlive()).isFalse();

        long at = newest(checkpoints);
        int epochs = (int) (at / 4) + 2;
        var resumed = KilledRun.run(trainer -> trainer.seed(8).resume(checkpoints), epochs);
        var unbroken = KilledRun.run(trainer -> trainer, epochs);
        assertThat(at).isPositive();
        assertThat(Toy.bits(resumed.model())).isEqualTo(Toy.bits(unbroken.model()));
        assertThat(Toy.bits(resumed.best())).isEqualTo(Toy.bits(unbroken.best()));
        assertThat(resumed.history().stream().map(EpochRecord::untimed))
                .isEqualTo(unbroken.history().stream().map(EpochRecord::untimed).toList());
    }

    private static long newest(Checkpoints checkpoints) {
        var files = checkpoints.files();
        return files.isEmpty()
                ? -1
                : Long.parseLong(files.getLast().getFileName().toString().replaceAll("\\D", ""));
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
