package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.addDecayedWeights;
import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.scaleByLearningRate;

import dev.fathom.core.tree.Tree;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.Grouped;
import dev.fathom.optim.transform.Grouped.Group;
import dev.fathom.optim.transform.Orthogonalise;

import java.util.List;
import java.util.function.Predicate;

/**
 * Orthogonal updates for matrices, {@link Orthogonalise}: θ ← θ − α (u + λ θ), and {@link AdamW}
 * for all that is no matrix. The authors also give the embedding and the last layer to AdamW: say
 * so with {@link #on}.
 *
 * @param learningRate α of the matrices
 * @param momentum μ, in [0, 1)
 * @param iterations of Newton and Schulz, ≥ 1
 * @param weightDecay λ, ≥ 0
 * @param matrices which leaves are orthogonalised
 * @param rest for the others
 */
public record Muon(
        Schedule learningRate,
        double momentum,
        int iterations,
        double weightDecay,
        Predicate<Tree.Leaf> matrices,
        Recipe rest)
        implements Recipe {

    /**
     * With a constant learning rate; μ = 0.95, 5 iterations, no decay, AdamW at 1e-3 for the rest.
     */
    public static Muon of(double learningRate) {
        return of(Schedule.constant(learningRate));
    }

    /** With a learning rate that depends on the step; the others as in {@link #of(double)}. */
    public static Muon of(Schedule learningRate) {
        return new Muon(
                learningRate, 0.95, 5, 0, leaf -> leaf.tensor().rank() >= 2, AdamW.of(1e-3));
    }

    /** The same with another λ. */
    public Muon withWeightDecay(double weightDecay) {
        return new Muon(learningRate, momentum, iterations, weightDecay, matrices, rest);
    }

    /** The same on other leaves, such as {@code Leaves.matching("blocks.**.weight")}. */
    public Muon on(Predicate<Tree.Leaf> matrices) {
        return new Muon(learningRate, momentum, iterations, weightDecay, matrices, rest);
    }

    /** The same with another optimizer for the rest. */
    public Muon withRest(Recipe rest) {
        return new Muon(learningRate, momentum, iterations, weightDecay, matrices, rest);
    }

    @Override
    public Chain transform() {
        var orthogonal =
                chain(
                        new Orthogonalise(momentum, iterations),
                        addDecayedWeights(weightDecay),
                        scaleByLearningRate(learningRate));
        return chain(
                new Grouped(
                        List.of(
                                new Group(matrices, orthogonal),
                                new Group(_ -> true, rest.transform()))));
    }
}
