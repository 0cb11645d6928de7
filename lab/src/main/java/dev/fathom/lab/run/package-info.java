/**
 * Running studies, and what a run leaves behind. {@link dev.fathom.lab.run.Runner} keeps each
 * finished trial as a file of its own, so that a run killed at any moment continues to the same
 * bytes.
 */
@NullMarked
package dev.fathom.lab.run;

import org.jspecify.annotations.NullMarked;
