package dev.fathom.core.graph;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Structural;
import dev.fathom.core.op.Window;
import dev.fathom.core.tensor.Axes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A program that takes maxima over windows before it does what keeps the order of numbers, or turns
 * it round: the same for fewer elements.
 *
 * <pre>
 * maxPool(relu(x)) = relu(maxPool(x))        maxPool(x + b) = maxPool(x) + b
 * maxPool(k x) = k pick(x, sign k, x)
 * </pre>
 *
 * where b and k are the same along the spatial axes, and k is one number for each channel: a
 * normalisation. The gradients follow: what the mask of the relu lets through is decided for each
 * window, and the place of a maximum is looked up in x. Values have the same bits, if none is
 * infinite. Where rounding makes two numbers of a window equal, the gradient goes to the one that
 * is larger before it instead of the first of the two.
 */
final class PooledFirst {
    private PooledFirst() {}

    static Graph rewrite(Graph graph) {
        return Rewriting.of(graph, PooledFirst::line);
    }

    /** The places of the first maxima of {@code factors} · {@code image}. */
    record Places(Window.Frame frame, Atom image, Atom factors) {
        static Places of(Window.Places op, List<Atom> operands) {
            return new Places(op.frame(), operands.get(0), operands.get(1));
        }

        /** The same places, looked up in what the image follows from. */
        Places followed(Rewriting r) {
            var x = Repeated.of(r, image);
            if (x == null) {
                return this;
            }
            return switch (x.op()) {
                case Elementwise.Mul _ -> new Places(frame, x.x(), turned(r, x.b())).followed(r);
                case Elementwise _ -> new Places(frame, x.x(), factors).followed(r);
            };
        }

        /** The factors, negative where {@code b} turns the order round. */
        private Atom turned(Rewriting r, Equation b) {
            var type = factors.type();
            var form = (Structural.Broadcast) b.op();
            var each = new Structural.Broadcast(type.shape(), Axes.range(0, form.dims().size()));
            var sign = r.apply(new Elementwise.Sign(), b.operands());
            var signs = r.apply(each, List.of(sign));
            return isOne(r) ? signs : r.apply(new Elementwise.Mul(), List.of(factors, signs));
        }

        boolean isOne(Rewriting r) {
            var one = r.number(factors);
            return one != null && one.value().item() == 1;
        }

        /** What {@code v} is at these places; null if it does not follow from the image. */
        @Nullable Atom at(Rewriting r, Atom v) {
            if (v.equals(image)) {
                return isOne(r)
                        ? pooled(r, new Window.MaxPool(frame), image)
                        : r.apply(new Window.Pick(frame), List.of(image, factors, image));
            }
            var repeated = Repeated.of(r, v);
            var x = repeated == null ? null : at(r, repeated.x());
            if (x == null) {
                return null;
            }
            var form = (Structural.Broadcast) repeated.b().op();
            var b = new Structural.Broadcast(x.type().shape(), form.dims());
            return r.apply(repeated.op(), List.of(x, r.apply(b, repeated.b().operands())));
        }
    }

    /** x + b, x − b or b x, b being the same along all spatial axes; a factor for each channel. */
    private record Repeated(Elementwise op, Atom x, Equation b) {
        static @Nullable Repeated of(Rewriting r, Atom y) {
            var e = r.definition(y);
            if (e == null || !(e.op() instanceof Elementwise op) || e.operands().size() != 2) {
                return null;
            }
            var left = e.operands().getFirst();
            var right = e.operands().getLast();
            return switch (op) {
                case Elementwise.Sub _ -> of(r, op, left, right, 0);
                case Elementwise.Add _ -> either(r, op, left, right, 0);
                case Elementwise.Mul _ -> either(r, op, left, right, y.type().shape().rank() - 1);
                case Elementwise _ -> null;
            };
        }

        private static @Nullable Repeated either(
                Rewriting r, Elementwise op, Atom left, Atom right, int first) {
            var found = of(r, op, left, right, first);
            return found == null ? of(r, op, right, left, first) : found;
        }

        /** {@code b} may differ along axes 0 and the last, from axis {@code first} on. */
        private static @Nullable Repeated of(
                Rewriting r, Elementwise op, Atom x, Atom b, int first) {
            var e = r.definition(b);
            if (e == null || !(e.op() instanceof Structural.Broadcast form)) {
                return null;
            }
            int last = b.type().shape().rank() - 1;
            for (int i = 0; i < form.dims().size(); i++) {
                int axis = form.dims().get(i);
                if (axis < first || (axis > 0 && axis < last)) {
                    return null;
                }
            }
            return new Repeated(op, x, e);
        }
    }

    private static @Nullable Atom line(Rewriting r, Equation e) {
        var x = e.operands().isEmpty() ? null : e.operands().getFirst();
        if (e.op() instanceof Window.MaxPool pool && x != null) {
            return rectified(r, x) == null && Repeated.of(r, x) == null ? null : pooled(r, pool, x);
        }
        if (e.op() instanceof Window.Places op) {
            var places = Places.of(op, e.operands());
            var followed = places.followed(r);
            return followed == places
                    ? null
                    : r.apply(
                            op, List.of(followed.image(), followed.factors(), e.operands().get(2)));
        }
        return e.op() instanceof Elementwise.Select ? gradient(r, e) : null;
    }

    private static Atom pooled(Rewriting r, Window.MaxPool pool, Atom x) {
        var inside = rectified(r, x);
        if (inside != null) {
            var q = pooled(r, pool, inside);
            return masked(r, q, q);
        }
        var places = new Places(pool.frame(), x, r.full(Window.factors(x.type()), 1)).followed(r);
        return places.image().equals(x) ? r.apply(pool, List.of(x)) : places.at(r, x);
    }

    /** The gradient of a maximum of relu(x), where x is not above zero nothing. */
    private static @Nullable Atom gradient(Rewriting r, Equation e) {
        var back = r.definition(e.operands().get(2));
        if (back == null || !(back.op() instanceof Window.Unpick unpick)) {
            return null;
        }
        var places = Places.of(unpick, back.operands());
        var x = rectified(r, places.image());
        if (x == null || !places.isOne(r) || !x.equals(masking(r, e))) {
            return null;
        }
        var q = pooled(r, new Window.MaxPool(unpick.frame()), x);
        var inside = new Places(unpick.frame(), x, places.factors()).followed(r);
        var u = masked(r, q, back.operands().getLast());
        return r.apply(unpick, List.of(inside.image(), inside.factors(), u));
    }

    /** {@code v} where {@code q} is above zero, else zero. */
    private static Atom masked(Rewriting r, Atom q, Atom v) {
        var type = q.type();
        var none = r.full(type, 0);
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
        var c = r.number(x);
        return c != null && c.value().item() == 0;
    }
}
