package dev.fathom.optim.second;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.optim.error.OptimizerException;

import java.util.function.UnaryOperator;

/**
 * x with A x = b for a symmetric positive definite A that is known by its products only. M.
 * Hestenes and E. Stiefel, "Methods of conjugate gradients for solving linear systems", 1952; as
 * algorithm 5.2 of Nocedal and Wright, 2006.
 *
 * @param iterations at most so many products, ≥ 1
 * @param tolerance it ends where ‖b − A x‖ ≤ tolerance · ‖b‖
 */
public record ConjugateGradient(int iterations, double tolerance) {
    /** Checks the numbers. */
    public ConjugateGradient {
        OptimizerException.check(
                "conjugate gradient", "iterations", iterations, "at least 1", iterations >= 1);
        OptimizerException.check(
                "conjugate gradient", "tolerance", tolerance, "at least 0", tolerance >= 0);
    }

    /** What goes round: x, b − A x, the direction, ‖b − A x‖², and the number of products. */
    record Round(Tensor x, Tensor residual, Tensor direction, Tensor square, Tensor count) {}

    /** The solution, (n,), from a first guess; n products find it but for rounding. */
    public Tensor solve(UnaryOperator<Tensor> a, Tensor b, Tensor guess) {
        Tensor r = b.minus(a.apply(guess));
        Tensor enough = Vectors.dot(b, b).times(tolerance * tolerance);
        var start = new Round(guess, r, r, Vectors.dot(r, r), Tensor.scalar(0));
        return Loops.whileLoop(
                        s ->
                                Functions.and(
                                        s.square().greaterThan(enough),
                                        s.count().lessThan(Tensor.scalar(iterations))),
                        s -> {
                            Tensor ap = a.apply(s.direction());
                            Tensor alpha = s.square().dividedBy(Vectors.dot(s.direction(), ap));
                            Tensor residual = s.residual().minus(ap.times(alpha));
                            Tensor square = Vectors.dot(residual, residual);
                            Tensor beta = square.dividedBy(s.square());
                            return new Round(
                                    s.x().plus(s.direction().times(alpha)),
                                    residual,
                                    residual.plus(s.direction().times(beta)),
                                    square,
                                    s.count().plus(1));
                        },
                        start)
                .x();
    }

    /** {@link #solve(UnaryOperator, Tensor, Tensor)} from 0. */
    public Tensor solve(UnaryOperator<Tensor> a, Tensor b) {
        return solve(a, b, Ops.zeros(b.type()));
    }
}
