package dev.fathom.data.augment;

import dev.fathom.data.error.MalformedDataException;

/** What augmentations refuse, and how they say it. */
final class Check {
    private Check() {}

    static void whole(String what, String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new MalformedDataException(
                    what
                            + ": the "
                            + name
                            + " is "
                            + value
                            + "; it must be at least 1 and at most "
                            + most);
        }
    }

    /** Refuses what is not above 0 and at most {@code most}, NaN too. */
    static void above(String what, String name, double value, double most) {
        number(what, name, value, value > 0 && value <= most, "above 0 and at most " + most);
    }

    static void number(String what, String name, double value, boolean good, String wanted) {
        if (!good) {
            throw new MalformedDataException(
                    what + ": the " + name + " is " + value + "; it must be " + wanted);
        }
    }

    /** A number in a description: 4 and not 4.0. */
    static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
