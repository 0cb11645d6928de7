package dev.fathom.data.text;

import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.file.Sha256;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A text to learn what comes next: windows of token numbers, divided by position. The beginning is
 * for training and the end for validation, so that no token of one is in the other. Windows do not
 * overlap: an epoch predicts each token once.
 *
 * @param tokenizer what the numbers mean
 * @param train windows of the beginning, int32 {@code (n, context)} with labels of the same shape
 * @param validation windows of the end
 */
public record TextDataset(Tokenizer tokenizer, Dataset train, Dataset validation) {
    /** The share of a text that is kept for validation. */
    public static final double VALIDATION = 0.1;

    /** The last tenth for validation. */
    public static TextDataset of(String text, Tokenizer tokenizer, int context) {
        return of(text, tokenizer, context, VALIDATION);
    }

    /**
     * With the last {@code validation} of the tokens for validation.
     *
     * @param context tokens in a window
     * @param validation a share between 0 and 1
     * @throws MalformedDataException if one of the parts is not longer than the context
     */
    public static TextDataset of(String text, Tokenizer tokenizer, int context, double validation) {
        check(context, validation);
        var ids = tokenizer.encode(text);
        int from = ids.length - (int) Math.round(validation * ids.length);
        return of(
                text,
                tokenizer,
                Arrays.copyOf(ids, from),
                Arrays.copyOfRange(ids, from, ids.length),
                context);
    }

    /** Byte pairs learned from the training part, and the last tenth for validation. */
    public static TextDataset ofBytePairs(String text, int size, int context) {
        return ofBytePairs(text, size, context, VALIDATION);
    }

    /**
     * With {@linkplain BytePairTokenizer byte pairs} that are learned from the training part alone.
     * So the text is divided before there are tokens: the last {@code validation} of its characters
     * are for validation.
     *
     * @param size number of tokens wanted, at least 256
     * @param context tokens in a window
     * @param validation a share between 0 and 1
     * @throws MalformedDataException if one of the parts is not longer than the context
     */
    public static TextDataset ofBytePairs(String text, int size, int context, double validation) {
        check(context, validation);
        int characters = text.codePointCount(0, text.length());
        int held = (int) Math.round(validation * characters);
        int from = text.offsetByCodePoints(0, characters - held);
        var tokenizer = BytePairTokenizer.train(text.substring(0, from), size);
        return of(
                text,
                tokenizer,
                tokenizer.encode(text.substring(0, from)),
                tokenizer.encode(text.substring(from)),
                context);
    }

    private static void check(int context, double validation) {
        if (!(validation > 0 && validation < 1)) {
            throw new MalformedDataException(
                    "the validation fraction lies between 0 and 1, not at " + validation);
        }
        if (context < 1) {
            throw new MalformedDataException("a context has at least 1 token, not " + context);
        }
    }

    private static TextDataset of(
            String text, Tokenizer tokenizer, int[] train, int[] validation, int context) {
        if (Math.min(train.length, validation.length) <= context) {
            throw new MalformedDataException(
                    "the text has %d tokens, %d to train and %d to validate; each part needs more than the context of %d: take a longer text or a shorter context"
                            .formatted(
                                    train.length + validation.length,
                                    train.length,
                                    validation.length,
                                    context));
        }
        var sha256 = Sha256.of(text.getBytes(StandardCharsets.UTF_8));
        return new TextDataset(
                tokenizer,
                windows(train, tokenizer, context, sha256),
                windows(validation, tokenizer, context, sha256));
    }

    private static Dataset windows(int[] ids, Tokenizer tokenizer, int context, String sha256) {
        return Dataset.ofTokens(ids, context, context, tokenizer.names())
                .describedAs("text", "memory", sha256);
    }

    /** The same with another name and origin. */
    public TextDataset describedAs(String name, String source) {
        return new TextDataset(
                tokenizer,
                train.describedAs(name, source, train.sha256()),
                validation.describedAs(name, source, validation.sha256()));
    }
}
