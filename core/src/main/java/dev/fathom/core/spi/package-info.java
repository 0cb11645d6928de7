/**
 * The only door for backends. A {@link dev.fathom.core.spi.Backend} runs single primitives and
 * compiles programs; it owns its memory behind {@link dev.fathom.core.spi.Buffer}. Backends are
 * found as services.
 */
@NullMarked
package dev.fathom.core.spi;

import org.jspecify.annotations.NullMarked;
