/**
 * Rules that seek flat minima: each perturbs the parameters, takes the gradient there, and hands it
 * to an ordinary optimizer. With E the loss of the batch, g = ∇E(θ):
 *
 * <pre>
 * {@link dev.fathom.optim.sharpness.Sam}     ∇E(θ + ρ g/‖g‖)
 * {@link dev.fathom.optim.sharpness.Asam}    ∇E(θ + ρ T²g/‖Tg‖), T = |θ| + η
 * {@link dev.fathom.optim.sharpness.Gsam}    SAM's gradient less α times the part of g across it
 * {@link dev.fathom.optim.sharpness.LpfSgd}  the mean of ∇E(θ + τ) over Gaussian τ
 * </pre>
 *
 * <p>They are {@link dev.fathom.optim.Descent}s: a step costs one more gradient for every place
 * they look at. Running statistics of the model come from the first pass alone.
 */
@NullMarked
package dev.fathom.optim.sharpness;

import org.jspecify.annotations.NullMarked;
