package dev.fathom.bench.measure;

/** Something that is done over and over. */
public interface Steps {
    /** Step {@code i} from 0 on; the result may still be on its way when this returns. */
    void step(long i);

    /**
     * Whether a step goes on from the one before; if not, the first one says whether two sides
     * agree.
     */
    default boolean remembers() {
        return true;
    }

    /** A number that depends on all steps made, such as the loss of the last; waits for it. */
    double value();

    /** Called before each timed block and before the first step; its time does not count. */
    default void prepare() {}
}
