/**
 * Images changed a little every time they are seen, so that a network learns what does not matter:
 * {@link dev.fathom.data.augment.Augmentation} and its cases. A batch is still a function of seed,
 * epoch and index: each image draws from its own key.
 *
 * <pre>{@code
 * var batches = data.train().batches(128).shuffled(42)
 *         .augmented(Augmentation.crop(4).then(Augmentation.flip())).prefetch(2);
 * }</pre>
 */
@NullMarked
package dev.fathom.data.augment;

import org.jspecify.annotations.NullMarked;
