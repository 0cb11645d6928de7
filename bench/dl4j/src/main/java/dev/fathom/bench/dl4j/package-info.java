/** The workloads of {@code dev.fathom.bench} on Deeplearning4j. */
@NullMarked
package dev.fathom.bench.dl4j;

import org.jspecify.annotations.NullMarked;
