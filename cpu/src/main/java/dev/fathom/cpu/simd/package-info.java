/**
 * All vector code: the loops in which a program spends its time.
 *
 * <p>A kernel is a static method over plain arrays and {@code int} offsets. It is serial, allocates
 * nothing, keeps no state and knows nothing of tensors or threads; whoever calls it cuts the work
 * into tiles and hands them to workers. Elementwise kernels are called with tiles of about 4096
 * elements, which stay in the first-level cache while a fused region runs through them one kernel
 * after another. A scalar operand is first filled into a tile.
 *
 * {@snippet :
 * float[] tile = {0f, 1f, 2f};
 * FloatMath.exp(tile, 0, tile, 0, 3); // in place
 * float sum = FloatReduce.sum(tile, 0, 3); // 1 + e + e^2
 * }
 *
 * <p><b>Same bits.</b> An element's value depends on its operands only: not on its position, the
 * number of elements beside it, or the width of a vector ({@link dev.fathom.cpu.simd.Width}).
 * Vector loops and tails use the same fused operations in the same order, and reductions combine
 * elements in an order fixed by the length. Matrix products and convolutions are the exception as
 * to the width: a product with a vector, and the gradient of a kernel with one image in a lane, sum
 * in as many lanes as there are, so their last bits may differ between machines with vectors of
 * different widths, though not between threads. Arguments for which a vector form would be
 * inaccurate go through {@link java.lang.StrictMath}, never {@link java.lang.Math}, whose last bit
 * is the platform's choice.
 *
 * <p><b>What the compiler needs.</b> Species are {@code static final}; vectors live in locals only;
 * one loop per method; few distinct methods, because each costs about 0.3 s until C2 has compiled
 * it. A vector that was loaded, reinterpreted or kept through a loop is {@code V.cast(..)} before
 * something is called on it, and a number is {@code ZERO.broadcast(..)}: then C2 knows what kind of
 * vector it is, and need not guess ({@link dev.fathom.cpu.simd.Width}). A method that takes or
 * returns vectors is named in {@code tools/java.options}, or it may be compiled by itself, and what
 * passes a call lies on the heap. Cheap operations finish with a scalar loop, costly ones with a
 * masked step ({@code Tiles}). Plain loops stand where C2 vectorises them by itself, between arrays
 * of different types, and where there is nothing to vectorise.
 *
 * <p>The classes, by element type where it matters: {@code FloatElementwise} and its siblings
 * (arithmetic, comparison, selection), {@code Casts}; {@code FloatMath}, {@code FloatTrig} and
 * {@code FloatPow} with their {@code Double} forms (functions, each with its measured error);
 * {@code FloatReduce} and its siblings (sums, extremes, positions, running sums); {@code Strided},
 * {@code Gather} and {@code Sort} (moving elements); {@code Threefry} (random words); {@code
 * GemmF32} and what goes with it (matrix products, convolution, pooling).
 *
 * <p>On x86, JDK 25 does not compile masks of two lanes: with {@code -Dfathom.vector.bits=128} the
 * functions of {@code double} give the right bits slowly.
 */
@NullMarked
package dev.fathom.cpu.simd;

import org.jspecify.annotations.NullMarked;
