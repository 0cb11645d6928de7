package dev.fathom.cli.run;

import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.AdamW;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Nesterov;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.schedule.Schedule;

import java.util.Locale;

/** The optimizers that go by a name. */
public enum Descent {
    /** Stochastic gradient descent. */
    SGD,
    /** With Polyak's momentum of 0.9. */
    MOMENTUM,
    /** With Nesterov's momentum of 0.9. */
    NESTEROV,
    /** Adam. */
    ADAM,
    /** Adam with decoupled weight decay; vectors (biases, scales) do not decay. */
    ADAMW;

    /** How it is written on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The optimizer with a learning rate that depends on the step. */
    Recipe of(Schedule rate, double weightDecay) {
        return switch (this) {
            case SGD -> Sgd.of(rate);
            case MOMENTUM -> Momentum.of(rate);
            case NESTEROV -> Nesterov.of(rate);
            case ADAM -> Adam.of(rate);
            case ADAMW ->
                    AdamW.of(rate)
                            .withWeightDecay(weightDecay)
                            .decaying(leaf -> leaf.tensor().rank() > 1);
        };
    }
}
