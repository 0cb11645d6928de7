/**
 * What every primitive, every layer, every optimizer and every backend must pass, and the
 * assertions with which users check their own functions.
 *
 * <p>The module is open so that records declared beside tests can be taken apart as trees.
 */
open module dev.fathom.testkit {
    requires transitive dev.fathom.core;
    requires transitive org.junit.jupiter.api;
    requires dev.fathom.cpu;
    requires org.assertj.core;
    requires static org.jspecify;

    exports dev.fathom.testkit.check;
    exports dev.fathom.testkit.conformance;
    exports dev.fathom.testkit.spec;
}
