/**
 * What a few numbers allow to be said: intervals, comparisons, rank correlations, tests, and the
 * law of the eigenvalues of random matrices.
 */
@NullMarked
package dev.fathom.lab.instrument.statistic;

import org.jspecify.annotations.NullMarked;
