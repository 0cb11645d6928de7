/**
 * Examples made of two: {@link dev.fathom.train.mixing.MixUp} and {@link
 * dev.fathom.train.mixing.CutMix}. A batch is mixed with itself in another order, inside the step,
 * so that nothing is read twice.
 *
 * <pre>{@code
 * Trainer.of(model, Losses.crossEntropy(), Adam.of(1e-3)).mixing(MixUp.of(0.2)).fit(..);
 *
 * // in a loop of your own
 * var mixed = MixUp.of(0.2).mix(x, labels, key);
 * Tensor loss = mixed.loss(Losses.crossEntropy()).apply(model.apply(mixed.features(), pass), labels);
 * }</pre>
 */
@NullMarked
package dev.fathom.train.mixing;

import org.jspecify.annotations.NullMarked;
