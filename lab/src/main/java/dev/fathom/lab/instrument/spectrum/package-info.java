/**
 * Eigenvalues of operators that are never formed: power iteration, Lanczos, spectral densities and
 * traces, each with what is needed to know how far to trust it.
 */
@NullMarked
package dev.fathom.lab.instrument.spectrum;

import org.jspecify.annotations.NullMarked;
