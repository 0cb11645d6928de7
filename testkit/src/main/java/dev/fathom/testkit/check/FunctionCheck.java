package dev.fathom.testkit.check;

import dev.fathom.core.error.FathomException;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Checks of what every function of tensors promises besides its value. */
public final class FunctionCheck {
    private FunctionCheck() {}

    /**
     * Fails unless {@code vmap(f)} of a batch is {@code f} of each example, one after the other, to
     * a relative error of 1e-10 in float64 and 1e-5 in float32. Examples lie along axis 0 of every
     * tensor of {@code batch}.
     */
    public static <A, B> void assertVmap(Function<A, B> f, A batch) {
        int n = Tree.leaves(batch).getFirst().dim(0);
        B together = Transforms.vmap(f).apply(batch);
        for (int i = 0; i < n; i++) {
            int example = i;
            B alone = f.apply(Tree.map(t -> t.get(example), batch));
            B row = Tree.map(t -> t.get(example), together);
            TreeAssert.assertClose("vmap, example " + i, row, alone, tolerance(alone));
        }
    }

    /**
     * Fails unless {@code jit(f)} gives what {@code f} gives, at its first call and at its second.
     */
    public static <A, B> void assertJit(Function<A, B> f, A x) {
        B expected = f.apply(x);
        var fast = Transforms.jit(f);
        TreeAssert.assertClose("jit, first call", fast.apply(x), expected, tolerance(expected));
        TreeAssert.assertClose("jit, second call", fast.apply(x), expected, tolerance(expected));
        if (fast.traces() != 1) {
            throw new AssertionError(
                    "jit recorded the function " + fast.traces() + " times for one type");
        }
    }

    private static double tolerance(Object tree) {
        boolean single =
                Tree.leaves(tree).stream()
                        .anyMatch(t -> t.dtype().isFloating() && t.dtype().bytes() == 4);
        return single ? 1e-5 : 1e-10;
    }

    /**
     * Fails unless {@code f} of {@code x} has the same bits when it is called again, and when the
     * given numbers of threads call it at the same time.
     */
    public static <A, B> void assertDeterministic(Function<A, B> f, A x, int... threads) {
        B expected = f.apply(x);
        TreeAssert.assertSame("called again", f.apply(x), expected);
        for (int n : threads) {
            try (var pool = Executors.newFixedThreadPool(n)) {
                List<Callable<B>> calls = new ArrayList<>();
                for (int i = 0; i < n; i++) {
                    calls.add(() -> f.apply(x));
                }
                for (var result : pool.invokeAll(calls)) {
                    TreeAssert.assertSame(n + " threads", result.get(), expected);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FathomException("interrupted while checking that results repeat", e);
            } catch (ExecutionException e) {
                throw new AssertionError(
                        "with " + n + " threads the function failed", e.getCause());
            }
        }
    }

    /**
     * Fails unless no leaf of {@code tree} has a NaN or an infinity, naming the first that does.
     */
    public static void assertFinite(Object tree) {
        for (var leaf : Tree.flatten(tree).leaves()) {
            Tensor t = leaf.tensor();
            double[] v = t.toDoubles();
            for (int i = 0; i < v.length; i++) {
                if (!Double.isFinite(v[i])) {
                    throw new AssertionError(leaf.path() + " holds " + v[i] + " at element " + i);
                }
            }
        }
    }
}
