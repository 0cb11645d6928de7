/**
 * What the loss looks like around a solution and between solutions: sharpness, slices, distances,
 * paths, permutations that bring networks together, and masks that thin them out.
 */
@NullMarked
package dev.fathom.lab.instrument.landscape;

import org.jspecify.annotations.NullMarked;
