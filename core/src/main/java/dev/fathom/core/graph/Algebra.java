package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A program without lines that change nothing. Every rule gives the same bits as the lines it
 * replaces, for all numbers, infinities and zeros of either sign; so x + 0 stays, since −0 + 0 is
 * +0, while x + (−0) is x.
 */
final class Algebra {
    private Algebra() {}

    static Graph rewrite(Graph graph) {
        return Rewriting.of(graph, Algebra::simpler);
    }

    /** What takes the place of a line; null if it is needed as it is. */
    private static @Nullable Atom simpler(Rewriting r, Equation e) {
        var type = e.results().isEmpty() ? null : e.results().getFirst().type();
        if (type == null || e.operands().isEmpty()) {
            return null;
        }
        return switch (e.op()) {
            case Elementwise op -> elementwise(r, op, e.operands(), type);
            case Structural op -> structural(r, op, e.operands(), type);
            case Reduction.Sum s when sumsNothing(s, e.operands().getFirst()) ->
                    r.apply(new Structural.Reshape(type.shape()), e.operands());
            case Indexing.Gather g -> taken(r, g, e.operands(), type);
            case Primitive _ -> null;
        };
    }

    /** Of elements that are kept in a short dtype only those that are taken need to be cast. */
    private static @Nullable Atom taken(
            Rewriting r, Indexing.Gather op, List<Atom> in, TensorType type) {
        var before = r.definition(in.getFirst());
        if (before == null
                || !(before.op() instanceof Elementwise.Cast cast)
                || !before.operands().getFirst().type().dtype().isStorage()
                || type.shape().size() > in.getFirst().type().shape().size()) {
            return null;
        }
        var kept = r.apply(op, List.of(before.operands().getFirst(), in.getLast()));
        return r.apply(cast, List.of(kept));
    }

    /** Whether a sum runs along axes of one element only. */
    private static boolean sumsNothing(Reduction.Sum op, Atom x) {
        return x.type().shape().select(op.axes()).size() == 1;
    }

    private static @Nullable Atom elementwise(
            Rewriting r, Elementwise op, List<Atom> in, TensorType type) {
        var x = in.getFirst();
        var y = in.getLast();
        return switch (op) {
            case Elementwise.StopGradient _ -> x;
            case Elementwise.Cast _ when x.type().equals(type) -> x;
            case Elementwise.Cast c -> cast(r, c, x);
            case Elementwise.Neg _, Elementwise.Not _ -> twice(r, op, x);
            case Elementwise.Mul _ when isNumber(r, y, 1) -> x;
            case Elementwise.Mul _ when isNumber(r, x, 1) -> y;
            case Elementwise.Add _ when isNumber(r, y, -0.0) -> x;
            case Elementwise.Add _ when isNumber(r, x, -0.0) -> y;
            case Elementwise.Sub _ when isNumber(r, y, 0) -> x;
            case Elementwise.Div _ when isNumber(r, y, 1) -> x;
            case Elementwise.Div _ -> divided(r, x, y);
            case Elementwise.Max _, Elementwise.Min _, Elementwise.And _, Elementwise.Or _
                    when x.equals(y) ->
                    x;
            case Elementwise.Select _ when in.get(1).equals(y) || isNumber(r, x, 0) -> y;
            case Elementwise.Select _ when isNumber(r, x, 1) -> in.get(1);
            case Elementwise _ -> null;
        };
    }

    /** −(−x) and ¬¬x are x. */
    private static @Nullable Atom twice(Rewriting r, Elementwise op, Atom x) {
        var before = r.definition(x);
        return before != null && before.op().equals(op) ? before.operands().getFirst() : null;
    }

    /** A cast that keeps every value can be left out before another. */
    private static @Nullable Atom cast(Rewriting r, Elementwise.Cast op, Atom x) {
        var before = r.definition(x);
        if (before == null || !(before.op() instanceof Elementwise.Cast first)) {
            return null;
        }
        var from = before.operands().getFirst();
        if (!holdsAll(first.to(), from.type().dtype())) {
            return null;
        }
        return from.type().dtype() == op.to() ? from : r.apply(op, List.of(from));
    }

