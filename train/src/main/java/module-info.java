/** Training: the loop, metrics, checkpoints, listeners, and the folder a run leaves behind. */
module dev.fathom.train {
    requires transitive dev.fathom.core;
    requires transitive dev.fathom.data;
    requires transitive dev.fathom.io;
    requires transitive dev.fathom.nn;
    requires transitive dev.fathom.optim;
    requires static org.jspecify;

    exports dev.fathom.train.checkpoint;
    exports dev.fathom.train.ensemble;
    exports dev.fathom.train.error;
    exports dev.fathom.train.history;
    exports dev.fathom.train.listener;
    exports dev.fathom.train.loop;
    exports dev.fathom.train.metric;
    exports dev.fathom.train.mixing;
    exports dev.fathom.train.run;
    exports dev.fathom.train.validation;

    // the records that a compiled step takes and gives are nobody else's business
    opens dev.fathom.train.ensemble to
            dev.fathom.core;
    opens dev.fathom.train.loop to
            dev.fathom.core;
}
