/** The workloads of {@code dev.fathom.bench} on libtorch, through DJL. */
@NullMarked
package dev.fathom.bench.libtorch;

import org.jspecify.annotations.NullMarked;
