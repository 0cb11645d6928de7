import dev.fathom.core.spi.Backend;
import dev.fathom.cpu.plan.SimdBackend;
import dev.fathom.cpu.reference.ReferenceBackend;

/**
 * The CPU backends, in pure Java: {@code simd}, fast, and {@code reference}, plain loops that say
 * what is right.
 */
module dev.fathom.cpu {
    requires transitive dev.fathom.core;
    requires jdk.incubator.vector;
    requires jdk.jfr;
    requires jdk.management;
    requires static org.jspecify;

    exports dev.fathom.cpu.linalg;
    exports dev.fathom.cpu.plan;
    exports dev.fathom.cpu.reference;
    exports dev.fathom.cpu.simd;
    exports dev.fathom.cpu.workers;

    provides Backend with
            SimdBackend,
            ReferenceBackend;
}
