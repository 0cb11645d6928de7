package dev.fathom.optim.recipe;

import dev.fathom.optim.Optimizer;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.Freeze;
import dev.fathom.optim.transform.GradientTransform;
import dev.fathom.optim.transform.Grouped;
import dev.fathom.optim.transform.Leaves;
import dev.fathom.optim.transform.ScaleByFactor;

import java.util.ArrayList;

/** An optimizer that is a chain of gradient transforms and nothing else. */
@FunctionalInterface
public interface Recipe extends Optimizer<Chain.State> {
    /** What it consists of. */
    Chain transform();

    @Override
    default Chain.State init(Object params) {
        return Optimizer.of(transform()).init(params);
    }

    @Override
    default <P> Step<P, Chain.State> update(P gradients, Chain.State state, P params) {
        return Optimizer.of(transform()).update(gradients, state, params);
    }

    /**
     * This after {@link dev.fathom.optim.transform.ClipByGlobalNorm}: all gradients together no
     * longer than that.
     */
    default Recipe clipped(double maxNorm) {
        var clip = GradientTransform.clipByGlobalNorm(maxNorm);
        return () -> GradientTransform.chain(clip, transform());
    }

    /**
     * This, but leaves whose paths match one of {@code patterns} stay as they are: {@link
     * dev.fathom.optim.transform.Freeze} of {@link dev.fathom.optim.transform.Leaves#matching}.
     * Running statistics are no parameters: those of a frozen batch normalisation go on following
     * the batches.
     *
     * @throws dev.fathom.optim.error.OptimizerException in {@code init}, if a pattern matches
     *     nothing
     */
    default Recipe freezing(String... patterns) {
        var groups = new ArrayList<Grouped.Group>();
        for (var pattern : patterns) {
            groups.add(new Grouped.Group(Leaves.matching(pattern), new Freeze()));
        }
        groups.add(new Grouped.Group(_ -> true, transform()));
        var parts = new Grouped(groups);
        return () -> GradientTransform.chain(parts);
    }

    /**
     * This before {@link dev.fathom.optim.transform.ScaleByFactor}: with a learning rate that can
     * be lowered while it runs, as {@code ReduceOnPlateau} does.
     */
    default Recipe adjustable() {
        return () -> GradientTransform.chain(transform(), new ScaleByFactor());
    }
}
