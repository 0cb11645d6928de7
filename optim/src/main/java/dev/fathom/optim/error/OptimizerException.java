package dev.fathom.optim.error;

import dev.fathom.core.error.FathomException;

/**
 * An optimizer or schedule that cannot be made of the numbers given, or a state of another model.
 */
public final class OptimizerException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** The message names the optimizer, what it met and what to do; the caller's line is added. */
    public OptimizerException(String message) {
        super(located(message));
    }

    /** Refuses a number: {@code check("Adam", "beta1", 1.5, "in [0, 1)", false)} throws. */
    public static void check(String what, String name, double value, String wanted, boolean ok) {
        if (!ok) {
            throw new OptimizerException(
                    what + ": " + name + " is " + value + "; it must be " + wanted);
        }
    }
}
