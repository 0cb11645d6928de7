package dev.fathom.core.transform;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.DerivativeRule;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tree.Tree;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Functions from functions to functions: derivatives, batching, compilation. They take and return
 * trees of tensors (see {@link Tree}) and compose in any order and to any depth.
 */
public final class Transforms {
    private Transforms() {}

    // ---- reverse mode --------------------------------------------------------------------------

    /** A value and the gradient at the same place. */
    public record ValueGrad<T>(Tensor value, T gradient) {}

    /** A value, something else computed on the way, and the gradient. */
    public record ValueGradAux<T, A>(Tensor value, A aux, T gradient) {}

    /** A value and what else a function wants to return. */
    public record WithAux<A>(Tensor value, A aux) {}

    /**
     * The gradient of a scalar function: a tree like its argument. Integers and statistics get
     * zeros.
     *
     * @throws NotDifferentiableException if {@code f} returns something else than a floating scalar
     */
    public static <T> Function<T, T> grad(Function<T, Tensor> f) {
        var both = valueAndGrad(f);
        return x -> both.apply(x).gradient();
    }

    /** The gradient in the first of two arguments. */
    public static <T, U> BiFunction<T, U, T> grad(BiFunction<T, U, Tensor> f) {
        return (x, u) -> grad((T t) -> f.apply(t, u)).apply(x);
    }

    /**
     * The value of a scalar function and its gradient, for the price of one forward and one
     * backward pass.
     */
    public static <T> Function<T, ValueGrad<T>> valueAndGrad(Function<T, Tensor> f) {
        var all = valueAndGradAux((T x) -> new WithAux<>(f.apply(x), List.of()));
        return x -> {
            var r = all.apply(x);
            return new ValueGrad<>(r.value(), r.gradient());
        };
    }

    /**
     * As {@link #valueAndGrad} for a function that also returns something that is not
     * differentiated.
     */
    public static <T, A> Function<T, ValueGradAux<T, A>> valueAndGradAux(
            Function<T, WithAux<A>> f) {
        return x -> {
            var aux = new ArrayList<A>();
            Function<T, Tensor> scalar =
                    t -> {
                        var r = f.apply(t);
                        aux.add(stopGradient(r.aux()));
                        return r.value();
                    };
            var run = Linearization.of(scalar, x);
            Tensor y = run.value();
            if (y.rank() != 0 || !y.dtype().isFloating()) {
                throw new NotDifferentiableException(
                        "grad: the function returned "
                                + y.type()
                                + ", not a floating scalar; end it with .mean() or .sum(), or use"
                                + " vjp or jacobian for more than one result");
            }
            var gradient = run.pull(Ops.full(y.type().ofDerivative(), 1));
            return new ValueGradAux<>(y, run.outside(aux.getFirst()), gradient);
        };
    }

    /** A function's value and its transposed derivative there. */
    public record Vjp<A, B>(B value, Function<B, A> pullback) {}

    /**
     * f(x), and the map v ↦ vᵀJ from cotangents of the result to cotangents of x. J is never
     * formed.
     */
    public static <A, B> Vjp<A, B> vjp(Function<A, B> f, A x) {
        var run = Linearization.of(f, x);
        return new Vjp<>(run.value(), run::pull);
    }

    // ---- forward mode --------------------------------------------------------------------------

    /** A function's value and its derivative in one direction. */
    public record Jvp<B>(B value, B tangent) {}

    /** f(x) and J dx, in one pass. */
    public static <A, B> Jvp<B> jvp(Function<A, B> f, A x, A dx) {
        var in = Tree.flatten(x);
        var direction = Tree.flatten(dx);
        Tree.checkSame("jvp", in, direction);
        var mode = Forward.mode();
        var arguments = new ArrayList<Tensor>();
        for (int i = 0; i < in.leaves().size(); i++) {
            var leaf = in.leaves().get(i);
            var d = direction.leaves().get(i).tensor();
            checkTangent(leaf, d);
            arguments.add(leaf.trained() ? mode.dual(leaf.tensor(), d) : leaf.tensor());
        }
        B y = mode.run(() -> f.apply(Trees.build(in, arguments)));
        return new Jvp<>(Tree.map(mode::primal, y), Tree.map(mode::tangentOrZeros, y));
    }

    private static void checkTangent(Tree.Leaf x, Tensor d) {
        var wanted = x.tensor().type().ofDerivative();
        if (!x.trained() || wanted.equals(d.type())) {
            return;
        }
        var message =
                "jvp: at "
                        + x.path()
                        + " the value has type "
                        + x.tensor().type()
                        + " and the tangent "
                        + d.type();
        if (!wanted.shape().equals(d.shape())) {
            throw new ShapeException(message);
        }
        throw new DTypeException(
                message
                        + "; a direction of "
                        + x.tensor().dtype()
                        + " is "
                        + wanted.dtype()
                        + ", so cast it");
    }

