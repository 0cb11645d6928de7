/**
 * Dense factorisations: Cholesky, LU and triangular solving, QR, the symmetric eigenproblem and the
 * singular value decomposition.
 *
 * <p>Plain loops over row-major arrays with offsets, each a textbook algorithm chosen for its
 * stability first: Householder reflections for {@link dev.fathom.cpu.linalg.Qr} and for the
 * reduction in {@link dev.fathom.cpu.linalg.SymmetricEigen}, one-sided Jacobi rotations for {@link
 * dev.fathom.cpu.linalg.Svd}, partial pivoting in {@link dev.fathom.cpu.linalg.Lu}. Inner loops run
 * along rows. Arrays of {@code float} are widened, factored in {@code double} and rounded once at
 * the end.
 *
 * <p>Where mathematics leaves a sign open it is fixed, so that a factorisation is a function of its
 * matrix: {@code R} has a non-negative diagonal, and the largest component of every eigenvector and
 * of every left singular vector is positive.
 *
 * <p>A matrix that has no answer gives a {@link dev.fathom.cpu.linalg.LinearAlgebraException}; work
 * arrays of the size of the matrix are allocated on each call.
 */
@NullMarked
package dev.fathom.cpu.linalg;

import org.jspecify.annotations.NullMarked;
