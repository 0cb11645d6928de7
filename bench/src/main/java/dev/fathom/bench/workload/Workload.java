package dev.fathom.bench.workload;

import dev.fathom.bench.measure.Steps;
import dev.fathom.bench.measure.Unit;
import dev.fathom.core.tensor.Tensor;

import java.util.Map;
import java.util.Optional;

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
    Steps steps(Map<String, Tensor> problem);

    /** What the row says of each side. */
    default Unit unit() {
        return parts() == 1 ? Unit.rate("steps/s", 1) : Unit.rate("net-steps/s", parts());
    }

    /** The protocol that is followed where {@code asked} was asked for. */
    default String protocol(String asked) {
        return asked;
    }

    /** Under which name peers know it. */
    default String ofPeers() {
        return name();
    }

    /** A workload that Fathom runs as well, for comparison. */
    default Optional<String> against() {
        return Optional.empty();
    }

    /** Whether Fathom also runs with an ahead-of-time cache of its classes, for comparison. */
    default boolean cached() {
        return false;
    }

    /** Two sides that differ by more than this, relative, did not compute the same. */
    default double tolerance() {
        return 1e-3;
    }

    /** What takes its place where only a look is wanted. */
    default Workload small() {
        return this;
    }
}
