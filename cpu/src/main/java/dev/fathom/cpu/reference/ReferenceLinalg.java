package dev.fathom.cpu.reference;

import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Solving;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs the algorithms of {@link Matrix}, {@link Systems} and {@link Spectra} on every matrix of a
 * batch.
 */
final class ReferenceLinalg {
    private ReferenceLinalg() {}

    static Values run(Solving op, List<Values> x, TensorType to) {
        var a = x.get(0);
        return switch (op) {
            case Solving.Cholesky _ ->
                    each(List.of(a), List.of(to), m -> List.of(Systems.cholesky(m.get(0))))
                            .getFirst();
            case Solving.TriangularSolve s ->
                    each(
                                    List.of(a, x.get(1)),
                                    List.of(to),
                                    m ->
                                            List.of(
                                                    Systems.triangular(
                                                            m.get(0),
                                                            m.get(1),
                                                            s.lower(),
                                                            s.transposed(),
                                                            s.unit())))
                            .getFirst();
            case Solving.Solve s ->
                    each(
                                    List.of(a, x.get(1)),
                                    List.of(to),
                                    m ->
                                            List.of(
                                                    Systems.solve(
                                                            s.transposed()
                                                                    ? m.get(0).transposed()
                                                                    : m.get(0),
                                                            m.get(1))))
                            .getFirst();
        };
    }

    static List<Values> run(Decomposition op, Values a, List<TensorType> to) {
        return switch (op) {
            case Decomposition.Qr _ -> each(List.of(a), to, m -> Spectra.qr(m.get(0)));
            case Decomposition.Eigh _ -> each(List.of(a), to, m -> Spectra.eigh(m.get(0)));
            case Decomposition.Svd _ -> each(List.of(a), to, m -> Spectra.svd(m.get(0)));
        };
    }

    /** What is done with one matrix of each operand; a vector result is a matrix with one row. */
    @FunctionalInterface
    private interface Algorithm {
        List<Matrix> of(List<Matrix> operands);
    }

    private static List<Values> each(
            List<Values> operands, List<TensorType> to, Algorithm algorithm) {
        int rank = operands.getFirst().shape().rank();
        Shape lead = operands.getFirst().shape().range(0, rank - 2);
        var elements = operands.stream().map(Values::reals).toList();
        var results = to.stream().map(t -> new double[t.shape().length()]).toList();
        for (int b = 0; b < lead.length(); b++) {
            var matrices = new ArrayList<Matrix>();
            for (int i = 0; i < operands.size(); i++) {
                var shape = operands.get(i).shape();
                matrices.add(
                        Matrix.read(shape.dim(rank - 2), shape.dim(rank - 1), elements.get(i), b));
            }
            var made = algorithm.of(matrices);
            for (int k = 0; k < made.size(); k++) {
                made.get(k).write(results.get(k), b);
            }
        }
        var values = new ArrayList<Values>();
        for (int k = 0; k < to.size(); k++) {
            values.add(Values.ofReals(to.get(k), results.get(k)));
        }
        return values;
    }
}
