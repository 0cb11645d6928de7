package dev.fathom.train.error;

/** The loss became NaN or infinite; going on would only spread it. */
public final class NonFiniteLossException extends TrainingException {
    private static final long serialVersionUID = 1L;

    private final long step;

    /**
     * The message names the step, the operation and the layer where it began, and what to do.
     *
     * @param step the number of the step, from 1
     */
    public NonFiniteLossException(long step, String message) {
        super(message);
        this.step = step;
    }

    /** The number of the first step with a loss that is not finite, from 1. */
    public long step() {
        return step;
    }
}
