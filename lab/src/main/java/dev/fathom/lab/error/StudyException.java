package dev.fathom.lab.error;

/** A study that does not keep to its card, or a run that cannot be made. */
public final class StudyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what is wrong and what to do. */
    public StudyException(String message) {
        super(message);
    }
}
