package dev.fathom.bench.workload;

import dev.fathom.core.tensor.Tensor;

import java.util.Map;

/** Something that is timed on both sides. */
public interface Workload {
    /** What it is called on the command line. */
    String name();

    /** What it is, for the table. */
    String title();

    /** Floating-point operations of a step, two for a multiplication with an addition. */
    double flop();

    /** How many steps of a net a step consists of; rates count these. */
    default int parts() {
        return 1;
    }

    /** What a side computes from: weights {@code p0}, {@code p1}, .. and data, by name. */
    Map<String, Tensor> problem();

    /** Fathom's side. */
    Compiled steps(Map<String, Tensor> problem);
}
