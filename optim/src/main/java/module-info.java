/**
 * Optimizers as pure functions: {@code init} makes a state, {@code update} takes gradients, state
 * and parameters to new parameters and a new state. Built from gradient transforms that can be
 * chained.
 */
module dev.fathom.optim {
    requires transitive dev.fathom.core;
    requires static org.jspecify;

    exports dev.fathom.optim;
    exports dev.fathom.optim.error;
    exports dev.fathom.optim.recipe;
    exports dev.fathom.optim.schedule;
    exports dev.fathom.optim.second;
    exports dev.fathom.optim.sharpness;
    exports dev.fathom.optim.transform;

    // what goes round in its loops is nobody else's business
    opens dev.fathom.optim.second to
            dev.fathom.core;
}
