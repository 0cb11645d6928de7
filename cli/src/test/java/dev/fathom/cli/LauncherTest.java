package dev.fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The launcher beside a JDK that writes down how it is called, and makes a cache of the one word
 * {@code cache} if it is asked for one, unless a file says that it is too old to.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final String JAVA =
            """
            #!/bin/sh
            echo "$*" >>"$(dirname "$0")/calls"
            for word in "$@"; do
                case $word in
                    -XX:AOTCacheOutput=*) [ -e "$0.old" ] || printf cache >"${word#*=}" ;;
                esac
            done
            """;

    @TempDir private Path folder;
    private Path root;
    private Path jdk;
    private Path app;

    /** A checkout with nothing to build. */
    @BeforeEach
    void checkout() throws IOException {
        root = folder.resolve("a checkout");
        jdk = jdk("jdk");
        app = Files.createDirectories(root.resolve("target/app"));
        Files.createDirectories(app.resolve("lib"));
        Files.createDirectories(root.resolve("cli/src/main"));
        Files.createDirectories(root.resolve("tools"));
        Files.createFile(root.resolve("tools/java.options"));
        for (var file : List.of("pom.xml", "cli/pom.xml")) {
            Files.createFile(root.resolve(file));
        }
        Files.writeString(app.resolve("sources"), "pom.xml\ncli/pom.xml\n");
        Files.copy(launcher(), root.resolve("fathom"));
    }

    /** That of this source tree: tests run in the folder of their module. */
    private static Path launcher() {
        return Path.of("..", "fathom").toAbsolutePath().normalize();
    }

    private Path jdk(String name) throws IOException {
        var home = folder.resolve(name);
        var bin = Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
        for (var program : List.of("java", "javac")) {
            assertThat(Files.writeString(bin.resolve(program), JAVA).toFile().setExecutable(true))
                    .isTrue();
        }
        return home;
    }

    /** Runs {@code fathom data list}; what the JDK was called with, call by call. */
    private List<String> calls() throws IOException, InterruptedException {
        var calls = jdk.resolve("bin/calls");
        Files.deleteIfExists(calls);
        var builder = new ProcessBuilder("sh", root.resolve("fathom").toString(), "data", "list");
        builder.environment().put("FATHOM_JAVA_HOME", jdk.toString());
        builder.environment().remove("FATHOM_JAVA_OPTS");
        var process = builder.redirectErrorStream(true).start();
        var output = process.inputReader().lines().toList();
        assertThat(process.waitFor()).describedAs(String.join("\n", output)).isZero();
        return Files.readAllLines(calls);
    }

    /**
     * What the launcher says, to standard output and error together, and its exit code at the end.
     */
    private List<String> says(String... words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("sh", root.resolve("fathom").toString()));
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("FATHOM_JAVA_HOME", jdk.toString());
        var process = builder.start();
        var said = new ArrayList<>(process.inputReader().lines().toList());
        said.add(Integer.toString(process.waitFor()));
        return said;
    }

    @Test
    void helpOfExamplesNamesThemWithoutABuild() throws Exception {
        var source = root.resolve("examples/src/main/java/dev/fathom/examples");
        Files.createFile(Files.createDirectories(source).resolve("TinyGpt.java"));
        var names = List.of("usage: fathom example NAME, one of", "  TinyGpt", "0");
        assertThat(says("example")).isEqualTo(names);
        assertThat(says("example", "--help")).isEqualTo(names);
        assertThat(says("help", "example")).isEqualTo(names);
        assertThat(says("example", "TinyGtp"))
                .startsWith("fathom: there is no example \"TinyGtp\"")
                .endsWith("  TinyGpt", "2");
        assertThat(jdk.resolve("bin/calls")).doesNotExist();
    }

    @Test
    void helpIsTheOptionOfTheCommand() throws Exception {
        calls();
        says("help", "train");
        assertThat(Files.readAllLines(jdk.resolve("bin/calls")).getLast()).endsWith("train --help");
    }

    @Test
    void aBenchmarkRunsOnTheMemoryOfACommand() throws Exception {
        Files.createDirectories(root.resolve("bench/target"));
        Files.createFile(root.resolve("bench/target/built-bench"));
        var pages = "-XX:+UseTransparentHugePages";
        boolean large = calls().getLast().contains(pages);
        says("bench", "--list");
        var bench = Files.readAllLines(jdk.resolve("bin/calls")).getLast();
        assertThat(bench).endsWith("dev.fathom.bench.Main --list");
        assertThat(bench.contains(pages)).isEqualTo(large);
    }

    @Test
    void theCacheIsMadeOnceAndThenUsed() throws Exception {
        var first = calls();
        assertThat(first).hasSize(2);
        assertThat(first.getFirst()).contains("-XX:AOTCacheOutput=", "train digits --epochs 1");
        assertThat(first.getLast()).contains("-XX:AOTCache=" + app + "/start.aot ");
        assertThat(first.getLast()).endsWith("data list");
        assertThat(calls()).containsExactly(first.getLast());
        assertThat(app.resolve("start.aot")).hasContent("cache");
        assertThat(root.resolve("target/fathom-build.lock")).doesNotExist();
    }

    @Test
    void aMissingCacheIsDoneWithout() throws Exception {
        calls();
        Files.delete(app.resolve("start.aot"));
        assertThat(calls()).hasSize(1).allMatch(call -> !call.contains("AOTCache"));
    }

    @Test
    void anotherJdkGetsItsOwn() throws Exception {
        calls();
        jdk = jdk("other");
        assertThat(calls()).hasSize(2).first().asString().contains("-XX:AOTCacheOutput=");
    }

    @Test
    void aJdkThatMakesNoneIsAskedOnce() throws Exception {
        Files.createFile(jdk.resolve("bin/java.old"));
        assertThat(calls()).hasSize(2);
        assertThat(calls()).hasSize(1).allMatch(call -> !call.contains("AOTCache"));
    }

    @Test
    void aFolderThatCannotBeWrittenToIsRunAsItIs() throws Exception {
        calls();
        Files.delete(app.resolve("start.aot.for"));
        assertThat(app.toFile().setWritable(false)).isTrue();
        if (Files.isWritable(app)) { // the administrator may write everywhere
            assertThat(calls()).hasSize(2);
        } else {
            assertThat(calls()).hasSize(1).allMatch(call -> !call.contains("AOTCache"));
        }
        assertThat(app.toFile().setWritable(true)).isTrue();
    }
}
