/** What a network has to be better than: a polynomial and a decision tree. */
@NullMarked
package dev.fathom.lab.instrument.baseline;

import org.jspecify.annotations.NullMarked;
