package dev.fathom.nn.zoo;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Pass;

import java.util.SplittableRandom;

/** Training for tests of networks, and images to train on that need no file. */
final class Fit {
    private Fit() {}

    /** A loss of a model and a batch in a pass. */
    interface Objective<M> {
        Tensor of(M model, Tensor x, Tensor y, Pass pass);
    }

    record State<M>(M model, M first, M second, Tensor step) {}

    record Batch(Tensor x, Tensor y) {}

    /** Adam (Kingma and Ba 2015, algorithm 1) over whole batches of {@code size}, in order. */
    static <M> M adam(
            M model, Objective<M> objective, Batch data, int size, int epochs, double rate) {
        int n = data.x().dim(0) / size;
        var step =
                Transforms.jit((State<M> s, Batch b) -> {
                    var key = Key.of(9).fold(s.step().cast(DType.INT32));
                    var g =
                            Transforms.grad((M m) ->
                                            objective.of(m, b.x(), b.y(), Pass.training(key)))
                                    .apply(s.model());
                    M first = Tree.plus(Tree.times(s.first(), 0.9), Tree.times(g, 0.1));
                    M second =
                            Tree.zip(
                                    (v, d) -> v.times(0.999).plus(d.square().times(0.001)),
                                    s.second(),
                                    g);
                    Tensor t = s.step().plus(1);
                    Tensor c1 = t.times(Math.log(0.9)).exp().negate().plus(1);
                    Tensor c2 = t.times(Math.log(0.999)).exp().negate().plus(1);
                    M direction =
                            Tree.zip(
                                    (m, v) ->
                                            m.dividedBy(c1)
                                                    .dividedBy(v.dividedBy(c2).sqrt().plus(1e-8)),
                                    first,
                                    second);
                    M next = Tree.minus(s.model(), Tree.times(direction, rate));
                    return new State<>(next, first, second, t);
                });
        var zero = Tree.zerosLike(model);
        var state = new State<>(model, zero, zero, Tensor.scalar(0f));
        for (int i = 0; i < epochs * n; i++) {
            int from = i % n * size;
            var batch =
                    new Batch(
                            data.x().slice(0, from, from + size),
                            data.y().slice(0, from, from + size));
            state = step.apply(state, batch);
        }
        return state.model();
    }

    /**
     * Discs of random place and radius on {@code size} by {@code size} pixels: x with noise of the
     * given σ, y the disc itself, both (n, size, size, 1).
     */
    static Batch discs(int n, int size, double noise, long seed) {
        var random = new SplittableRandom(seed);
        var x = new float[n * size * size];
        var y = new float[n * size * size];
        for (int i = 0; i < n; i++) {
            double r = random.nextDouble(size / 6.0, size / 3.0);
            double cy = random.nextDouble(r, size - 1 - r);
            double cx = random.nextDouble(r, size - 1 - r);
            for (int p = 0; p < size * size; p++) {
                int at = i * size * size + p;
                y[at] = Math.hypot(p / size - cy, p % size - cx) <= r ? 1 : 0;
                x[at] = (float) (y[at] + noise * random.nextGaussian());
            }
        }
        return new Batch(Tensor.of(x, n, size, size, 1), Tensor.of(y, n, size, size, 1));
    }

    /** Bars in four directions at random places, with noise: x (n, size, size, 1), labels (n). */
    static Batch bars(int n, int size, double noise, long seed) {
        var random = new SplittableRandom(seed);
        var x = new float[n * size * size];
        var y = new int[n];
        for (int i = 0; i < n; i++) {
            y[i] = i % 4;
            int at = random.nextInt(size / 4, size - size / 4);
            for (int p = 0; p < size * size; p++) {
                int row = p / size;
                int column = p % size;
                int away =
                        switch (y[i]) {
                            case 0 -> row - at;
                            case 1 -> column - at;
                            case 2 -> row - column - at + size / 2;
                            default -> row + column - at - size / 2;
                        };
                double bright = Math.abs(away) <= 1 ? 1 : 0;
                x[i * size * size + p] = (float) (bright + noise * random.nextGaussian());
            }
        }
        return new Batch(Tensor.of(x, n, size, size, 1), Tensor.of(y));
    }
}
