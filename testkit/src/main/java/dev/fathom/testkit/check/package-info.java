/**
 * Assertions about functions of tensors, for the tests of this project and for yours.
 *
 * <pre>{@code
 * GradientCheck.assertGradients((Mlp m) -> loss(m.apply(x, Pass.eval())), model);
 * GradientCheck.assertSecondOrder((Mlp m) -> loss(m.apply(x, Pass.eval())), model);
 * FunctionCheck.assertVmap((Tensor row) -> layer.apply(row), batch);
 * FunctionCheck.assertDeterministic(step, state, 1, 2, 7);
 * }</pre>
 *
 * <p>A derivative is compared with {@linkplain dev.fathom.testkit.check.Differences differences} of
 * values in one random direction, which a wrong rule passes with probability zero; a failure names
 * the leaf, the derivative found in each way, and the relative error.
 */
@NullMarked
package dev.fathom.testkit.check;

import org.jspecify.annotations.NullMarked;
