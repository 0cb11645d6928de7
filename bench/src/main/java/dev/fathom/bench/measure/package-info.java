/**
 * What every process of a comparison does in the same way, whatever framework it runs: the first
 * step, fifty steps that say whether both sides compute the same, a warm-up, and ten timed blocks.
 */
@NullMarked
package dev.fathom.bench.measure;

import org.jspecify.annotations.NullMarked;
