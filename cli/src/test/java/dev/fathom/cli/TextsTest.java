package dev.fathom.cli;

import static dev.fathom.cli.Shell.fathom;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Texts from file to more text, and files that cannot be learned from. */
final class TextsTest {
    @TempDir private Path folder = Path.of("");

    /** A line that comes again and again is learned by heart. */
    @Test
    void aTextIsLearnedAndContinued() throws IOException {
        var line = "Wale größer als Häuser.\n";
        var file = Files.writeString(folder.resolve("line.txt"), line.repeat(400));
        var run = folder.resolve("run");
        var trained = fathom("train", file, "--epochs", 12, "--out", run);
        assertThat(trained.err()).isEmpty();
        assertThat(trained.code()).isZero();
        assertThat(trained.out())
                .contains("model  ngram")
                .containsPattern("0\\.0\\d* nats or 0\\.\\d* bits a character, perplexity 1\\.");

        var written =
                fathom("generate", run, "--prompt", "Wale ", "--length", 42, "--temperature", 0);
        assertThat(written.err()).isEmpty();
        assertThat(written.out()).isEqualTo(line + line);
        assertThat(fathom("generate", run, "--length", 30, "--seed", 7).out())
                .isEqualTo(fathom("generate", run, "--length", 30, "--seed", 7).out());

        var unknown = fathom("generate", run, "--prompt", "Ж");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.errLines())
                .containsExactly(
                        "fathom: the character 'Ж' (U+0416) at place 1 is none of the 15 that the"
                                + " model knows");
        assertThat(fathom("generate", run, "--temperature", -1).code()).isEqualTo(2);
        assertThat(fathom("predict", run, file).err()).contains("use: fathom generate RUN");
        var measured = fathom("eval", run);
        var loss = trained.outLines().stream().filter(l -> l.startsWith("test loss")).toList();
        assertThat(measured.outLines()).containsAll(loss);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "too short  | the text has 9 tokens, 8 to train and 1 to validate; each part needs",
                "''         | is empty; there is nothing to learn from it",
            })
    void aTextThatIsTooShortIsOneLineAndNothingIsWritten(String text, String message)
            throws IOException {
        refused(Files.writeString(folder.resolve("t.txt"), text), message);
    }

    @Test
    void aFileThatIsNoTextIsRefused() throws IOException {
        var file = Files.write(folder.resolve("t.txt"), new byte[] {(byte) 0xff, 0, 1});
        refused(file, "is not UTF-8 text");
    }

    private void refused(Path file, String message) {
        var run = folder.resolve("run");
        var answer = fathom("train", file, "--out", run);
        assertThat(answer.err()).contains(message);
        assertThat(answer.errLines()).hasSize(1);
        assertThat(answer.code()).isEqualTo(1);
        assertThat(run).doesNotExist();
    }
}
