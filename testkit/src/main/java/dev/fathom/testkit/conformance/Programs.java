package dev.fathom.testkit.conformance;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;

import java.util.List;
import java.util.function.Function;

/**
 * Whole programs for backends to compile.
 *
 * @param label what is in it
 * @param function from a list of tensors to a list of tensors
 * @param argument where to compute it
 * @param tolerance relative to the norm of the results
 */
record Programs(
        String label,
        Function<List<Tensor>, List<Tensor>> function,
        List<Tensor> argument,
        double tolerance) {

    private static Tensor normal(DType dtype, int seed, int... shape) {
        return Backends.with(Backends.named("reference"), () -> Key.of(seed).normal(dtype, shape));
    }

    private static Programs of(
            String label, Function<List<Tensor>, List<Tensor>> f, DType dtype, Tensor... argument) {
        return new Programs(label, f, List.of(argument), dtype == DType.FLOAT64 ? 1e-11 : 1e-5);
    }

    private static Tensor crossEntropy(Tensor logits) {
        return Functions.logSoftmax(logits, 1).slice(1, 0, 1).mean().negate();
    }

    static List<Programs> all() {
        var f = DType.FLOAT32;
        var d = DType.FLOAT64;
        Function<List<Tensor>, Tensor> mlp =
                v ->
                        crossEntropy(
                                Functions.relu(v.get(0).matmul(v.get(1)).plus(v.get(2)))
                                        .matmul(v.get(3)));
        Function<List<Tensor>, Tensor> conv =
                v ->
                        crossEntropy(
                                Convolutions.maxPool(
                                                Functions.relu(
                                                        Convolutions.conv(
                                                                v.get(0), v.get(1), Padding.SAME)),
                                                2,
                                                2,
                                                Padding.VALID)
                                        .flatten(1)
                                        .matmul(v.get(2)));
        Function<List<Tensor>, Tensor> recurrent =
                v ->
                        Loops.<Tensor, Tensor, Tensor>scan(
                                        (h, x) -> {
                                            Tensor next = h.matmul(v.get(1)).plus(x).tanh();
                                            return new Carried<>(next, next.square().sum());
                                        },
                                        v.get(0).get(0),
                                        v.get(0))
                                .outputs()
                                .mean();
        var dense =
                new Tensor[] {
                    normal(f, 1, 33, 20),
                    normal(f, 2, 20, 17),
                    normal(f, 3, 17),
                    normal(f, 4, 17, 5)
                };
        return List.of(
                of(
                        "a chain of elementwise operations",
                        v -> List.of(chain(v.get(0), v.get(1))),
                        f,
                        normal(f, 5, 37, 19),
                        normal(f, 6, 19)),
                of(
                        "the same in double precision",
                        v -> List.of(chain(v.get(0), v.get(1))),
                        d,
                        normal(d, 5, 37, 19),
                        normal(d, 6, 19)),
                of(
                        "values used before and after they are reduced",
                        v -> {
                            Tensor x = v.get(0).exp();
                            Tensor s = x.sum(1);
                            return List.of(x.dividedBy(s.expandDims(1)), s, x, x.sum(0), s.max());
                        },
                        f,
                        normal(f, 7, 13, 29)),
                of(
                        "a dense net and its gradient",
                        v -> {
                            var r = Transforms.valueAndGrad(mlp).apply(v);
                            return List.of(
                                    r.value(),
                                    r.gradient().get(1),
                                    r.gradient().get(2),
                                    r.gradient().get(3));
                        },
                        f,
                        dense),
                of("its Hessian times a vector", v -> Transforms.hvp(mlp, v, v), f, dense),
                of(
                        "per-example gradients",
                        v ->
                                List.of(
                                        Transforms.vmap((Tensor x) ->
                                                        Transforms.grad((Tensor w) ->
                                                                        mlp.apply(
                                                                                List.of(
                                                                                        x
                                                                                                .expandDims(
                                                                                                        0),
                                                                                        w,
                                                                                        v.get(2),
                                                                                        v.get(3))))
                                                                .apply(v.get(1)))
                                                .apply(v.get(0))),
                        f,
                        dense),
                of(
                        "a convolutional net's gradient",
                        v -> Transforms.grad(conv).apply(v),
                        f,
                        normal(f, 8, 3, 8, 6, 2),
                        normal(f, 9, 3, 3, 2, 5),
                        normal(f, 10, 60, 4)),
                of(
                        "a recurrent net's gradient",
                        v -> Transforms.grad(recurrent).apply(v),
                        d,
                        normal(d, 11, 6, 5),
                        normal(d, 12, 5, 5)),
                of(
                        "branches and loops",
                        v ->
                                List.of(
                                        Loops.cond(
                                                v.get(0).sum().greaterThan(Tensor.scalar(0.0)),
                                                Tensor::exp,
                                                Tensor::tanh,
                                                v.get(0)),
                                        Loops.whileLoop(
                                                (Tensor s) -> s.sum().lessThan(Tensor.scalar(50.0)),
                                                s -> s.abs().times(1.5).plus(1),
                                                v.get(0))),
                        d,
                        normal(d, 13, 7)),
                of(
                        "views of views",
                        v -> {
                            Tensor t = v.get(0).transpose(2, 0, 1);
                            Tensor s = t.slice(0, 1, 4).reshape(3, -1);
                            return List.of(
                                    s.plus(1),
                                    t.slice(1, 1, 2).times(2),
                                    s.transpose().matmul(s),
                                    t.sum(0, 2));
                        },
                        f,
                        normal(f, 14, 3, 4, 5)),
                of(
                        "random numbers",
                        v ->
                                List.of(
                                        new Key(v.get(0)).uniform(19),
                                        new Key(v.get(0)).stream("x").normal(3, 5),
                                        new Key(v.get(0)).permutation(9)),
                        f,
                        Tensor.of(new int[] {1, 2})),
                of(
                        "constants only",
                        _ -> List.of(Tensor.scalar(2f).times(3), Tensor.full(f, 1.5, 4)),
                        f,
                        Tensor.scalar(0f)),
                of(
                        "numbers of every kind",
                        v -> {
                            Tensor n = v.get(0).times(100).cast(DType.INT32);
                            Tensor odd =
                                    Functions.remainder(n, Tensor.scalar(2))
                                            .equalTo(Tensor.scalar(1));
                            return List.of(
                                    n.cast(DType.INT64).times(n.cast(DType.INT64)),
                                    odd,
                                    Functions.not(
                                            Functions.and(odd, n.greaterThan(Tensor.scalar(3)))),
                                    Functions.any(odd, 0),
                                    Functions.all(odd),
                                    n.sum(0),
                                    odd.cast(f).mean());
                        },
                        f,
                        normal(f, 15, 21, 3)));
    }

    private static Tensor chain(Tensor a, Tensor b) {
        Tensor t = a.times(2).plus(b).tanh();
        Tensor s = Functions.sigmoid(t.minus(a)).times(Functions.sin(a)).plus(t.square());
        return Functions.where(s.greaterThan(a), s.exp(), s.abs().plus(1).sqrt().log())
                .maximum(b)
                .negate();
    }
}
