package dev.fathom.bench.workload;

import dev.fathom.bench.measure.Steps;
import dev.fathom.core.spi.Program;
import dev.fathom.core.transform.Profile;

/** Steps of Fathom's, which can be looked into. */
public interface Compiled extends Steps {
    /** What the parts of a step cost, over {@code runs} runs; nothing is changed by it. */
    Profile profile(int runs);

    /** The compiled step. */
    Program program();
}
