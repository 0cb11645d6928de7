/**
 * One {@link dev.fathom.testkit.spec.Spec} per primitive: what it is applied to, and how often it
 * can be differentiated. Everything that can be checked without knowing what the primitive computes
 * follows from the row: its type rule, its value on every backend, both directions of its
 * derivative, its second derivative, its batching rule, and how all of these compose. {@link
 * dev.fathom.testkit.spec.Specs} has the table, one file of rows per family.
 *
 * <p>To add a primitive is to add one row. A row says with {@link
 * dev.fathom.testkit.spec.Derivative} what there is to differentiate, and is believed only if its
 * checks fail once the derivative is scaled by 1.01.
 */
@NullMarked
package dev.fathom.testkit.spec;

import org.jspecify.annotations.NullMarked;
