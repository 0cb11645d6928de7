package dev.fathom.cpu.plan;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Programs of random operations on small float64 tensors, or on those of its inputs' dtype:
 * elementwise, views, reductions, products, selections.
 */
final class RandomProgram {
    private final long seed;
    private final int length;

    RandomProgram(long seed, int length) {
        this.seed = seed;
        this.length = length;
    }

    List<Tensor> inputs() {
        var random = new SplittableRandom(seed ^ 0x5DEECE66DL);
        var r = new ArrayList<Tensor>();
        int[][] shapes = {{3, 4}, {4}, {2, 3, 4}, {5, 1}, {}};
        for (var shape : shapes) {
            int n = 1;
            for (int d : shape) {
                n *= d;
            }
            var v = random.doubles(n, -1, 1).toArray();
            r.add(shape.length == 0 ? Tensor.scalar(v[0]) : Tensor.of(v, shape));
        }
        return r;
    }

    List<Tensor> run(List<Tensor> inputs) {
        var random = new SplittableRandom(seed);
        var values = new ArrayList<>(inputs);
        for (int i = 0; i < length; i++) {
            Tensor x = values.get(random.nextInt(values.size()));
            Tensor y = step(random, x, values);
            if (y.size() <= 5000 && y.rank() <= 4) {
                values.add(y);
            }
        }
        return values.subList(Math.max(0, values.size() - 6), values.size());
    }

    private static Tensor step(SplittableRandom random, Tensor x, List<Tensor> values) {
        int rank = x.rank();
        int axis = rank == 0 ? 0 : random.nextInt(rank);
        return switch (random.nextInt(18)) {
            case 0 -> Functions.sin(x);
            case 1 -> x.negate().plus(0.25);
            case 2 -> x.tanh();
            case 3 -> same(random, x, values).times(x);
            case 4 -> same(random, x, values).plus(x);
            case 5 -> Functions.where(x.greaterThan(x.times(0).plus(0.1)), x, x.times(0.5));
            case 6 -> rank < 2 ? x.exp().tanh() : x.transpose();
            case 7 -> rank == 0 ? x : x.sum(axis).times(0.3);
            case 8 -> rank == 0 ? x : x.max(axis);
            case 9 -> rank == 0 || x.dim(axis) < 2 ? x : x.slice(axis, 1, x.dim(axis));
            case 10 -> rank == 0 ? x.expandDims(0) : Shaping.reverse(x, axis);
            case 11 -> x.reshape(-1);
            case 12 -> rank > 2 ? x : x.expandDims(0).broadcastTo(prepend(2, x));
            case 13 -> rank == 0 ? x : Shaping.concatenate(axis, x, x.times(2).tanh());
            case 14 -> rank != 2 ? x : x.matmul(x.transpose()).tanh();
            case 15 ->
                    rank == 0 || x.dim(0) == 0
                            ? x
                            : Indexing.take(x, Tensor.of(new int[] {0, x.dim(axis) - 1}), axis);
            case 16 -> rank == 0 ? x : Functions.cumSum(x, axis).times(0.2);
            case 17 -> x.cast(DType.FLOAT32).times(0.7).cast(x.dtype());
            default -> throw new IllegalStateException();
        };
    }

    private static int[] prepend(int n, Tensor x) {
        return x.shape().prepend(n).dims();
    }

    private static Tensor same(SplittableRandom random, Tensor x, List<Tensor> values) {
        var fitting = values.stream().filter(v -> v.shape().equals(x.shape())).toList();
        return fitting.get(random.nextInt(fitting.size()));
    }
}
