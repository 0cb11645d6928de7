package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.addDecayedWeights;
import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.core.tree.Tree;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByAdam;

import java.util.function.Predicate;

/**
 * Adam with weight decay that the division by gradient sizes does not touch:
 *
 * <pre>
 * θ ← θ − α (m̂ / (√v̂ + ε) + λ θ)
 * </pre>
 *
 * with m̂ and v̂ as in {@link Adam}. I. Loshchilov and F. Hutter, "Decoupled weight decay
 * regularization", ICLR 2019, algorithm 2. We differ as PyTorch and Optax do: α multiplies the
 * decay too, where the paper has a separate schedule multiplier η; so the paper's λ is our α λ.
 *
 * @param learningRate α
 * @param beta1 β₁, in [0, 1)
 * @param beta2 β₂, in [0, 1)
 * @param epsilon ε, ≥ 0
 * @param weightDecay λ, ≥ 0
 * @param decayed which leaves decay
 */
public record AdamW(
        Schedule learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        Predicate<Tree.Leaf> decayed)
        implements Recipe {

    /** With a constant learning rate; the others as in {@link #of(Schedule)}. */
    public static AdamW of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /**
     * With a learning rate that depends on the step; β₁, β₂, ε as in {@link Adam}, λ = 0.01 on
     * every leaf.
     */
    public static AdamW of(Schedule learningRate) {
        var adam = Adam.of(learningRate);
        return new AdamW(learningRate, adam.beta1(), adam.beta2(), adam.epsilon(), 0.01, _ -> true);
    }

    /** The same with another λ. */
    public AdamW withWeightDecay(double weightDecay) {
        return new AdamW(learningRate, beta1, beta2, epsilon, weightDecay, decayed);
    }

    /**
     * The same with decay on some leaves only, such as {@code leaf -> leaf.tensor().rank() > 1}: no
     * biases.
     */
    public AdamW decaying(Predicate<Tree.Leaf> decayed) {
        return new AdamW(learningRate, beta1, beta2, epsilon, weightDecay, decayed);
    }

    @Override
    public Chain transform() {
        return chain(
                new ScaleByAdam(beta1, beta2, epsilon),
                addDecayedWeights(weightDecay, decayed),
                scaleByLearningRate(learningRate));
    }
}
