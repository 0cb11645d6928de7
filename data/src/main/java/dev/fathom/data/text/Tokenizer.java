package dev.fathom.data.text;

import dev.fathom.data.error.MalformedDataException;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A way to write a text as numbers 0 .. {@link #size} − 1 and back: {@code decode(encode(text))} is
 * the same text. Immutable.
 */
public sealed interface Tokenizer permits CharTokenizer, ByteTokenizer, BytePairTokenizer {
    /** Number of different tokens. */
    int size();

    /**
     * The tokens of a text.
     *
     * @throws MalformedDataException naming what in the text cannot be written with these tokens
     */
    int[] encode(String text);

    /**
     * The bytes in UTF-8 that token {@code id} stands for. A character may be spread over several
     * tokens, so that only the bytes of all tokens together are a text.
     *
     * @throws MalformedDataException if there is no such token
     */
    byte[] bytes(int id);

    /** A line of text from which {@link #of(String)} makes an equal tokenizer. */
    String saved();

    /** The text of tokens; bytes that are no UTF-8 become {@code U+FFFD}. */
    default String decode(int... ids) {
        var decoder = new Utf8();
        var text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.add(bytes(id)));
        }
        return text.append(decoder.end()).toString();
    }

    /** How token {@code id} looks in a table: its text, with signs for what cannot be seen. */
    default String name(int id) {
        return switch (decode(id)) {
            case "\n" -> "\\n";
            case "\r" -> "\\r";
            case "\t" -> "\\t";
            case String text -> text;
        };
    }

    /** The names of all tokens, in the order of their numbers. */
    default List<String> names() {
        return IntStream.range(0, size()).mapToObj(this::name).toList();
    }

    /**
     * The tokenizer that {@link #saved} wrote.
     *
     * @throws MalformedDataException if it did not
     */
    static Tokenizer of(String saved) {
        int colon = saved.indexOf(':');
        var rest = colon < 0 ? "" : saved.substring(colon + 1);
        return switch (colon < 0 ? "" : saved.substring(0, colon)) {
            case CharTokenizer.KIND -> new CharTokenizer(rest);
            case ByteTokenizer.KIND -> new ByteTokenizer();
            case BytePairTokenizer.KIND -> BytePairTokenizer.parse(rest);
            default ->
                    throw new MalformedDataException(
                            "'%s' is not a saved tokenizer; one begins with characters:, bytes: or"
                                            .formatted(
                                                    saved.length() > 40
                                                            ? saved.substring(0, 40) + "..."
                                                            : saved)
                                    + " byte-pairs:");
        };
    }

    /** Refuses {@code id} unless it is one of {@code size} tokens. */
    static void checkToken(int id, int size) {
        if (id < 0 || id >= size) {
            throw new MalformedDataException(
                    "there is no token " + id + "; they run from 0 to " + (size - 1));
        }
    }
}
