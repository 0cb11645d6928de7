package dev.fathom.cli.run;

import dev.fathom.data.text.ByteTokenizer;
import dev.fathom.data.text.CharTokenizer;
import dev.fathom.data.text.TextDataset;

import java.util.Locale;

/** What the tokens of a text may be, by name. */
public enum Tokens {
    /** Every character that occurs in the text. */
    CHARACTERS,
    /** The 256 bytes of UTF-8: every prompt can be written. */
    BYTES,
    /** Byte pairs, learned from the training part: frequent words are one token. */
    PAIRS;

    /** How it is written on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What one of them is called. */
    public String one() {
        return switch (this) {
            case CHARACTERS -> "character";
            case BYTES -> "byte";
            case PAIRS -> "token";
        };
    }

    /**
     * The windows of a text.
     *
     * @param vocabulary how many byte pairs are wanted
     */
    TextDataset of(String text, int context, int vocabulary) {
        return switch (this) {
            case CHARACTERS -> TextDataset.of(text, CharTokenizer.of(text), context);
            case BYTES -> TextDataset.of(text, new ByteTokenizer(), context);
            case PAIRS -> TextDataset.ofBytePairs(text, vocabulary, context);
        };
    }
}