    /** A function's value, its derivative there as a linear function, and the transpose of it. */
    public record Linearized<A, B>(B value, Function<A, B> derivative, Function<B, A> transposed) {}

    /**
     * f(x), and the maps dx ↦ J dx and ct ↦ Jᵀ ct, which can be applied many times without running
     * f again.
     */
    public static <A, B> Linearized<A, B> linearize(Function<A, B> f, A x) {
        var run = Linearization.of(f, x);
        return new Linearized<>(run.value(), run::push, run::pull);
    }

    // ---- matrices of derivatives ---------------------------------------------------------------

    /**
     * The Jacobian by forward mode, one pass per input batched together: shape (result.., input..).
     */
    public static Function<Tensor, Tensor> jacobianForward(Function<Tensor, Tensor> f) {
        return x -> {
            var basis = basis(x.type().ofDerivative());
            Tensor columns =
                    vmap((Tensor dx) -> jvp(f, x, dx).tangent()).apply(basis); // (inputs, result..)
            Tensor last = Ops.moveAxis(columns, 0, columns.rank() - 1);
            var out = last.shape().range(0, last.rank() - 1);
            return Ops.reshape(last, out.concat(x.shape()));
        };
    }

    /**
     * The Jacobian by reverse mode, one pass per result batched together: shape (result..,
     * input..).
     */
    public static Function<Tensor, Tensor> jacobianReverse(Function<Tensor, Tensor> f) {
        return x -> {
            var v = vjp(f, x);
            var y = v.value();
            Tensor rows =
                    vmap(v.pullback()).apply(basis(y.type().ofDerivative())); // (results, input..)
            return Ops.reshape(rows, y.shape().concat(x.shape()));
        };
    }

    /** The Jacobian; forward mode, see {@link #jacobianReverse} for few results of many inputs. */
    public static Function<Tensor, Tensor> jacobian(Function<Tensor, Tensor> f) {
        return jacobianForward(f);
    }

    /** The unit vectors of a type, stacked along a new first axis. */
    static Tensor basis(TensorType type) {
        int n = type.shape().length();
        var square = new TensorType(Shape.of(n, n), type.dtype());
        Tensor row = Creation.iota(square, 0);
        Tensor column = Creation.iota(square, 1);
        Tensor eye = row.equalTo(column).cast(type.dtype());
        return Ops.reshape(eye, type.shape().prepend(n));
    }

    /**
     * Second derivatives of a scalar function of one tensor, forward over reverse: shape (input..,
     * input..).
     */
    public static Function<Tensor, Tensor> hessian(Function<Tensor, Tensor> f) {
        return jacobianForward(grad(f));
    }

    /**
     * H v, forward over reverse; H is never formed. Costs about two gradients. (Pearlmutter, 1994.)
     */
    public static <T> T hvp(Function<T, Tensor> f, T x, T v) {
        return jvp(grad(f), x, v).tangent();
    }

    /** H v, reverse over reverse: the gradient of ⟨∇f, v⟩. */
    public static <T> T hvpReverse(Function<T, Tensor> f, T x, T v) {
        return grad((T t) -> Tree.dot(grad(f).apply(t), v)).apply(x);
    }

    /**
     * The Gauss–Newton matrix of loss(f(x)) as a function v ↦ Jᵀ H J v, with J the Jacobian of f
     * and H the Hessian of the loss in f(x): the Hessian without the curvature of f, positive
     * semidefinite where the loss is convex. f runs once; a product costs about as much as a
     * gradient. N. Schraudolph, "Fast curvature matrix-vector products for second-order gradient
     * descent", Neural Computation 2002.
     */
    public static <A, B> UnaryOperator<A> gaussNewton(
            Function<A, B> f, Function<B, Tensor> loss, A x) {
        var run = linearize(f, x);
        return v -> run.transposed().apply(hvp(loss, run.value(), run.derivative().apply(v)));
    }

    // ---- batching ------------------------------------------------------------------------------

    /** Which axis of an argument holds the examples. */
    public sealed interface Axis {
        /** Examples along axis {@code position} of every tensor of the argument. */
        record At(int position) implements Axis {}

        /** The argument is the same for all examples. */
        record Shared() implements Axis {}
    }

    /** Examples along this axis of every tensor of the argument. */
    public static Axis axis(int position) {
        return new Axis.At(position);
    }

    /** The argument is the same for every example. */
    public static Axis shared() {
        return new Axis.Shared();
    }

    /**
     * {@code f} for one example as a function of a batch, along axis 0 of every tensor in and out.
     */
    public static <A, B> Function<A, B> vmap(Function<A, B> f) {
        return vmap(f, axis(0));
    }

    /**
     * {@code f} for one example as a function of a batch along the given axis; results along axis
     * 0.
     */
    public static <A, B> Function<A, B> vmap(Function<A, B> f, Axis in) {
        return x -> Batching.run(List.of(x), List.of(in), v -> f.apply(Trees.cast(v.get(0))));
    }

