/** The error of optimizers: numbers that make none, or a state that belongs to another model. */
@NullMarked
package dev.fathom.optim.error;

import org.jspecify.annotations.NullMarked;
