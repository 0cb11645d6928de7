/**
 * Random numbers as values: a {@link dev.fathom.core.random.Key} is split, named and used, never
 * mutated.
 */
@NullMarked
package dev.fathom.core.random;

import org.jspecify.annotations.NullMarked;
