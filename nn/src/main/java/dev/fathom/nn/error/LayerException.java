package dev.fathom.nn.error;

import dev.fathom.core.error.FathomException;

/** A layer that cannot be made of the numbers given, or that was run in a way it cannot be. */
public final class LayerException extends FathomException {
    private static final long serialVersionUID = 1L;

    /**
     * The message names the layer, what it met and what to do; layer path and caller's line are
     * added.
     */
    public LayerException(String message) {
        super(located(message));
    }
}
