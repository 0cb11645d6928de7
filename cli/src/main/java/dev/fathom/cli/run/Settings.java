package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.schedule.Schedule;

import java.util.Objects;

/**
 * How a network is trained. The learning rate rises in a straight line over the first {@code
 * warmUp} of all steps and then takes the course of {@code schedule}.
 *
 * @param epochs passes through the training examples
 * @param batch examples in a step
 * @param optimizer the rule that moves the weights
 * @param learningRate the highest one
 * @param weightDecay λ of {@link Descent#ADAMW}; the others have none
 * @param warmUp the share of the steps in which the learning rate rises, from 0 to 1
 * @param clip the longest gradient that is let through; 0 lets all through
 * @param schedule the course of the learning rate
 * @param regularisation what keeps the network from learning by heart
 */
public record Settings(
        int epochs,
        int batch,
        Descent optimizer,
        double learningRate,
        double weightDecay,
        double warmUp,
        double clip,
        Rate schedule,
        Regularisation regularisation) {
    private static final int MOST_EPOCHS = 1_000_000;

    /** Half a cosine, and nothing against learning by heart. */
    public Settings(
            int epochs,
            int batch,
            Descent optimizer,
            double learningRate,
            double weightDecay,
            double warmUp,
            double clip) {
        this(
                epochs,
                batch,
                optimizer,
                learningRate,
                weightDecay,
                warmUp,
                clip,
                Rate.COSINE,
                Regularisation.NONE);
    }

    /** Checks what a person may have asked for. */
    public Settings {
        // runs from before these two could be chosen have neither in their configuration
        schedule = Objects.requireNonNullElse(schedule, Rate.COSINE);
        regularisation = Objects.requireNonNullElse(regularisation, Regularisation.NONE);
        if (epochs < 1 || epochs > MOST_EPOCHS) {
            throw new UsageException("--epochs is at least 1, not " + epochs);
        }
        if (batch < 1) {
            throw new UsageException("--batch is at least 1, not " + batch);
        }
        if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw new UsageException("--lr is a number above 0, not " + learningRate);
        }
    }

    /** The same for another number of epochs. */
    public Settings withEpochs(int epochs) {
        return new Settings(
                epochs,
                batch,
                optimizer,
                learningRate,
                weightDecay,
                warmUp,
                clip,
                schedule,
                regularisation);
    }

    /** The same with another batch size. */
    public Settings withBatch(int batch) {
        return new Settings(
                epochs,
                batch,
                optimizer,
                learningRate,
                weightDecay,
                warmUp,
                clip,
                schedule,
                regularisation);
    }

    /** The same with another optimizer, at that one's usual learning rate. */
    public Settings withOptimizer(Descent optimizer) {
        return optimizer == this.optimizer
                ? this
                : new Settings(
                        epochs,
                        batch,
                        optimizer,
                        Defaults.learningRate(optimizer),
                        weightDecay,
                        warmUp,
                        clip,
                        schedule,
                        regularisation);
    }

    /** The same with another learning rate. */
    public Settings withLearningRate(double learningRate) {
        return new Settings(
                epochs,
                batch,
                optimizer,
                learningRate,
                weightDecay,
                warmUp,
                clip,
                schedule,
                regularisation);
    }

    /** The same with another course of the learning rate. */
    public Settings withSchedule(Rate schedule) {
        return new Settings(
                epochs,
                batch,
                optimizer,
                learningRate,
                weightDecay,
                warmUp,
                clip,
                schedule,
                regularisation);
    }

    /** The same with other remedies against learning by heart. */
    public Settings withRegularisation(Regularisation regularisation) {
        return new Settings(
                epochs,
                batch,
                optimizer,
                learningRate,
                weightDecay,
                warmUp,
                clip,
                schedule,
                regularisation);
    }

    /** The learning rate at each of {@code steps} steps. */
    public Schedule schedule(int steps) {
        return schedule.of(learningRate, steps, (int) Math.round(warmUp * steps));
    }

    /** The optimizer for a run of {@code steps} steps. */
    public Recipe recipe(int steps) {
        var recipe = optimizer.of(schedule(steps), weightDecay);
        return clip > 0 ? recipe.clipped(clip) : recipe;
    }
}
