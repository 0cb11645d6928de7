/**
 * The optimizers by name. Each is a record of its numbers, with the usual values in its factory
 * {@code of} and nowhere else, and a {@link dev.fathom.optim.recipe.Recipe}: a chain of the pieces
 * in {@link dev.fathom.optim.transform}, which {@code transform()} shows.
 *
 * <pre>{@code
 * Adam.of(1e-3)
 * AdamW.of(Schedule.cosine(1e-3, 10_000).afterWarmUp(500)).withWeightDecay(0.05)
 * Momentum.of(0.1).clipped(1.0)
 * }</pre>
 */
@NullMarked
package dev.fathom.optim.recipe;

import org.jspecify.annotations.NullMarked;
