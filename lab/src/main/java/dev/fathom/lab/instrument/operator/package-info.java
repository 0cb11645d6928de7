/**
 * Matrices that are too large to write down, as the products they make: Jacobian, Hessian,
 * Gauss-Newton, Fisher information, K-FAC and tangent kernel of any model and loss.
 *
 * <pre>{@code
 * var space = ParameterSpace.of(model);
 * var hessian = Curvature.hessian(loss, model);          // p × p, never formed
 * Tensor hv = hessian.apply(v);                          // two gradients
 * var first = hessian.block(space.range("hidden[0]"));   // one layer's diagonal block
 * Tensor h = first.dense();                              // small ones may be looked at
 * }</pre>
 */
@NullMarked
package dev.fathom.lab.instrument.operator;

import org.jspecify.annotations.NullMarked;
