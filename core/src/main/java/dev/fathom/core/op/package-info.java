/**
 * The closed set of operations. A {@link dev.fathom.core.op.Primitive} is a record; its components
 * are static attributes, its methods say what it means: the type rule, the derivative, the
 * transpose where it is linear, the batching rule. There is one file per family:
 *
 * <ul>
 *   <li>{@link dev.fathom.core.op.Elementwise}: arithmetic, functions, comparisons, choice
 *   <li>{@link dev.fathom.core.op.Reduction}: sums, extremes, running sums
 *   <li>{@link dev.fathom.core.op.Structural}: reshape, transpose, slice, pad, concatenate
 *   <li>{@link dev.fathom.core.op.Indexing}: gather, scatter, dynamic windows
 *   <li>{@link dev.fathom.core.op.Contraction}: matrix products and convolutions
 *   <li>{@link dev.fathom.core.op.Window}: pooling
 *   <li>{@link dev.fathom.core.op.Ordering}: sorting
 *   <li>{@link dev.fathom.core.op.Source}: counting and random bits
 *   <li>{@link dev.fathom.core.op.Solving}, {@link dev.fathom.core.op.Decomposition}: dense linear
 *       algebra
 *   <li>{@link dev.fathom.core.op.Control}: operations that hold a program
 *   <li>{@link dev.fathom.core.op.Custom}: the one open door
 * </ul>
 *
 * <p>Reverse mode needs no rule of its own: it is the transpose of the recorded tangent program.
 */
@NullMarked
package dev.fathom.core.op;

import org.jspecify.annotations.NullMarked;
