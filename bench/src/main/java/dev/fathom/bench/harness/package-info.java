/**
 * Starts processes of both sides in turn and compares what they measured. No number is taken from
 * an earlier run, and none counts whose two sides did not compute the same.
 */
@NullMarked
package dev.fathom.bench.harness;

import org.jspecify.annotations.NullMarked;
