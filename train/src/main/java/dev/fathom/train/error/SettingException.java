package dev.fathom.train.error;

/** A number or a name that makes no training run. */
public final class SettingException extends TrainingException {
    private static final long serialVersionUID = 1L;

    /** The message names the setting and what it may be; the caller's line is added. */
    public SettingException(String message) {
        super(located(message));
    }
}
