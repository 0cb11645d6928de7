package dev.fathom.cli;

import static dev.fathom.cli.Shell.fathom;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.data.text.Tokenizer;
import dev.fathom.io.json.Json;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

    /** Fewer tokens a line than characters, a prompt of letters never seen, and the same tokens. */
    @ParameterizedTest
    @CsvSource({
        "gpt, pairs, 12, 263, token",
        "lstm, pairs, 12, 263, token",
        "gru, bytes, 40, 256, byte",
        "ngram, pairs, 12, 263, token",
    })
    void aTextIsCutAsAsked(String model, String tokens, int context, int size, String one)
            throws IOException {
        var line = "Wale größer als Häuser.\n";
        var file = Files.writeString(folder.resolve("line.txt"), line.repeat(100));
        var run = folder.resolve("run");
        var pairs = tokens.equals("pairs");
        var trained =
                fathom(
                        "train",
                        file,
                        "--model",
                        model,
                        "--tokens",
                        tokens,
                        "--context",
                        context,
                        "--epochs",
                        5,
                        "--batch",
                        4,
                        "--out",
                        run,
                        pairs ? "--vocabulary" : "--seed",
                        pairs ? 263 : 1);
        assertThat(trained.err()).isEmpty();
        assertThat(trained.out())
                .contains("each " + context)
                .contains("bits a " + one + ", perplexity");
        var data = (Map<?, ?>) Json.readMap(run.resolve("config.json")).get("data");
        assertThat(Tokenizer.of((String) data.get("tokenizer")).size()).isEqualTo(size);
        if (!tokens.equals("characters")) {
            assertThat(trained.out()).contains("nats a character, of which a " + one + " has ");
            assertThat(fathom("generate", run, "--prompt", "Ж", "--length", 3).out())
                    .startsWith("Ж");
        }
        var written = fathom("generate", run, "--prompt", line, "--length", 20, "--temperature", 0);
        assertThat(written.err()).isEmpty();
        assertThat(written.out()).startsWith(line + "Wale größer"); // it learned the line
        var other = fathom("train", "--resume", run, "--context", 3);
        assertThat(other.err())
                .contains("--context 3 contradicts --resume: that run has " + context);
        var cut = tokens.equals("bytes") ? "pairs" : "bytes";
        assertThat(fathom("train", "--resume", run, "--tokens", cut).err())
                .contains(
                        "--tokens %s contradicts --resume: that run has %s".formatted(cut, tokens));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "--tokens words              | 'words' is not one of characters, bytes, pairs",
                "--vocabulary 300            | --vocabulary is the number of byte pairs: add"
                        + " --tokens pairs",
                "--tokens pairs --vocabulary 256 | --vocabulary is from 257, one more than there"
                        + " are bytes",
                "--context 0                 | --context is at least 1, not 0",
            })
    void aCutThatCannotBeIsRefused(String options, String message) throws IOException {
        var file = Files.writeString(folder.resolve("t.txt"), "a text ".repeat(300));
        var words = new ArrayList<Object>(List.of("train", file, "--out", folder.resolve("run")));
        words.addAll(List.of((Object[]) options.split(" ")));
        var answer = fathom(words.toArray());
        assertThat(answer.err()).contains(message);
        assertThat(answer.errLines()).hasSize(1);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(folder.resolve("run")).doesNotExist();
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
    void aTextOfOneCharacterIsRefused() throws IOException {
        refused(
                Files.writeString(folder.resolve("t.txt"), "a".repeat(2000)),
                "has only the character 'a'; there is nothing to tell apart");
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
