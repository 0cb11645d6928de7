/**
 * Named, unchecked errors. Every message says which operation failed, on what, where the caller
 * asked for it, and what to do about it:
 *
 * <pre>
 * matmul: (64, 1024) and (784, 128) do not fit: 1024 and 784 differ. Flatten to 784 first? (Net.java:41)
 * </pre>
 */
@NullMarked
package dev.fathom.core.error;

import org.jspecify.annotations.NullMarked;
