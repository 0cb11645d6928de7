package dev.fathom.testkit.check;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;

import java.util.function.Function;

/**
 * The derivatives under test. That they are a value lets a check be checked: it has to fail when
 * they are scaled.
 */
public interface Derivatives {
    /** J dx. */
    <A, B> B tangent(Function<A, B> f, A x, A dx);

    /** Jᵀ ct. */
    <A, B> A cotangent(Function<A, B> f, A x, B ct);

    /** H v of a scalar function, forward over reverse. */
    <A> A curvature(Function<A, Tensor> f, A x, A v);

    /** H v of a scalar function, reverse over reverse. */
    <A> A curvatureReverse(Function<A, Tensor> f, A x, A v);

    /** Those of {@link Transforms}. */
    static Derivatives fathom() {
        return scaled(1, 1);
    }

    /**
     * Those of {@link Transforms}, wrong by a factor in each direction; second derivatives by the
     * first one.
     */
    static Derivatives scaled(double forward, double reverse) {
        return new Derivatives() {
            @Override
            public <A, B> B tangent(Function<A, B> f, A x, A dx) {
                return scale(Transforms.jvp(f, x, dx).tangent(), forward);
            }

            @Override
            public <A, B> A cotangent(Function<A, B> f, A x, B ct) {
                return scale(Transforms.vjp(f, x).pullback().apply(ct), reverse);
            }

            @Override
            public <A> A curvature(Function<A, Tensor> f, A x, A v) {
                return scale(Transforms.hvp(f, x, v), forward);
            }

            @Override
            public <A> A curvatureReverse(Function<A, Tensor> f, A x, A v) {
                return scale(Transforms.hvpReverse(f, x, v), reverse);
            }

            private <T> T scale(T tree, double factor) {
                return factor == 1 ? tree : Tree.times(tree, factor);
            }
        };
    }
}
