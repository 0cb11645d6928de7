package dev.fathom.lab.run;

/** Hears how a run comes along, and may end it. */
@FunctionalInterface
public interface Watcher {
    /** Nobody. */
    Watcher NONE = (share, doing) -> true;

    /**
     * Told from time to time.
     *
     * @param share how much of the run is done, from 0 to 1
     * @param doing {@code controls} or {@code seed 2 of 5}
     * @return false to end the run here; what is finished is kept and can be continued
     */
    boolean progress(double share, String doing);
}