    private static boolean holdsAll(DType to, DType from) {
        return switch (from) {
            case BOOL -> true;
            case INT32 -> to == DType.INT32 || to == DType.INT64 || to == DType.FLOAT64;
            case INT64 -> to == DType.INT64;
            case BFLOAT16 -> to.isFloating();
            case FLOAT32 -> to == DType.FLOAT32 || to == DType.FLOAT64;
            case FLOAT64 -> to == DType.FLOAT64;
        };
    }

    /** x / 2ⁿ = 2⁻ⁿ x, rounded once either way; a product costs a fraction of a quotient. */
    private static @Nullable Atom divided(Rewriting r, Atom x, Atom y) {
        var c = r.number(y);
        var dtype = y.type().dtype();
        if (c == null || !dtype.isFloating()) {
            return null;
        }
        double divisor = c.value().item();
        int exponent = Math.getExponent(divisor);
        int least = dtype == DType.FLOAT32 ? Float.MIN_EXPONENT : Double.MIN_EXPONENT;
        if (exponent < least
                || Double.isInfinite(divisor)
                || Math.abs(divisor) != Math.scalb(1.0, exponent)) {
            return null;
        }
        Atom factor = new Atom.Constant((Array) Ops.scalar(dtype, 1 / divisor));
        if (y.type().shape().rank() > 0) {
            factor = r.apply(everywhere(y.type()), List.of(factor));
        }
        return r.apply(new Elementwise.Mul(), List.of(x, factor));
    }

    private static @Nullable Atom structural(
            Rewriting r, Structural op, List<Atom> in, TensorType type) {
        var x = in.getFirst();
        boolean sameType = x.type().equals(type);
        var before = r.definition(x);
        return switch (op) {
            case Structural.Reshape _ when sameType -> x;
            case Structural.Broadcast b when sameType && b.dims().isIdentity() -> x;
            case Structural.Transpose t when t.order().isIdentity() -> x;
            case Structural.Slice _ when sameType -> x;
            case Structural.Concatenate _ -> in.size() == 1 ? x : null;
            case Structural.Pad _ -> sameType ? x : null;
            case Structural.Reverse s when s.axes().size() == 0 -> x;
            case Structural s when before != null && before.op() instanceof Structural first -> {
                var from = before.operands().getFirst();
                var both = both(first, s, type);
                yield both == null ? null : apply(r, both, from, type);
            }
            case Structural _ -> null;
        };
    }

    /** The one operation that {@code first} and {@code then} are together, if there is one. */
    private static @Nullable Structural both(Structural first, Structural then, TensorType type) {
        if (first instanceof Structural.Broadcast b && b.dims().size() == 0) {
            return everywhere(type); // one number everywhere, in whatever shape and order
        }
        return switch (then) {
            case Structural.Reshape s -> first instanceof Structural.Reshape ? s : null;
            case Structural.Transpose t when first instanceof Structural.Transpose f ->
                    new Structural.Transpose(through(t.order(), f.order()));
            case Structural.Broadcast b when first instanceof Structural.Broadcast f ->
                    new Structural.Broadcast(b.shape(), through(f.dims(), b.dims()));
            case Structural.Reverse s when first instanceof Structural.Reverse f && s.equals(f) ->
                    new Structural.Reverse(Axes.of());
            case Structural _ -> null;
        };
    }

    private static Structural everywhere(TensorType type) {
        return new Structural.Broadcast(type.shape(), Axes.of());
    }

    /** {@code second[first[i]]} for every i. */
    private static Axes through(Axes first, Axes second) {
        var r = first.toArray();
        for (int i = 0; i < r.length; i++) {
            r[i] = second.get(r[i]);
        }
        return Axes.of(r);
    }

    /** A line, or its operand if the line would change nothing. */
    private static Atom apply(Rewriting r, Structural op, Atom x, TensorType type) {
        var nothing = structural(r, op, List.of(x), type);
        return nothing != null ? nothing : r.apply(op, List.of(x));
    }

    /** Whether every element is this number; whole numbers have one zero. */
    private static boolean isNumber(Rewriting r, Atom x, double value) {
        var c = r.number(x);
        return c != null
                && c.value().item() == value
                && (value != 0
                        || !x.type().dtype().isFloating()
                        || 1 / c.value().item() == 1 / value);
    }
}
