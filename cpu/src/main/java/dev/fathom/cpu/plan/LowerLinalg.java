package dev.fathom.cpu.plan;

import dev.fathom.core.error.FathomException;
import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Solving;
import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.linalg.Cholesky;
import dev.fathom.cpu.linalg.LinearAlgebraException;
import dev.fathom.cpu.linalg.Lu;
import dev.fathom.cpu.linalg.Qr;
import dev.fathom.cpu.linalg.Svd;
import dev.fathom.cpu.linalg.SymmetricEigen;
import dev.fathom.cpu.linalg.Triangular;

import java.util.List;

/** Dense linear algebra, one matrix after another along the leading axes, these in parallel. */
final class LowerLinalg {
    private LowerLinalg() {}

    /** Works on matrix number {@code i} of the stacks. */
    @FunctionalInterface
    private interface One {
        void run(Frame f, int i);
    }

    private static void stack(
            Lowering to, String name, List<View> in, List<View> out, int count, One one) {
        to.kernel(
                name,
                in,
                out,
                f -> {
                    try {
                        f.workers.run(count, i -> one.run(f, i));
                    } catch (LinearAlgebraException e) {
                        throw new FathomException(
                                FathomException.located(name + ": " + e.getMessage()), e);
                    }
                });
    }

    private static float[] f(Frame f, View v) {
        return (float[]) Lowering.array(f, v);
    }

    private static double[] d(Frame f, View v) {
        return (double[]) Lowering.array(f, v);
    }

    private static int at(Frame f, View v, int i, int size) {
        return Lowering.at(f, v) + i * size;
    }

    static void lower(Lowering to, Equation e, Solving op) {
        var a = to.contiguous(e, 0);
        var y = to.result(e, 0);
        boolean single = a.type().dtype() == DType.FLOAT32;
        int r = a.shape().rank();
        int n = a.shape().dim(r - 1);
        int count = a.shape().range(0, r - 2).length();
        int nn = n * n;
        switch (op) {
            case Solving.Cholesky _ ->
                    stack(
                            to,
                            op.name(),
                            List.of(a),
                            List.of(y),
                            count,
                            (fr, i) -> {
                                if (single) {
                                    Cholesky.factor(
                                            f(fr, a),
                                            at(fr, a, i, nn),
                                            n,
                                            f(fr, y),
                                            at(fr, y, i, nn));
                                } else {
                                    Cholesky.factor(
                                            d(fr, a),
                                            at(fr, a, i, nn),
                                            n,
                                            d(fr, y),
                                            at(fr, y, i, nn));
                                }
                            });
            case Solving.TriangularSolve t -> {
                var b = to.contiguous(e, 1);
                int m = b.shape().dim(r - 1);
                stack(
                        to,
                        op.name(),
                        List.of(a, b),
                        List.of(y),
                        count,
                        (fr, i) -> {
                            if (single) {
                                Triangular.solve(
                                        f(fr, a),
                                        at(fr, a, i, nn),
                                        n,
                                        t.lower(),
                                        t.transposed(),
                                        t.unit(),
                                        f(fr, b),
                                        at(fr, b, i, n * m),
                                        m,
                                        f(fr, y),
                                        at(fr, y, i, n * m));
                            } else {
                                Triangular.solve(
                                        d(fr, a),
                                        at(fr, a, i, nn),
                                        n,
                                        t.lower(),
                                        t.transposed(),
                                        t.unit(),
                                        d(fr, b),
                                        at(fr, b, i, n * m),
                                        m,
                                        d(fr, y),
                                        at(fr, y, i, n * m));
                            }
                        });
            }
            case Solving.Solve s -> {
                var b = to.contiguous(e, 1);
                int m = b.shape().dim(r - 1);
                stack(
                        to,
                        op.name(),
                        List.of(a, b),
                        List.of(y),
                        count,
                        (fr, i) -> {
                            if (single) {
                                Lu.solve(
                                        f(fr, a),
                                        at(fr, a, i, nn),
                                        n,
                                        s.transposed(),
                                        f(fr, b),
                                        at(fr, b, i, n * m),
                                        m,
                                        f(fr, y),
                                        at(fr, y, i, n * m));
                            } else {
                                Lu.solve(
                                        d(fr, a),
                                        at(fr, a, i, nn),
                                        n,
                                        s.transposed(),
                                        d(fr, b),
                                        at(fr, b, i, n * m),
                                        m,
                                        d(fr, y),
                                        at(fr, y, i, n * m));
                            }
                        });
            }
        }
    }

    static void lower(Lowering to, Equation e, Decomposition op) {
        var a = to.contiguous(e, 0);
        boolean single = a.type().dtype() == DType.FLOAT32;
        int r = a.shape().rank();
        int m = a.shape().dim(r - 2);
        int n = a.shape().dim(r - 1);
        int k = Math.min(m, n);
        int count = a.shape().range(0, r - 2).length();
        var p = to.result(e, 0);
        var q = to.result(e, 1);
        switch (op) {
            case Decomposition.Qr _ ->
                    stack(
                            to,
                            op.name(),
                            List.of(a),
                            List.of(p, q),
                            count,
                            (fr, i) -> {
                                if (single) {
                                    Qr.factor(
                                            f(fr, a),
                                            at(fr, a, i, m * n),
                                            m,
                                            n,
                                            f(fr, p),
                                            at(fr, p, i, m * k),
                                            f(fr, q),
                                            at(fr, q, i, k * n));
                                } else {
                                    Qr.factor(
                                            d(fr, a),
                                            at(fr, a, i, m * n),
                                            m,
                                            n,
                                            d(fr, p),
                                            at(fr, p, i, m * k),
                                            d(fr, q),
                                            at(fr, q, i, k * n));
                                }
                            });
            case Decomposition.Eigh _ ->
                    stack(
                            to,
                            op.name(),
                            List.of(a),
                            List.of(p, q),
                            count,
                            (fr, i) -> {
                                if (single) {
                                    SymmetricEigen.factor(
                                            f(fr, a),
                                            at(fr, a, i, n * n),
                                            n,
                                            f(fr, p),
                                            at(fr, p, i, n),
                                            f(fr, q),
                                            at(fr, q, i, n * n));
                                } else {
                                    SymmetricEigen.factor(
                                            d(fr, a),
                                            at(fr, a, i, n * n),
                                            n,
                                            d(fr, p),
                                            at(fr, p, i, n),
                                            d(fr, q),
                                            at(fr, q, i, n * n));
                                }
                            });
            case Decomposition.Svd _ -> {
                var vt = to.result(e, 2);
                stack(
                        to,
                        op.name(),
                        List.of(a),
                        List.of(p, q, vt),
                        count,
                        (fr, i) -> {
                            if (single) {
                                Svd.factor(
                                        f(fr, a),
                                        at(fr, a, i, m * n),
                                        m,
                                        n,
                                        f(fr, p),
                                        at(fr, p, i, m * k),
                                        f(fr, q),
                                        at(fr, q, i, k),
                                        f(fr, vt),
                                        at(fr, vt, i, k * n));
                            } else {
                                Svd.factor(
                                        d(fr, a),
                                        at(fr, a, i, m * n),
                                        m,
                                        n,
                                        d(fr, p),
                                        at(fr, p, i, m * k),
                                        d(fr, q),
                                        at(fr, q, i, k),
                                        d(fr, vt),
                                        at(fr, vt, i, k * n));
                            }
                        });
            }
        }
    }
}
