/** The command {@code fathom bench}, and the process that runs one workload on Fathom. */
@NullMarked
package dev.fathom.bench;

import org.jspecify.annotations.NullMarked;
