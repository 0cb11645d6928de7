package dev.fathom.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.data.catalogue.Texts;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

final class TokenizerTest {
    /** Half a surrogate pair: no character, and so no UTF-8. */
    private static final String HALF = String.valueOf((char) 0xd83d);

    private static List<Tokenizer> all(String text) {
        return List.of(
                CharTokenizer.of(text),
                new ByteTokenizer(),
                BytePairTokenizer.train(text, 256),
                BytePairTokenizer.train(text, 300));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "call me Ishmael. Call me  twice!\r\n\tso: so, so so",
                "Grüße, Wale \u2014 \u9be8 \ud83d\udc0b\ud83d\udc0b 42 e\u0301",
                "\u0000\u0001\ufeff\uffff\u00a0\u3000\u0085 end "
            })
    void whatWasEncodedIsDecodedToTheSame(String text) {
        for (var tokenizer : all(text)) {
            var ids = tokenizer.encode(text);
            assertThat(IntStream.of(ids)).allMatch(id -> id >= 0 && id < tokenizer.size());
            assertThat(tokenizer.decode(ids)).isEqualTo(text);
            assertThat(tokenizer.encode("")).isEmpty();
            assertThat(tokenizer.names()).hasSize(tokenizer.size());
        }
    }

    /** Every code point that is a character can be the whole text or a part of it. */
    @Test
    void anyUnicodeComesBack() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var text = new StringBuilder();
        random.ints(5000, 0, 0x110000)
                .filter(c -> c < 0xd800 || c > 0xdfff)
                .forEach(text::appendCodePoint);
        for (var tokenizer : all(text.toString())) {
            assertThat(tokenizer.decode(tokenizer.encode(text.toString())))
                    .as("seed %d", seed)
                    .isEqualTo(text.toString());
        }
    }

    @Test
    void aSavedTokenizerIsTheSame() {
        for (var tokenizer : all("a:b, c\n\ud83d\udc0b abab abab")) {
            assertThat(Tokenizer.of(tokenizer.saved())).isEqualTo(tokenizer);
        }
        assertThatThrownBy(() -> Tokenizer.of("words:a b"))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage(
                        "'words:a b' is not a saved tokenizer; one begins with characters:, bytes:"
                                + " or byte-pairs:");
        assertThatThrownBy(() -> Tokenizer.of("byte-pairs:1 2,3"))
                .hasMessage("'3' is not a merge of a saved byte-pair tokenizer");
        assertThatThrownBy(() -> Tokenizer.of("byte-pairs:1 256"))
                .hasMessage("merge 0 is of the tokens 1 and 256, which are not both below 256");
        assertThatThrownBy(() -> Tokenizer.of("byte-pairs:1 2,1 2"))
                .hasMessage("a pair is merged twice");
        assertThatThrownBy(() -> Tokenizer.of("characters:aba"))
                .hasMessage("an alphabet has at least one character and each only once");
    }

    @Test
    void charactersAreNumberedInTheOrderOfUnicode() {
        var tokenizer = CharTokenizer.of("whale\ud83d\udc0b\n");
        assertThat(tokenizer.alphabet()).isEqualTo("\naehlw\ud83d\udc0b");
        assertThat(tokenizer.encode("ale\ud83d\udc0b")).containsExactly(1, 4, 2, 6);
        assertThat(tokenizer.names())
                .containsExactly("\\n", "a", "e", "h", "l", "w", "\ud83d\udc0b");
    }

    @Test
    void whatCannotBeWrittenIsNamed() {
        var tokenizer = CharTokenizer.of("abc");
        assertThatThrownBy(() -> tokenizer.encode("ab\u0416"))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage(
                        "the character '\u0416' (U+0416) at place 3 is none of the 3 that the model"
                                + " knows");
        assertThatThrownBy(() -> tokenizer.decode(3))
                .hasMessage("there is no token 3; they run from 0 to 2");
        assertThatThrownBy(() -> new ByteTokenizer().encode(HALF))
                .hasMessage("the text holds half a surrogate pair, which is no character");
        assertThatThrownBy(() -> BytePairTokenizer.train("a" + HALF, 300))
                .hasMessageContaining("half a surrogate pair");
        assertThatThrownBy(() -> CharTokenizer.of(""))
                .hasMessage("an empty text has no characters to learn from");
        assertThatThrownBy(() -> BytePairTokenizer.train("a", 255))
                .hasMessage(
                        "byte-pair encoding begins with the 256 bytes; it cannot have 255 tokens");
    }

    /**
     * The corpus of Sennrich et al., section 3.2: low x 5, lower x 2, newest x 6, widest x 3. By
     * hand: "es" and "st" occur 9 times each, and e comes before s; then "es t", 9 times; then "lo"
     * and "ow", 7 times each, and l comes before o; then "lo w", 7 times; then of those 6 times,
     * all from "newest", "e w" comes before "n e" and "w est".
     */
    @Test
    void mergesAreThoseOfThePaper() {
        var text =
                "low\n".repeat(5)
                        + "lower\n".repeat(2)
                        + "newest\n".repeat(6)
                        + "widest\n".repeat(3);
        var tokenizer = BytePairTokenizer.train(text, 256 + 5);
        assertThat(tokenizer.merges())
                .containsExactly(
                        new BytePairTokenizer.Merge('e', 's'),
                        new BytePairTokenizer.Merge(256, 't'),
                        new BytePairTokenizer.Merge('l', 'o'),
                        new BytePairTokenizer.Merge(258, 'w'),
                        new BytePairTokenizer.Merge('e', 'w'));
        assertThat(tokenizer.names().subList(256, 261))
                .containsExactly("es", "est", "lo", "low", "ew");
        assertThat(tokenizer.encode("lowest"))
                .containsExactly(259, 257); // low, est: a word that was never seen
    }

    /** The counts that are kept up to date give the merges that counting anew each time gives. */
    @Test
    void learningEqualsCountingAnewEachTime() {
        var text =
                "the cat sat on the mat; that cat ate the fat rat. aaaa aaa aaaaa baaab ".repeat(2);
        var words = List.of(text.split("(?= )|(?<=[a-z])(?=[;.])|(?<=[;.])(?=[a-z])"));
        var ids = new ArrayList<>(words.stream().map(w -> new ByteTokenizer().encode(w)).toList());
        var merges = new ArrayList<BytePairTokenizer.Merge>();
        for (int id = 256; id < 290; id++) {
            var counts = new TreeMap<Long, Integer>();
            for (var word : ids) {
                for (int i = 0; i + 1 < word.length; i++) {
                    counts.merge((long) word[i] << 32 | word[i + 1], 1, Integer::sum);
                }
            }
            var best = counts.entrySet().iterator().next();
            for (var entry : counts.entrySet()) {
                best = entry.getValue() > best.getValue() ? entry : best;
            }
            if (best.getValue() < 2) {
                break;
            }
            int left = (int) (best.getKey() >> 32);
            int right = best.getKey().intValue();
            merges.add(new BytePairTokenizer.Merge(left, right));
            for (int w = 0; w < ids.size(); w++) {
                var joined = new ArrayList<Integer>();
                for (int i = 0; i < ids.get(w).length; i++) {
                    var word = ids.get(w);
                    if (i + 1 < word.length && word[i] == left && word[i + 1] == right) {
                        joined.add(id);
                        i++;
                    } else {
                        joined.add(word[i]);
                    }
                }
                ids.set(w, joined.stream().mapToInt(Integer::intValue).toArray());
            }
        }
        assertThat(BytePairTokenizer.train(text, 290).merges()).isEqualTo(merges);
        assertThat(BytePairTokenizer.train(text, 290).encode(text))
                .isEqualTo(ids.stream().flatMapToInt(Arrays::stream).toArray());
    }

    @Test
    void tokensThatCutACharacterAreJoined() {
        var decoder = new Utf8();
        var whale = "\ud83d\udc0b".getBytes(StandardCharsets.UTF_8);
        assertThat(decoder.add(new byte[] {'a', whale[0], whale[1]})).isEqualTo("a");
        assertThat(decoder.add(new byte[] {whale[2]})).isEmpty();
        assertThat(decoder.add(new byte[] {whale[3], 'b'})).isEqualTo("\ud83d\udc0bb");
        assertThat(decoder.add(new byte[] {whale[0]})).isEmpty();
        assertThat(decoder.end()).isEqualTo("\ufffd");
        assertThat(new ByteTokenizer().decode(0x41, 0xff, 0x42)).isEqualTo("A\ufffdB");
    }

    @Test
    void aNovelShipsWithTheLibrary() {
        var text = Texts.load("moby-dick");
        assertThat(text).startsWith("CHAPTER 1. Loomings.\n\nCall me Ishmael.");
        assertThat(text.getBytes(StandardCharsets.UTF_8))
                .hasSize(Texts.describe("moby-dick").bytes());
        assertThatThrownBy(() -> Texts.load("moby"))
                .isInstanceOf(DataNotFoundException.class)
                .hasMessage("there is no text called 'moby'; there are moby-dick");
        var tokenizer = BytePairTokenizer.train(text.substring(0, 200_000), 512);
        var ids = tokenizer.encode(text);
        assertThat(tokenizer.decode(ids)).isEqualTo(text);
        assertThat(ids.length).isLessThan(text.length() * 6 / 10);
    }
}
