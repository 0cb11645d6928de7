/** Interpolation and classical theory, where a formula is the oracle. */
@NullMarked
package dev.fathom.lab.studies.theory;

import org.jspecify.annotations.NullMarked;