    /** As {@link #vmap(Function, Axis)} for two arguments. */
    public static <A, B, C> BiFunction<A, B, C> vmap(
            BiFunction<A, B, C> f, Axis first, Axis second) {
        return (x, y) ->
                Batching.run(
                        List.of(x, y),
                        List.of(first, second),
                        v -> f.apply(Trees.cast(v.get(0)), Trees.cast(v.get(1))));
    }

    /** A function of three arguments. */
    @FunctionalInterface
    public interface Function3<A, B, C, D> {
        /** The value. */
        D apply(A a, B b, C c);
    }

    /** As {@link #vmap(Function, Axis)} for three arguments. */
    public static <A, B, C, D> Function3<A, B, C, D> vmap(
            Function3<A, B, C, D> f, Axis first, Axis second, Axis third) {
        return (x, y, z) ->
                Batching.run(
                        List.of(x, y, z),
                        List.of(first, second, third),
                        v ->
                                f.apply(
                                        Trees.cast(v.get(0)),
                                        Trees.cast(v.get(1)),
                                        Trees.cast(v.get(2))));
    }

    // ---- compilation and memory ----------------------------------------------------------------

    /**
     * {@code f}, recorded at its first call with given types and run as one planned program from
     * then on.
     */
    public static <A, B> Jitted<A, B> jit(Function<A, B> f) {
        return new Jitted<>(f, Jitted.Donation.NOTHING);
    }

    /** {@link #jit(Function)} for two arguments. */
    public static <A, B, C> Jitted.OfTwo<A, B, C> jit(BiFunction<A, B, C> f) {
        return new Jitted.OfTwo<>(f, Jitted.Donation.NOTHING);
    }

    /** Two values as one tree. */
    public record Pair<A, B>(A first, B second) {}

    /**
     * {@link #jit(Function)} that takes its argument's memory over for the results, so that a step
     * from state to state allocates nothing. The tensors of the argument cannot be used afterwards.
     */
    public static <A, B> Jitted<A, B> jitDonating(Function<A, B> f) {
        return new Jitted<>(f, Jitted.Donation.ALL);
    }

    /**
     * {@link #jit(BiFunction)} that takes the memory of its first argument over, as {@link
     * #jitDonating(Function)} does: a step from state and batch to state. The second argument can
     * be used again.
     */
    public static <A, B, C> Jitted.OfTwo<A, B, C> jitDonating(BiFunction<A, B, C> f) {
        return new Jitted.OfTwo<>(f, Jitted.Donation.FIRST);
    }

    /**
     * {@code f} whose intermediate values are computed again in the backward pass instead of being
     * kept.
     */
    public static <A, B> Function<A, B> checkpoint(Function<A, B> f) {
        return x -> Traced.call("checkpoint", f, x, r -> new Control.Call("checkpoint", r, true));
    }

    /** The same values, constants to every derivative. */
    public static <T> T stopGradient(T tree) {
        return Tree.map(Ops::stopGradient, tree);
    }

    // ---- stated derivatives --------------------------------------------------------------------

    /** A forward rule: the tangent of the result, linear in {@code dx}. */
    @FunctionalInterface
    public interface ForwardRule<A, B> {
        /** The tangent of y = f(x) when x changes by dx. */
        B tangent(A x, B y, A dx);
    }

    /** A reverse rule: the cotangent of the argument. */
    @FunctionalInterface
    public interface ReverseRule<A, B> {
        /** The cotangent of x given that of y = f(x). */
        A cotangent(A x, B y, B ct);
    }

    /** {@code f} with a stated forward derivative, which serves reverse mode as well. */
    public static <A, B> Function<A, B> withForwardRule(Function<A, B> f, ForwardRule<A, B> rule) {
        return x -> {
            var in = Tree.flatten(x);
            return Traced.callWithRule(
                    f,
                    x,
                    out ->
                            (DerivativeRule.Forward)
                                    (xs, ys, ds) ->
                                            Tree.leaves(
                                                    rule.tangent(
                                                            Trees.build(in, xs),
                                                            Trees.build(out.get(), ys),
                                                            Trees.build(in, ds))));
        };
    }

    /** {@code f} with a stated reverse derivative; forward mode through it is refused. */
    public static <A, B> Function<A, B> withReverseRule(Function<A, B> f, ReverseRule<A, B> rule) {
        return x -> {
            var in = Tree.flatten(x);
            return Traced.callWithRule(
                    f,
                    x,
                    out ->
                            (DerivativeRule.Reverse)
                                    (xs, ys, cts) ->
                                            Tree.leaves(
                                                    rule.cotangent(
                                                            Trees.build(in, xs),
                                                            Trees.build(out.get(), ys),
                                                            Trees.build(out.get(), cts))));
        };
    }

    /**
     * Runs {@code f} and fails at the first operation that makes a NaN or an infinity from finite
     * values.
     */
    public static <A, B> Function<A, B> checkFinite(Function<A, B> f) {
        return x -> {
            var check = new FiniteCheck(Interpreter.current());
            return check.run(() -> f.apply(x));
        };
    }
}
