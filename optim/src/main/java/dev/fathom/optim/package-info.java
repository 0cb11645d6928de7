/**
 * The one thing a training loop needs from this module: an {@link dev.fathom.optim.Optimizer}. It
 * is a pair of pure functions, so a training step is a function from state to state and can be
 * compiled as a whole:
 *
 * <pre>{@code
 * var optimizer = Adam.of(1e-3);
 * var state = optimizer.init(model);
 * for (var batch : batches) {
 *     var g = grad((Net m) -> loss(m, batch)).apply(model);
 *     var step = optimizer.update(g, state, model);
 *     model = step.params();
 *     state = step.state();
 * }
 * }</pre>
 *
 * <p>Ready-made ones are in {@link dev.fathom.optim.recipe}, the mathematics they are made of in
 * {@link dev.fathom.optim.transform}, learning rates that change in {@link
 * dev.fathom.optim.schedule}.
 *
 * <p>Only trained leaves (floating tensors that are not a {@code Statistic}) are touched;
 * everything else of a model passes through unchanged. A state is a tree of tensors: it is saved
 * and restored like a model, and its step counter is an int32 tensor, so all of this works inside
 * {@code jit}.
 */
@NullMarked
package dev.fathom.optim;

import org.jspecify.annotations.NullMarked;
