package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.checkpoint;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jvp;
import static dev.fathom.core.transform.Transforms.stopGradient;
import static dev.fathom.core.transform.Transforms.vmap;
import static dev.fathom.core.transform.Transforms.withForwardRule;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Programs put together at random from smooth operations on (3, 3) matrices, with transforms, loops
 * and branches around parts of them. The seed is the test's name.
 */
class RandomProgramsTest {
    private static final int PROGRAMS = 20;
    private static final int LENGTH = 9;
    private static final int DEPTH = 2;

    /** A step from the values so far to one more. */
    @FunctionalInterface
    private interface Step {
        Tensor apply(List<Tensor> pool);
    }

    @TestFactory
    Stream<DynamicTest> programs() {
        return IntStream.range(0, PROGRAMS)
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> check(seed)));
    }

    private static void check(int seed) {
        var random = new SplittableRandom(seed);
        var f = program(random, LENGTH, DEPTH);
        Tensor x = matrix(random);
        Function<Tensor, Tensor> loss = v -> f.apply(v).square().mean();
        // some of these bend sharply: the differences are good to five digits
        var precise = GradientCheck.precise();
        var derivatives = new GradientCheck(precise.derivatives(), 2e-4, 2e-5, seed);
        derivatives.forward(f, x);
        derivatives.reverse(f, x);
        derivatives.transposition(f, x);
        derivatives.second(loss, x);
        derivatives.secondReverse(loss, x);
        derivatives.symmetry(loss, x);
        Tensor batch = Shaping.stack(0, x, matrix(random), matrix(random));
        FunctionCheck.assertVmap(f, batch);
        FunctionCheck.assertVmap(grad(loss), batch);
        FunctionCheck.assertVmap((Tensor v) -> hvp(loss, v, x), batch);
        FunctionCheck.assertJit(f, x);
        FunctionCheck.assertJit(grad(loss), x);
        FunctionCheck.assertJit(vmap(grad(loss)), batch);
        FunctionCheck.assertJit((Tensor v) -> hvp(jit(loss), v, x), x);
    }

    private static Tensor matrix(RandomGenerator r) {
        return Tensor.of(
                IntStream.range(0, 9).mapToDouble(_ -> r.nextDouble(-1, 1)).toArray(), 3, 3);
    }

    private static Function<Tensor, Tensor> program(RandomGenerator r, int length, int depth) {
        var steps = new ArrayList<Step>();
        for (int i = 0; i < length; i++) {
            steps.add(step(r, i + 1, depth));
        }
        return x -> {
            var pool = new ArrayList<Tensor>();
            pool.add(x);
            for (var s : steps) {
                pool.add(s.apply(pool).tanh()); // keeps numbers near 1
            }
            return pool.getLast().plus(pool.get(pool.size() / 2));
        };
    }

    private static Step step(RandomGenerator r, int size, int depth) {
        int i = r.nextInt(size);
        int j = r.nextInt(Math.max(0, size - 2), size);
        Tensor constant = matrix(r);
        int choice = r.nextInt(depth > 0 ? 27 : 17);
        if (choice < 17) {
            return simple(choice, i, j, constant, r.nextInt(3));
        }
        var inner = program(r, 3, depth - 1);
        var other = program(r, 2, depth - 1);
        return around(choice - 17, i, j, constant, inner, other);
    }

    private static Step simple(int choice, int i, int j, Tensor constant, int axis) {
        return switch (choice) {
            case 0 -> p -> Functions.sin(p.get(i)).times(2);
            case 1 -> p -> p.get(i).times(p.get(j)).plus(constant);
            case 2 -> p -> p.get(i).matmul(p.get(j));
            case 3 -> p -> p.get(i).transpose().minus(p.get(j));
            case 4 -> p -> p.get(i).sum(axis % 2).times(p.get(j));
            case 5 -> p -> Functions.softmax(p.get(i), axis % 2).plus(p.get(j));
            case 6 -> p -> Functions.cumSum(p.get(i), axis % 2);
            case 7 -> p -> Shaping.concatenate(0, p.get(i).slice(0, 1, 3), p.get(j).slice(0, 0, 1));
            case 8 -> p -> Shaping.reverse(p.get(i), axis % 2).times(p.get(j));
            case 9 -> p -> Shaping.take(p.get(i), Tensor.of(new int[] {2, 0, 0}), axis % 2);
            case 10 -> p -> p.get(i).exp().dividedBy(p.get(j).square().plus(1));
            case 11 ->
                    p ->
                            Shaping.pad(p.get(i).slice(1, 0, 2), new int[] {0, 1}, new int[] {0, 0})
                                    .plus(p.get(j));
            case 12 ->
                    p ->
                            stopGradient(constant)
                                    .times(p.get(i))
                                    .plus(stopGradient(p.get(j).times(0)));
            case 13 -> p -> p.get(i).reshape(9).slice(0, 0, 9).reshape(3, 3).plus(p.get(j).mean());
            case 14 -> p -> Functions.logSumExp(p.get(i), axis % 2).expandDims(1).plus(p.get(j));
            case 15 -> p -> Shaping.lowerTriangle(p.get(i), 0).matmul(p.get(j));
            default ->
                    p ->
                            Shaping.dynamicUpdate(
                                    p.get(i),
                                    p.get(j).slice(0, 0, 1),
                                    Tensor.of(new int[] {axis, 0}));
        };
    }

    private static Step around(
            int choice,
            int i,
            int j,
            Tensor constant,
            Function<Tensor, Tensor> inner,
            Function<Tensor, Tensor> other) {
        Function<Tensor, Tensor> energy = t -> inner.apply(t).square().sum();
        return switch (choice) {
            case 0 -> p -> jit(inner).apply(p.get(i));
            case 1 -> p -> checkpoint(inner).apply(p.get(i)).plus(p.get(j));
            case 2 -> p -> Loops.repeat((Tensor s) -> inner.apply(s).plus(p.get(j)), p.get(i), 2);
            case 3 ->
                    p ->
                            Loops.<Tensor, Tensor, Tensor>scanReverse(
                                            (s, row) -> {
                                                Tensor next = inner.apply(s.plus(row)).times(0.5);
                                                return new Carried<>(next, next.sum(0).plus(row));
                                            },
                                            p.get(i),
                                            p.get(j))
                                    .outputs();
            case 4 ->
                    p -> {
                        // far from the kink: the predicate is the sign of a constant
                        Tensor predicate = constant.get(0).get(0).greaterThan(Tensor.scalar(0.0));
                        return Loops.cond(predicate, inner, other, p.get(i)).plus(p.get(j));
                    };
            case 5 -> p -> grad(energy).apply(p.get(i)).times(0.1).plus(p.get(j));
            case 6 -> p -> jvp(inner, p.get(i), p.get(j)).tangent();
            case 7 ->
                    p ->
                            vmap((Tensor row) -> inner.apply(row.times(p.get(j))).sum(0))
                                    .apply(p.get(i));
            case 8 ->
                    p ->
                            withForwardRule(inner, (x, _, dx) -> jvp(inner, x, dx).tangent())
                                    .apply(p.get(i));
            default ->
                    p ->
                            checkpoint(
                                            jit((Tensor t) ->
                                                    other.apply(inner.apply(t)).times(p.get(j))))
                                    .apply(p.get(i));
        };
    }
}
