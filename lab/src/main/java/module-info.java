/**
 * The laboratory: studies that measure what the theory of deep learning claims, and the instruments
 * they measure with.
 *
 * <p>Open, because the records of tensors inside studies are trees, whichever package they are in.
 */
@SuppressWarnings("requires-automatic") // Hipparchus is a plain jar; its name comes from its file.
open module dev.fathom.lab {
    requires transitive dev.fathom.core;
    requires transitive dev.fathom.nn;
    requires transitive dev.fathom.optim;
    requires dev.fathom.cpu;
    requires dev.fathom.data;
    requires dev.fathom.io;
    requires dev.fathom.train;
    requires static org.jspecify;
    requires java.compiler;
    requires hipparchus.core;
    requires hipparchus.stat;

    exports dev.fathom.lab.error;
    exports dev.fathom.lab.figure;
    exports dev.fathom.lab.run;
    exports dev.fathom.lab.studies;
    exports dev.fathom.lab.instrument.error;
    exports dev.fathom.lab.instrument.kernel;
    exports dev.fathom.lab.instrument.operator;
    exports dev.fathom.lab.instrument.spectrum;
    exports dev.fathom.lab.instrument.statistic;
    exports dev.fathom.lab.study;
}
