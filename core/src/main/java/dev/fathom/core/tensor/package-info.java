/**
 * Values and their types. A {@link dev.fathom.core.tensor.Tensor} is an immutable box of numbers
 * with a {@link dev.fathom.core.tensor.Shape} and a {@link dev.fathom.core.tensor.DType}; inside a
 * transform the same interface is implemented by stand-ins that carry a derivative, a batch axis or
 * a place in a program being recorded.
 *
 * <p>Together with {@code op}, {@code graph} and {@code spi} this package is <em>the language</em>:
 * a tensor is an operand of operations, an operation may hold a program, and a program is made of
 * operations, so the four refer to each other and to nothing above them.
 */
@NullMarked
package dev.fathom.core.tensor;

import org.jspecify.annotations.NullMarked;
