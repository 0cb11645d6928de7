package dev.fathom.testkit.check;

import dev.fathom.core.tree.Tree;

import java.util.function.Function;

/** Derivatives from values alone. */
public final class Differences {
    private Differences() {}

    /**
     * The derivative of {@code f} at {@code x} in direction {@code dx}: central differences with
     * steps h and h/2, combined so that the error is of order h⁴ (Richardson, 1911).
     *
     * @return a tree like f's result; only its trained leaves mean something
     */
    public static <A, B> B along(Function<A, B> f, A x, A dx, double h) {
        B wide = central(f, x, dx, h);
        B narrow = central(f, x, dx, h / 2);
        return Tree.times(Tree.minus(Tree.times(narrow, 4), wide), 1.0 / 3);
    }

    private static <A, B> B central(Function<A, B> f, A x, A dx, double h) {
        B ahead = f.apply(Tree.plus(x, Tree.times(dx, h)));
        B behind = f.apply(Tree.plus(x, Tree.times(dx, -h)));
        return Tree.times(Tree.minus(ahead, behind), 1 / (2 * h));
    }
}
