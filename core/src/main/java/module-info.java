/**
 * Tensors, the closed set of operations on them, and the transforms that differentiate, batch and
 * compile programs made of them. No dependencies; numbers are computed by a {@link
 * dev.fathom.core.spi.Backend} found as a service.
 */
module dev.fathom.core {
    requires jdk.jfr;
    requires static org.jspecify;

    exports dev.fathom.core.error;
    exports dev.fathom.core.graph;
    exports dev.fathom.core.math;
    exports dev.fathom.core.op;
    exports dev.fathom.core.random;
    exports dev.fathom.core.spi;
    exports dev.fathom.core.tensor;
    exports dev.fathom.core.transform;
    exports dev.fathom.core.tree;

    uses dev.fathom.core.spi.Backend;
}
