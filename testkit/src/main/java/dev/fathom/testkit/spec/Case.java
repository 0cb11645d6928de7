package dev.fathom.testkit.spec;

import dev.fathom.core.op.Operation;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * A primitive with attributes and operands.
 *
 * @param label what is special about it
 * @param op the primitive; those that hold programs differ by dtype
 * @param operands what it is applied to
 * @param derivative what there is to differentiate
 * @param tolerance largest relative error of derivatives in float64
 */
public record Case(
        String label,
        Function<DType, Primitive> op,
        List<Operand> operands,
        Derivative derivative,
        double tolerance) {

    private static final double TOLERANCE = 1e-7;

    /** A case whose derivative is what its row says. */
    static Case of(Primitive op, Derivative derivative, Operand... operands) {
        return new Case(op.toString(), _ -> op, List.of(operands), derivative, TOLERANCE);
    }

    /** A case of a primitive that holds programs. */
    static Case of(
            String label,
            Function<DType, Primitive> op,
            Derivative derivative,
            Operand... operands) {
        return new Case(label, op, List.of(operands), derivative, TOLERANCE);
    }

    /** The same with another tolerance. */
    Case within(double relative) {
        return new Case(label, op, operands, derivative, relative);
    }

    /** The same with another label. */
    Case called(String other) {
        return new Case(other, op, operands, derivative, tolerance);
    }

    /** The primitive for a dtype. */
    public Primitive primitive(DType dtype) {
        return op.apply(dtype);
    }

    /** The types of the operands for a dtype. */
    public List<TensorType> types(DType dtype) {
        return operands.stream().map(o -> o.type(dtype)).toList();
    }

    /** Operands, the same for the same seed. */
    public List<Tensor> sample(DType dtype, long seed) {
        var random = new SplittableRandom(seed);
        return operands.stream().map(o -> o.sample(dtype, random)).toList();
    }

    /** The primitive applied. */
    public List<Tensor> apply(List<Tensor> x) {
        return Ops.bindAll(primitive(dtype(x)), x);
    }

    private DType dtype(List<Tensor> x) {
        for (int i = 0; i < x.size(); i++) {
            if (operands.get(i).fixed().isEmpty()) {
                return x.get(i).dtype();
            }
        }
        return DType.FLOAT64;
    }

    /** The positions of the operands in which there is a derivative to look for, zero or not. */
    public List<Integer> variables() {
        var r = new ArrayList<Integer>();
        var op = primitive(DType.FLOAT64);
        for (int i = 0; i < operands.size(); i++) {
            boolean smooth =
                    derivative == Derivative.ZERO
                            || derivative == Derivative.STOPPED
                            || !(op instanceof Operation o)
                            || o.differentiableIn(i);
            if (operands.get(i).type(DType.FLOAT64).dtype().isFloating() && smooth) {
                r.add(i);
            }
        }
        return r;
    }

    /**
     * The floating results as a function of the {@link #variables}, the other operands being those
     * of {@code x}.
     */
    public Function<List<Tensor>, List<Tensor>> function(List<Tensor> x) {
        var at = variables();
        return v -> {
            var all = new ArrayList<>(x);
            for (int k = 0; k < at.size(); k++) {
                all.set(at.get(k), v.get(k));
            }
            return apply(all).stream().filter(t -> t.dtype().isFloating()).toList();
        };
    }

    /** Of the operands {@code x} those in which {@link #function} varies. */
    public List<Tensor> point(List<Tensor> x) {
        return variables().stream().map(x::get).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
