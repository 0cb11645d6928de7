/**
 * Images changed a little every time they are seen, so that a network learns what does not matter:
 * {@link dev.fathom.data.augment.Augmentation} and its cases. A batch is still a function of seed,
 * epoch and index: each image draws from its own key.
 *
 * <pre>{@code
 * var batches = data.train().batches(128).shuffled(42)
 *         .augmented(Augmentation.crop(4).then(Augmentation.flip())).prefetch(2);
 * }</pre>
 *
 * <p>They go together in any order, each with a probability of its own; values that must be from 0
 * to 1 are made so for the moment:
 *
 * <pre>{@code
 * var colours = Augmentation.colour(0.4, 0.4, 0.4).unnormalised(norm.mean(), norm.deviation());
 * var all = Augmentation.rotate(15).then(Augmentation.elastic(34, 4).sometimes(0.5)).then(colours);
 * }</pre>
 */
@NullMarked
package dev.fathom.data.augment;

import org.jspecify.annotations.NullMarked;
