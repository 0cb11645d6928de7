/**
 * The oracle: every primitive once more, as plain loops that follow its definition. {@link
 * dev.fathom.cpu.reference.ReferenceBackend} is a complete backend and says which family of
 * operations is computed in which file; nothing here is shared with the fast backends, and nothing
 * here is fast, so that a difference between the two is news about the fast one.
 *
 * <p>What the numbers are:
 *
 * <ul>
 *   <li>float32 and float64 elements are computed as {@code double} and rounded once at the end.
 *       For {@code + − · /} and the square root this equals arithmetic in {@code float}: a double
 *       has more than twice the digits of a float and two more, so that rounding twice rounds as
 *       once (S. Figueroa, "When is double rounding innocuous?", 1995).
 *   <li>Sums, dot products and convolutions accumulate in {@code double}, in row-major order of the
 *       summed positions.
 *   <li>Whole numbers and bools are computed as {@code long} and wrap to their width.
 *   <li>Dense linear algebra is done in {@code double}.
 *   <li>An index outside its axis, an integer divided by zero, a singular or indefinite matrix are
 *       errors.
 * </ul>
 */
@NullMarked
package dev.fathom.cpu.reference;

import org.jspecify.annotations.NullMarked;
