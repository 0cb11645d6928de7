/** The workloads of {@code dev.fathom.bench} on TensorFlow, through its Java library. */
@NullMarked
package dev.fathom.bench.tensorflow;

import org.jspecify.annotations.NullMarked;
