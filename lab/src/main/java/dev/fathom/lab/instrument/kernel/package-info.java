/**
 * Kernels of infinitely wide networks in closed form, those of real networks measured, and the
 * linear methods they are compared with: least squares of smallest norm, ridge, random features,
 * the largest margin.
 */
@NullMarked
package dev.fathom.lab.instrument.kernel;

import org.jspecify.annotations.NullMarked;
