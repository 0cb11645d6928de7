package dev.fathom.cli.run;

import static java.util.stream.Collectors.joining;

import dev.fathom.cli.error.UsageException;
import dev.fathom.core.tensor.Shape;
import dev.fathom.data.augment.Augmentation;
import dev.fathom.data.dataset.Normalisation;
import dev.fathom.data.error.MalformedDataException;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The changes of images that go by a name on the command line: {@code crop:4,flip}. */
public enum Changes {
    /** Pixels of padding. */
    CROP,
    /** Left and right. */
    FLIP,
    /** Above and below. */
    FLIP_VERTICALLY,
    /** The side of the square. */
    ERASE,
    /** Pixels. */
    SHIFT,
    /** Degrees. */
    ROTATE,
    /** The tangent of the angle. */
    SHEAR,
    /** The largest share by which it grows or shrinks. */
    SCALE,
    /** α in pixels, at σ = 4. */
    ELASTIC,
    /** Change of brightness, contrast and saturation. */
    COLOUR,
    /** Deviation, in units of the whole training set's. */
    NOISE,
    /** Magnitude of two operations. */
    RANDAUGMENT;

    private static final double SIGMA = 4;

    /** How it is written on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All of them, for people. */
    public static String words() {
        return Arrays.stream(values()).map(Changes::word).collect(joining(", "));
    }

    /** The list with every amount written out, as it is kept with a run. */
    public static String complete(String list, Shape image) {
        return parsed(list, image).stream().map(Amount::toString).collect(joining(","));
    }

    /**
     * The changes of a list, one after the other.
     *
     * @param normalisation of the images, which {@code colour} and {@code randaugment} undo
     * @throws UsageException if a word or an amount is none
     */
    public static Augmentation of(String list, Shape image, Normalisation normalisation) {
        try {
            return parsed(list, image).stream()
                    .map(one -> one.augmentation(normalisation))
                    .reduce(Augmentation::then)
                    .orElseThrow();
        } catch (MalformedDataException beyondALimit) {
            throw new UsageException("--augment " + beyondALimit.getMessage());
        }
    }

    private record Amount(Changes change, double value) {
        Augmentation augmentation(Normalisation normal) {
            return switch (change) {
                case CROP -> Augmentation.crop(whole());
                case FLIP -> Augmentation.flip();
                case FLIP_VERTICALLY -> Augmentation.flipVertically();
                case ERASE -> Augmentation.erase(whole());
                case SHIFT -> Augmentation.shift(value);
                case ROTATE -> Augmentation.rotate(value);
                case SHEAR -> Augmentation.shear(value);
                case SCALE -> Augmentation.scale(1 / (1 + value), 1 + value);
                case ELASTIC -> Augmentation.elastic(value, SIGMA);
                case COLOUR ->
                        Augmentation.colour(value, value, value)
                                .unnormalised(normal.mean(), normal.deviation());
                case NOISE -> Augmentation.noise(value);
                case RANDAUGMENT ->
                        Augmentation.randAugment(2, value)
                                .unnormalised(normal.mean(), normal.deviation());
            };
        }

        private int whole() {
            if (value != Math.rint(value) || value < 1 || value > 1 << 20) {
                throw new UsageException(
                        "--augment %s:%s: the amount is a whole number of pixels from 1"
                                .formatted(change.word(), value));
            }
            return (int) value;
        }

        @Override
        public String toString() {
            if (!change.hasAmount()) {
                return change.word();
            }
            return change.word()
                    + ":"
                    + (value == Math.rint(value) && value < 1e9
                            ? Long.toString((long) value)
                            : value);
        }
    }

    private boolean hasAmount() {
        return this != FLIP && this != FLIP_VERTICALLY;
    }

    private boolean isLength() {
        return this == CROP || this == SHIFT || this == ERASE;
    }

    /** An amount that is seldom far off, for images of which the shorter side has {@code side}. */
    private double usual(int side) {
        return switch (this) {
            case CROP, SHIFT -> Math.max(1, Math.ceilDiv(side, 8)); // 4 of 32 pixels
            case FLIP, FLIP_VERTICALLY -> 0;
            case ERASE -> Math.max(1, side / 2); // 16 of 32
            case ROTATE -> 15;
            case SHEAR -> 0.2;
            case SCALE -> 0.2;
            case ELASTIC -> 34;
            case COLOUR -> 0.4;
            case NOISE -> 0.1;
            case RANDAUGMENT -> 5;
        };
    }

    private static List<Amount> parsed(String list, Shape image) {
        if (image.rank() != 3) {
            throw new UsageException("--augment changes images; these examples are " + image);
        }
        int side = Math.min(image.dim(0), image.dim(1));
        return Arrays.stream(list.split(",", -1)).map(item -> parsed(item.strip(), side)).toList();
    }

    private static Amount parsed(String item, int side) {
        int colon = item.indexOf(':');
        var name = colon < 0 ? item : item.substring(0, colon);
        var change =
                Arrays.stream(values())
                        .filter(c -> c.word().equals(name))
                        .findFirst()
                        .orElseThrow(() ->
                                new UsageException(
                                        "--augment: '%s' is none of %s; write for instance"
                                                        .formatted(name, words())
                                                + " --augment crop,flip or --augment rotate:10"));
        if (colon < 0) {
            return new Amount(change, change.usual(side));
        }
        if (!change.hasAmount()) {
            throw new UsageException("--augment " + item + ": " + name + " takes no amount");
        }
        try {
            double value = Double.parseDouble(item.substring(colon + 1));
            if (change.isLength() && value > side) {
                throw new UsageException(
                        "--augment %s: %s pixels is more than the images have (%d)"
                                .formatted(item, item.substring(colon + 1), side));
            }
            if (value > 0 && value < Double.POSITIVE_INFINITY) {
                return new Amount(change, value);
            }
        } catch (NumberFormatException notOne) {
            // the same message as for a number out of range
        }
        throw new UsageException(
                "--augment " + item + ": the amount is a number above 0, after the colon");
    }
}
