package dev.fathom.train.metric;

/** How the numbers of several classes become one. */
public enum Average {
    /** The plain mean over the classes: a rare class counts as much as a frequent one. */
    MACRO,
    /**
     * All decisions in one pot. Where every example has exactly one class, precision, recall and F1
     * are then all equal to the accuracy.
     */
    MICRO,
    /** The mean over the classes, each weighted by its number of examples. */
    WEIGHTED
}
