/**
 * Compiled programs. {@code Planner} turns a recorded program into a {@code Plan}: a list of
 * instructions over slots of memory that is laid out once. An instruction is a kernel call or a
 * {@code Region}, elementwise operations fused tile by tile. There is one {@code Lower...} class
 * per family of operations; each says which kernels of {@code cpu.simd} or {@code cpu.linalg} an
 * equation becomes.
 */
@NullMarked
package dev.fathom.cpu.plan;

import org.jspecify.annotations.NullMarked;
