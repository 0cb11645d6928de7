package dev.fathom.bench.measure;

import dev.fathom.core.spi.Program;
import dev.fathom.core.transform.Profile;

/** Something that is done over and over. */
public interface Steps {
    /** Step {@code i} from 0 on; the result may still be on its way when this returns. */
    void step(long i);

    /** A number that depends on all steps made, such as the loss of the last; waits for it. */
    double value();

    /** What the parts of a step cost, over {@code runs} runs; nothing is changed by it. */
    Profile profile(int runs);

    /** The compiled step. */
    Program program();
}
