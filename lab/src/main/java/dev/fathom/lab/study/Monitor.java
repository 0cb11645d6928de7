package dev.fathom.lab.study;

/** Who watches a trial. */
public interface Monitor {
    /** Nobody. */
    Monitor NONE = share -> {};

    /**
     * Hears how much of the trial is done, from 0 to 1. To end the trial it throws; what the trial
     * has measured is lost then, and what earlier trials measured is not.
     */
    void progress(double share);
}
