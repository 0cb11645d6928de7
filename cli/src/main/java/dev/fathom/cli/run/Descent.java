package dev.fathom.cli.run;

import dev.fathom.optim.recipe.AdaGrad;
import dev.fathom.optim.recipe.Adafactor;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.AdamW;
import dev.fathom.optim.recipe.Lamb;
import dev.fathom.optim.recipe.Lion;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Muon;
import dev.fathom.optim.recipe.Nadam;
import dev.fathom.optim.recipe.Nesterov;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.recipe.RmsProp;
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
    ADAMW,
    /** Steps that shrink with all gradients so far. */
    ADAGRAD,
    /** Gradients divided by their running size. */
    RMSPROP,
    /** Adam with Nesterov's look ahead. */
    NADAM,
    /** The sign of a mean gradient; decays as AdamW does. */
    LION,
    /** Adam scaled to the size of each leaf, for large batches. */
    LAMB,
    /** Adam in little memory. */
    ADAFACTOR,
    /** Orthogonal steps for matrices and kernels, AdamW for the rest. */
    MUON;

    /** How it is written on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether weight decay means something to it. */
    boolean decays() {
        return switch (this) {
            case ADAMW, LION, LAMB, MUON -> true;
            case SGD, MOMENTUM, NESTEROV, ADAM, ADAGRAD, RMSPROP, NADAM, ADAFACTOR -> false;
        };
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
            case ADAGRAD -> AdaGrad.of(rate);
            case RMSPROP -> RmsProp.of(rate);
            case NADAM -> Nadam.of(rate);
            case LION -> Lion.of(rate).withWeightDecay(weightDecay);
            case LAMB -> Lamb.of(rate).withWeightDecay(weightDecay);
            case ADAFACTOR -> Adafactor.of(rate);
            case MUON ->
                    Muon.of(rate)
                            .withWeightDecay(weightDecay)
                            .withRest(ADAMW.of(rate.times(0.05), weightDecay));
        };
    }
}
