/**
 * Rules that use curvature. With g = ∇E(θ) and C some stand-in for the Hessian, all of them move
 * along −C⁻¹ g; they differ in C and in how it is inverted.
 *
 * <pre>
 * {@link dev.fathom.optim.second.Lbfgs}            C from the last m steps and gradients, line search
 * {@link dev.fathom.optim.second.HessianFree}      C = Gauss–Newton + λI, by conjugate gradients
 * {@link dev.fathom.optim.second.NaturalGradient}  C = Fisher + λI, by conjugate gradients
 * {@link dev.fathom.optim.second.Kfac}             C = Fisher, layer by layer, as A ⊗ G
 * {@link dev.fathom.optim.second.Shampoo}          C from sums of gradients, one factor per axis
 * </pre>
 *
 * <p>None of them forms C. {@link dev.fathom.optim.second.Shampoo} is an {@link
 * dev.fathom.optim.Optimizer}; the others look at the {@link dev.fathom.optim.Objective}. All of it
 * is made of tensor operations, loops included, so a step can be compiled and its state saved.
 */
@NullMarked
package dev.fathom.optim.second;

import org.jspecify.annotations.NullMarked;
