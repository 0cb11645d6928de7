/**
 * Layers, their initialisation, losses, and a few whole networks: ordinary records over {@code
 * Tensor}s. A layer states its forward computation; derivatives follow.
 */
module dev.fathom.nn {
    requires transitive dev.fathom.core;
    requires static org.jspecify;

    exports dev.fathom.nn.attention;
    exports dev.fathom.nn.conv;
    exports dev.fathom.nn.error;
    exports dev.fathom.nn.generate;
    exports dev.fathom.nn.init;
    exports dev.fathom.nn.layer;
    exports dev.fathom.nn.loss;
    exports dev.fathom.nn.norm;
    exports dev.fathom.nn.pretext;
    exports dev.fathom.nn.recurrent;
    exports dev.fathom.nn.zoo;

    // what a loop carries from step to step is a private record
    opens dev.fathom.nn.generate to
            dev.fathom.core;
    opens dev.fathom.nn.loss to
            dev.fathom.core;
    opens dev.fathom.nn.recurrent to
            dev.fathom.core;
}
