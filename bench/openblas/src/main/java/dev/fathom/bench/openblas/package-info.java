/** The products of {@code dev.fathom.bench} on OpenBLAS and on oneDNN, called through the JDK. */
@NullMarked
package dev.fathom.bench.openblas;

import org.jspecify.annotations.NullMarked;
