package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.cli.run.DataSource.Kind;

import java.util.Optional;

/**
 * How a text or a series is cut into examples, as far as a person has said it; the rest is the
 * default for what is cut.
 *
 * @param context how many tokens of a text, or values of a series, the network sees at once
 * @param tokens what the tokens of a text are
 * @param vocabulary how many byte pairs there are, the 256 bytes among them
 * @param horizon how many values of a series are to be predicted
 */
public record Windows(
        Optional<Integer> context,
        Optional<Tokens> tokens,
        Optional<Integer> vocabulary,
        Optional<Integer> horizon) {
    /** Nothing was said. */
    public static final Windows DEFAULT =
            new Windows(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private static final int TEXT_CONTEXT = 64;
    private static final int VOCABULARY = 512;
    private static final int FEWEST_PAIRS = 257;
    private static final int MOST_PAIRS = 50_000;
    private static final int FEWEST_VALUES = 16;
    private static final int HORIZONS = 4;

    /** Checks the numbers. */
    public Windows {
        requirePositive("--context", context);
        requirePositive("--forecast", horizon);
        vocabulary.ifPresent(size -> {
            if (size < FEWEST_PAIRS || size > MOST_PAIRS) {
                throw new UsageException(
                        "--vocabulary is from %d, one more than there are bytes, to %d, not %d"
                                .formatted(FEWEST_PAIRS, MOST_PAIRS, size));
            }
        });
        if (vocabulary.isPresent() && tokens.orElse(Tokens.CHARACTERS) != Tokens.PAIRS) {
            throw new UsageException(
                    "--vocabulary is the number of byte pairs: add --tokens pairs");
        }
    }

    private static void requirePositive(String option, Optional<Integer> value) {
        if (value.filter(v -> v < 1).isPresent()) {
            throw new UsageException(option + " is at least 1, not " + value.get());
        }
    }

    /**
     * Refuses what has no meaning for a source.
     *
     * @throws UsageException naming the option
     */
    void require(Kind kind, String text) {
        if (horizon.isPresent() && kind != Kind.SERIES) {
            throw new UsageException(
                    "--forecast continues a column of a .csv file, or a series of 'fathom data"
                            + " list'; "
                            + text
                            + " is neither");
        }
        if ((tokens.isPresent() || vocabulary.isPresent()) && kind != Kind.TEXT) {
            throw new UsageException("--tokens says how a text is cut; " + text + " is no text");
        }
        if (context.isPresent() && kind != Kind.TEXT && kind != Kind.SERIES) {
            throw new UsageException(
                    "--context is of texts and of series"
                            + (kind == Kind.TABLE ? ": add --forecast N to make " : "; ")
                            + text
                            + (kind == Kind.TABLE ? " one" : " is neither"));
        }
    }

    /** What the tokens of a text are. */
    public Tokens tokensOrDefault() {
        return tokens.orElse(Tokens.CHARACTERS);
    }

    int vocabularyOrDefault() {
        return vocabulary.orElse(VOCABULARY);
    }

    int textContext() {
        return context.orElse(TEXT_CONTEXT);
    }

    /** Four horizons, or as many values as an untidy series needs at least. */
    int seriesContext(int horizon) {
        return context.orElse(Math.max(HORIZONS * horizon, FEWEST_VALUES));
    }
}
