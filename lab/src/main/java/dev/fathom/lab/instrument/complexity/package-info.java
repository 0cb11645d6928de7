/**
 * The numbers that bounds on the error of a network are made of: margins, norms of its layers,
 * spectral complexity, Lipschitz constants, cushions, Rademacher averages, and information.
 */
@NullMarked
package dev.fathom.lab.instrument.complexity;

import org.jspecify.annotations.NullMarked;
