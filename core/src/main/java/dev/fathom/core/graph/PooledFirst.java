package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Structural;
import dev.fathom.core.op.Window;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A program that takes maxima over windows before it does what keeps the order of numbers: the same
 * for fewer elements.
 *
 * <pre>
 * maxPool(relu(x)) = relu(maxPool(x))        maxPool(x + b) = maxPool(x) + b
 * </pre>
 *
 * where b is the same along the spatial axes. The gradients follow: what the mask of the relu lets
 * through is decided for each window, and the place of a maximum is looked up in x. Values have the
 * same bits. Where rounding of x + b makes two numbers of a window equal, the gradient goes to the
 * larger x instead of the first of the two.
 */
final class PooledFirst {
    private PooledFirst() {}

    static Graph rewrite(Graph graph) {
        return Rewriting.of(graph, PooledFirst::line);
    }

    private static @Nullable Atom line(Rewriting r, Equation e) {
        var x = e.operands().isEmpty() ? null : e.operands().getFirst();
        if (e.op() instanceof Window.MaxPool pool && x != null) {
            return rectified(r, x) == null && shifted(r, x) == null ? null : pooled(r, pool, x);
        }
        if (e.op() instanceof Window.Unpick unpick && x != null) {
            return shifted(r, x) == null ? null : unpicked(r, unpick, x, e.operands().getLast());
        }
        return e.op() instanceof Elementwise.Select ? gradient(r, e) : null;
    }

    private static Atom pooled(Rewriting r, Window.MaxPool pool, Atom x) {
        var inside = rectified(r, x);
        if (inside != null) {
            var q = pooled(r, pool, inside);
            return masked(r, q, q);
        }
        var sum = shifted(r, x);
        if (sum == null) {
            return r.apply(pool, List.of(x));
        }
        var q = pooled(r, pool, sum.x());
        var form = new Structural.Broadcast(q.type().shape(), sum.form().dims());
        return r.apply(new Elementwise.Add(), List.of(q, r.apply(form, sum.b())));
    }

    private static Atom unpicked(Rewriting r, Window.Unpick unpick, Atom x, Atom u) {
        var sum = shifted(r, x);
        return sum == null ? r.apply(unpick, List.of(x, u)) : unpicked(r, unpick, sum.x(), u);
    }

    /** The gradient of a maximum of relu(x), where x is not above zero nothing. */
    private static @Nullable Atom gradient(Rewriting r, Equation e) {
        var back = r.definition(e.operands().get(2));
        var x = back == null ? null : rectified(r, back.operands().getFirst());
        if (x == null || !(back.op() instanceof Window.Unpick unpick) || !x.equals(masking(r, e))) {
            return null;
        }
        var q = pooled(r, new Window.MaxPool(unpick.frame()), x);
        return unpicked(r, unpick, x, masked(r, q, back.operands().getLast()));
    }

    /** {@code v} where {@code q} is above zero, else zero. */
    private static Atom masked(Rewriting r, Atom q, Atom v) {
        var type = q.type();
        var zero = new Atom.Constant((Array) Ops.scalar(type.dtype(), 0));
        var none = r.apply(new Structural.Broadcast(type.shape(), Axes.of()), List.of(zero));
        var mask = r.apply(new Elementwise.Compare(Order.LESS_EQUAL), List.of(q, none));
        return r.apply(new Elementwise.Select(), List.of(mask, none, v));
    }

    /** The x of relu(x) = select(x <= 0, 0, x); null if {@code y} is none. */
    private static @Nullable Atom rectified(Rewriting r, Atom y) {
        var e = r.definition(y);
        if (e == null || !(e.op() instanceof Elementwise.Select)) {
            return null;
        }
        var x = e.operands().get(2);
        return x.equals(masking(r, e)) ? x : null;
    }

    /** The x of select(x <= 0, 0, anything). */
    private static @Nullable Atom masking(Rewriting r, Equation select) {
        var mask = r.definition(select.operands().getFirst());
        return mask != null
                        && mask.op() instanceof Elementwise.Compare(Order order)
                        && order == Order.LESS_EQUAL
                        && isZero(r, mask.operands().getLast())
                        && isZero(r, select.operands().get(1))
                ? mask.operands().getFirst()
                : null;
    }

    private static boolean isZero(Rewriting r, Atom x) {
        var e = r.definition(x);
        var a = e != null && e.op() instanceof Structural.Broadcast ? e.operands().getFirst() : x;
        return a instanceof Atom.Constant c && c.value().size() == 1 && c.value().item() == 0;
    }

    /** x + b, b being the same along all spatial axes. */
    private record Shifted(Atom x, Structural.Broadcast form, List<Atom> b) {}

    private static @Nullable Shifted shifted(Rewriting r, Atom y) {
        var e = r.definition(y);
        var b = e == null ? null : r.definition(e.operands().getLast());
        if (b == null
                || !(e.op() instanceof Elementwise.Add)
                || !(b.op() instanceof Structural.Broadcast form)) {
            return null;
        }
        int last = y.type().shape().rank() - 1;
        for (int i = 0; i < form.dims().size(); i++) {
            if (form.dims().get(i) > 0 && form.dims().get(i) < last) {
                return null;
            }
        }
        return new Shifted(e.operands().getFirst(), form, b.operands());
    }
}
