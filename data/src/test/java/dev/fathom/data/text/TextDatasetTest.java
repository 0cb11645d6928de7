package dev.fathom.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.tensor.DType;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.IntStream;

final class TextDatasetTest {
    /** 26 letters, the last 8 kept: a..r to train, s..z to validate, windows of 3. */
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";

    private static String text(int[] ids) {
        return CharTokenizer.of(ALPHABET).decode(ids);
    }

    @Test
    void windowsAreFollowedByTheirNextTokens() {
        var data = TextDataset.of(ALPHABET, CharTokenizer.of(ALPHABET), 3, 0.3);
        assertThat(data.train().size()).isEqualTo(5); // 17 pairs / 3; "q" has nowhere to go
        var batch = data.train().batches(2).batch(0, 1);
        assertThat(batch.features().dtype()).isEqualTo(DType.INT32);
        assertThat(batch.features().shape().dims()).containsExactly(2, 3);
        assertThat(batch.labels().dtype()).isEqualTo(DType.INT32);
        assertThat(batch.labels().shape().dims()).containsExactly(2, 3);
        assertThat(text(batch.features().toInts())).isEqualTo("ghijkl");
        assertThat(text(batch.labels().toInts())).isEqualTo("hijklm");
        assertThat(data.train().outputs()).isEqualTo(26);
        assertThat(data.train().isClassification()).isTrue();
        assertThat(text(data.train().example(1).features().toInts())).isEqualTo("def");
        assertThat(text(data.train().example(1).label().toInts())).isEqualTo("efg");
    }

    @Test
    void trainingAndValidationShareNoToken() {
        var data = TextDataset.of(ALPHABET, CharTokenizer.of(ALPHABET), 3, 0.3);
        var train = data.train().all();
        var validation = data.validation().all();
        assertThat(text(train.features().toInts())).isEqualTo("abcdefghijklmno");
        assertThat(text(train.labels().toInts())).isEqualTo("bcdefghijklmnop");
        assertThat(text(validation.features().toInts())).isEqualTo("stuvwx");
        assertThat(text(validation.labels().toInts())).isEqualTo("tuvwxy");
        assertThat(data.train().sha256()).isEqualTo(data.validation().sha256()).hasSize(64);
    }

    /** 40 characters, the last 8 kept: "xyxyxyxy" is in them alone. */
    @Test
    void bytePairsAreLearnedFromTheTrainingPartAlone() {
        var text = "abababab".repeat(4) + "xyxyxyxy";
        var data = TextDataset.ofBytePairs(text, 258, 2, 0.2);
        assertThat(data.tokenizer().names().subList(256, 258)).containsExactly("ab", "abab");
        assertThat(data.train().size()).isEqualTo(3); // 8 tokens "abab": 7 pairs / 2
        assertThat(data.tokenizer().decode(data.train().all().labels().toInts()))
                .isEqualTo("abab".repeat(6));
        assertThat(data.tokenizer().decode(data.validation().all().features().toInts()))
                .isEqualTo("xyxyxy");
        var other = TextDataset.ofBytePairs("abababab".repeat(4) + "ababqqqq", 258, 2, 0.2);
        assertThat(other.tokenizer()).isEqualTo(data.tokenizer());
    }

    @Test
    void windowsMayOverlap() {
        var ids = IntStream.range(0, 7).toArray();
        var names = List.of("a", "b", "c", "d", "e", "f", "g");
        var data = Dataset.ofTokens(ids, 4, 1, names);
        assertThat(data.size()).isEqualTo(3);
        assertThat(data.subset(2).all().features().toInts()).containsExactly(2, 3, 4, 5);
        assertThat(data.subset(2).all().labels().toInts()).containsExactly(3, 4, 5, 6);
        var batches = data.batches(1).shuffled(7).prefetch(2);
        assertThat(batches.epoch(0)).hasSize(3);
    }

    @Test
    void aShortTextIsRefused() {
        assertThatThrownBy(() -> TextDataset.of("short text", new ByteTokenizer(), 64))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage(
                        "the text has 10 tokens, 9 to train and 1 to validate; each part needs more"
                                + " than the context of 64: take a longer text or a shorter"
                                + " context");
        assertThatThrownBy(() -> TextDataset.of("", new ByteTokenizer(), 1))
                .hasMessageContaining("the text has 0 tokens");
        assertThatThrownBy(() -> Dataset.ofTokens(new int[4], 4, 1, List.of("a")))
                .hasMessageContaining("a window needs one token more than the context");
        assertThatThrownBy(() -> TextDataset.of("abc", new ByteTokenizer(), 0))
                .hasMessage("a context has at least 1 token, not 0");
        assertThatThrownBy(() -> TextDataset.of("abc", new ByteTokenizer(), 1, 1))
                .hasMessage("the validation fraction lies between 0 and 1, not at 1.0");
        assertThatThrownBy(() -> Dataset.ofTokens(new int[] {0, 1, 2}, 1, 1, List.of("a", "b")))
                .hasMessage(
                        "token 2 has the number 2; with 2 different tokens they run from 0 to 1");
    }

    @Test
    void numbersOfTokensAreNoQuantities() {
        var data = TextDataset.of(ALPHABET, CharTokenizer.of(ALPHABET), 3, 0.3).train();
        assertThatThrownBy(() -> data.map((values, offset, length) -> {}))
                .hasMessageContaining("holds token numbers");
        assertThatThrownBy(data::labels).hasMessageContaining("many tokens of each example");
        assertThat(data.classCounts()).isEmpty();
    }
}
