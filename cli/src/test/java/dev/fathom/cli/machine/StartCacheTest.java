package dev.fathom.cli.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class StartCacheTest {
    @TempDir private Path folder;

    @Test
    void itIsUsedOnlyIfTheJvmWasGivenOneAndSharesClasses() {
        var options = List.of("-XX:+UseParallelGC", "-XX:AOTCache=/app/start.aot");
        assertThat(StartCache.of(options, "mixed mode, sharing")).isEqualTo(StartCache.USED);
        assertThat(StartCache.of(options, "mixed mode")).isEqualTo(StartCache.REFUSED);
        assertThat(StartCache.of(List.of("-Xmx1g"), "mixed mode, sharing"))
                .isEqualTo(StartCache.NONE);
    }

    /** What the launcher counts on: no failure and no word, and no claim to be in use. */
    @ParameterizedTest
    @ValueSource(strings = {"", "no cache at all", "missing"})
    void aJvmStartsWithoutADamagedCache(String content) throws Exception {
        var file = folder.resolve("start.aot");
        if (!content.equals("missing")) {
            Files.writeString(file, content);
        }
        var lines = properties("-XX:AOTCache=" + file, "-Xlog:aot=off,cds=off");
        assertThat(lines).noneMatch(line -> line.startsWith("["));
        var info = lines.stream().filter(line -> line.contains("java.vm.info = ")).findFirst();
        assertThat(StartCache.of(List.of("-XX:AOTCache=" + file), info.orElseThrow()))
                .isEqualTo(StartCache.REFUSED);
    }

    private static List<String> properties(String... options)
            throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-XshowSettings:properties", "-version"));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var lines = process.inputReader().lines().toList();
        assertThat(process.waitFor()).isZero();
        return lines;
    }
}
