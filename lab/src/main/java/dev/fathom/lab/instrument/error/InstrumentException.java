package dev.fathom.lab.instrument.error;

import dev.fathom.core.error.FathomException;

/** A measurement that these numbers do not allow. */
public final class InstrumentException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the instrument, what it met and what to do; the caller's line is added. */
    public InstrumentException(String message) {
        super(located(message));
    }

    /** Refuses a setting: {@code check("Lanczos", "steps", 0, "at least 1", false)} throws. */
    public static void check(String what, String name, double value, String wanted, boolean ok) {
        if (!ok) {
            throw new InstrumentException(
                    what + ": " + name + " is " + value + "; it must be " + wanted);
        }
    }

    /** Refuses a fact about the arguments: throws {@code message} unless it is so. */
    public static void require(boolean so, String message) {
        if (!so) {
            throw new InstrumentException(message);
        }
    }
}
