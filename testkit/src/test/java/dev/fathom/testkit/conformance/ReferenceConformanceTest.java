package dev.fathom.testkit.conformance;

import dev.fathom.core.spi.Backend;
import dev.fathom.core.spi.Backends;

/** The oracle itself, against worked numbers. */
class ReferenceConformanceTest extends BackendConformance {
    @Override
    protected Backend backend() {
        return Backends.named("reference");
    }
}
