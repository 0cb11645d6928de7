/**
 * What is timed. A workload makes a problem (first weights and eight batches, as plain arrays by
 * name) that every side reads from one file, and knows how Fathom runs it.
 */
@NullMarked
package dev.fathom.bench.workload;

import org.jspecify.annotations.NullMarked;
