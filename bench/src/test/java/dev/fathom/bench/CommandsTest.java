package dev.fathom.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.bench.workload.OneProgram;
import dev.fathom.bench.workload.Workload;
import dev.fathom.bench.workload.Workloads;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;

class CommandsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bench   | mpl               | there is no workload 'mpl' (did you mean 'mlp'?);"
                        + " --list",
                "bench   | zzz*              | no workload begins with zzz",
                "bench   | --peer=torch      | --peer torch is not known; there are ",
                "bench   | --threads=0       | --threads is 0; it is at least 1",
                "bench   | --rounds=0        | --rounds is 0; it is at least 1",
                "bench   | --out=pom.xml/x   | --out is pom.xml/x; no file can be written in ",
                "bench   | --profile         | Unknown option: '--profile'; --help says more",
                "profile | mpl               | there is no workload 'mpl' (did you mean 'mlp'?);"
                        + " --list",
                "profile | sweap             | there is no workload 'sweap'; --list",
                "profile | --peer=libtorch   | Unknown option: '--peer=libtorch'; --help says more",
                "profile | --out=pom.xml/x   | --out is pom.xml/x; no file can be written in ",
                "profile | sweep             | what sweep times is not one compiled program; --list"
                        + " ",
                "profile | checkpoint-*      | no workload begins with checkpoint-",
                "profile |                   | name what to profile; --list says what there is"
            })
    void wrongUsageIsExitCodeTwoAndOneLine(String command, String argument, String says) {
        var err = new StringWriter();
        var arguments = argument == null ? new String[0] : new String[] {argument};
        var line = Commands.line(command.equals("bench") ? new Main() : new Profiler());
        line.setErr(new PrintWriter(err));
        assertThat(line.execute(arguments)).isEqualTo(2);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("fathom " + command + ": " + says);
    }

    @Test
    void namesMayEndInAStar() {
        assertThat(Commands.chosen(List.of("checkpoint-*", "mlp"), Workloads.all()))
                .extracting(Workload::name)
                .containsExactly(
                        "checkpoint-write", "checkpoint-read-cold", "checkpoint-read-warm", "mlp");
        assertThatThrownBy(() -> Commands.chosen(List.of("x*"), Workloads.all()))
                .hasMessage("no workload begins with x");
    }

    @Test
    void whatIsListedForAProfileCanBeProfiled() {
        assertThat(Workloads.programs()).isNotEmpty().allMatch(OneProgram.class::isInstance);
        assertThat(Commands.list(Workloads.programs()))
                .contains("gpt ", "resnet-loader ")
                .doesNotContain("sweep", "checkpoint", "start-", "memory-");
    }

    @Test
    void intoAFolderOrBesideAName(@TempDir Path folder) {
        assertThat(Commands.beside(folder, "bench", ".md")).isEqualTo(folder.resolve("bench.md"));
        assertThat(Commands.beside(folder.resolve("t"), "bench", ".md"))
                .isEqualTo(folder.resolve("t.md"));
        assertThat(Commands.beside(folder.resolve("t.md"), "bench", ".json"))
                .isEqualTo(folder.resolve("t.json"));
        assertThat(Commands.beside(folder.resolve("t.html"), "mlp", "-mlp.html"))
                .isEqualTo(folder.resolve("t-mlp.html"));
        assertThat(Commands.beside(folder.resolve("v1.2"), "bench", ".md"))
                .isEqualTo(folder.resolve("v1.2.md"));
    }
}
