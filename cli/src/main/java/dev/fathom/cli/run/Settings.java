package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.schedule.Schedule;

import java.util.Objects;
import java.util.Optional;

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

    /** What a person asked for; the rest is as it was. */
    public record Asked(
            Optional<Integer> epochs,
            Optional<Integer> batch,
            Optional<Descent> optimizer,
            Optional<Double> learningRate,
            Optional<Rate> schedule) {}

    /**
     * The same with what was asked for. Another optimizer comes with its own usual learning rate,
     * if none was asked for.
     */
    public Settings with(Asked asked, Regularisation remedies) {
        var rule = asked.optimizer().orElse(optimizer);
        double usual = rule == optimizer ? learningRate : Defaults.learningRate(rule);
        return new Settings(
                asked.epochs().orElse(epochs),
                asked.batch().orElse(batch),
                rule,
                asked.learningRate().orElse(usual),
                weightDecay,
                warmUp,
                clip,
                asked.schedule().orElse(schedule),
                remedies);
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
