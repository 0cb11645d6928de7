/**
 * Interpreters and their public verbs. {@link dev.fathom.core.transform.Transforms} holds what
 * people call: {@code grad}, {@code vjp}, {@code jvp}, {@code linearize}, {@code jacobian}, {@code
 * hessian}, {@code hvp}, {@code vmap}, {@code jit}, {@code checkpoint}, {@code stopGradient}.
 * Behind it are few interpreters: {@code Forward} carries tangents, {@code Batch} carries a hidden
 * axis, {@link dev.fathom.core.graph.Recorder} writes programs down, and {@code Backward} runs a
 * linear program in reverse. Reverse mode is the first and the last of these and has no rules of
 * its own.
 */
@NullMarked
package dev.fathom.core.transform;

import org.jspecify.annotations.NullMarked;
