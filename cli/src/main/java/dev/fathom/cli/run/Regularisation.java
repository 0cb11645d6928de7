package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.train.mixing.CutMix;
import dev.fathom.train.mixing.MixUp;
import dev.fathom.train.mixing.Mixing;

import java.util.Optional;

/**
 * What is done in training, and only there, so that a network learns less by heart.
 *
 * @param augment changes of the images, as {@link Changes} reads them
 * @param smoothing ε of label smoothing; 0 for none
 * @param mixUp α of MixUp; 0 for none
 * @param cutMix α of CutMix; 0 for none
 */
public record Regularisation(
        Optional<String> augment, double smoothing, double mixUp, double cutMix) {
    /** Nothing. */
    public static final Regularisation NONE = new Regularisation(Optional.empty(), 0, 0, 0);

    /** Checks what a person may have asked for. */
    public Regularisation {
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new UsageException(
                    "--label-smoothing is a share from 0 to below 1, often 0.1, not " + smoothing);
        }
        alpha("--mixup", mixUp);
        alpha("--cutmix", cutMix);
        if (mixUp > 0 && cutMix > 0) {
            throw new UsageException("--mixup and --cutmix exclude each other; take one of them");
        }
    }

    private static void alpha(String option, double alpha) {
        if (!(alpha >= 0 && alpha < Double.POSITIVE_INFINITY)) {
            throw new UsageException(
                    option + " is a number from 0, often between 0.1 and 1, not " + alpha);
        }
    }

    /** How batches are mixed. */
    public Optional<Mixing> mixing() {
        if (mixUp > 0) {
            return Optional.of(MixUp.of(mixUp));
        }
        return cutMix > 0 ? Optional.of(CutMix.of(cutMix)) : Optional.empty();
    }

    /** In words, for people; empty if it is nothing. */
    public String words() {
        var text = new StringBuilder(augment.map(a -> "images " + a).orElse(""));
        append(text, "label smoothing ", smoothing);
        append(text, "MixUp ", mixUp);
        append(text, "CutMix ", cutMix);
        return text.toString();
    }

    private static void append(StringBuilder text, String name, double value) {
        if (value > 0) {
            text.append(text.isEmpty() ? "" : ", ").append(name).append(value);
        }
    }
}
