package dev.fathom.cli.error;

import dev.fathom.core.error.FathomException;

/** The command line asks for something that cannot be: exit code 2. */
public final class UsageException extends FathomException {
    private static final long serialVersionUID = 1L;

    /** An error whose message says which option is wrong and what to write instead. */
    public UsageException(String message) {
        super(message);
    }
}
