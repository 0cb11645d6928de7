/**
 * The mathematics of optimizers in pieces. A {@link dev.fathom.optim.transform.GradientTransform}
 * takes gradients to what is added to the parameters, and a chain of them is an optimizer:
 *
 * <pre>{@code
 * var optimizer = Optimizer.of(chain(
 *         clipByGlobalNorm(1.0),
 *         scaleByAdam(0.9, 0.999, 1e-8),
 *         addDecayedWeights(0.01),
 *         scaleByLearningRate(Schedule.cosine(1e-3, 10_000))));
 * }</pre>
 *
 * <p>The division into {@code init} and {@code update} and the names of the pieces follow Optax
 * (DeepMind, 2020). What an update does to leaves that are not trained is nothing: they pass
 * through.
 */
@NullMarked
package dev.fathom.optim.transform;

import org.jspecify.annotations.NullMarked;
