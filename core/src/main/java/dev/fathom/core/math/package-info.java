/**
 * The functions people call on tensors, by topic; each is a few lines over primitives. {@link
 * dev.fathom.core.math.Creation} makes tensors, {@link dev.fathom.core.math.Functions} has
 * functions of elements and along axes, {@link dev.fathom.core.math.Shaping} moves and selects,
 * {@link dev.fathom.core.math.Convolutions} convolves and pools, {@link
 * dev.fathom.core.math.Linalg} solves and factors, {@link dev.fathom.core.math.Loops} has scan,
 * cond and whileLoop.
 */
@NullMarked
package dev.fathom.core.math;

import org.jspecify.annotations.NullMarked;
