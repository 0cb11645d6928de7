package dev.fathom.data.text;

import dev.fathom.data.error.MalformedDataException;

import java.util.Arrays;

/**
 * A token for each character (Unicode code point) of an alphabet.
 *
 * @param alphabet each character once; token {@code i} is the one at place {@code i}
 */
public record CharTokenizer(String alphabet) implements Tokenizer {
    static final String KIND = "characters";

    /** Checks that no character occurs twice. */
    public CharTokenizer {
        Utf8.bytes(alphabet);
        if (alphabet.isEmpty()
                || alphabet.codePoints().distinct().count() != alphabet.codePoints().count()) {
            throw new MalformedDataException(
                    "an alphabet has at least one character and each only once");
        }
    }

    /** The characters that occur in {@code text}, in the order of Unicode. */
    public static CharTokenizer of(String text) {
        if (text.isEmpty()) {
            throw new MalformedDataException("an empty text has no characters to learn from");
        }
        var sorted = text.codePoints().distinct().sorted().toArray();
        return new CharTokenizer(new String(sorted, 0, sorted.length));
    }

    @Override
    public int size() {
        return alphabet.codePointCount(0, alphabet.length());
    }

    @Override
    public int[] encode(String text) {
        var letters = alphabet.codePoints().toArray();
        var order = new int[letters.length];
        var sorted = letters.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < letters.length; i++) {
            order[Arrays.binarySearch(sorted, letters[i])] = i;
        }
        var points = text.codePoints().toArray();
        for (int i = 0; i < points.length; i++) {
            int at = Arrays.binarySearch(sorted, points[i]);
            if (at < 0) {
                throw new MalformedDataException(
                        "the character '%s' (U+%04X) at place %d is none of the %d that the model knows"
                                .formatted(
                                        Character.isISOControl(points[i])
                                                ? " "
                                                : Character.toString(points[i]),
                                        points[i],
                                        i + 1,
                                        letters.length));
            }
            points[i] = order[at];
        }
        return points;
    }

    @Override
    public byte[] bytes(int id) {
        Tokenizer.checkToken(id, size());
        return Utf8.bytes(
                Character.toString(alphabet.codePointAt(alphabet.offsetByCodePoints(0, id))));
    }

    @Override
    public String saved() {
        return KIND + ":" + alphabet;
    }
}
