package dev.fathom.bench.libtorch;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Activation;

import dev.fathom.bench.measure.Steps;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.function.LongFunction;

/** Single operations and chains of them, computed again and again. */
final class Kernels {
    private Kernels() {}

    /** A product; its operands lie transposed in memory where they do for Fathom. */
    static Steps product(String name, NDList problem) {
        var a = problem.get("a");
        var b = problem.get("b");
        if (name.endsWith("-cold")) {
            var left = new ArrayList<NDArray>();
            var right = new ArrayList<NDArray>();
            int pairs = (int) a.getShape().get(0);
            for (int i = 0; i < pairs; i++) {
                left.add(a.get(i));
                right.add(b.get(i));
            }
            return new Repeated(
                    i -> left.get((int) (i % pairs)).matMul(right.get((int) (i % pairs))));
        }
        return switch (name) {
            case "gemm-gradient-weights" -> new Repeated(_ -> a.transpose().matMul(b));
            case "gemm-gradient-inputs" -> new Repeated(_ -> a.matMul(b.transpose()));
            default -> new Repeated(_ -> a.matMul(b));
        };
    }

    /** The elementwise chain. */
    static Steps chain(NDList problem) {
        var x = problem.get("x");
        return new Repeated(_ -> chain(x));
    }

    /** Its gradient. */
    static Steps chainGradient(NDList problem) {
        var x = problem.get("x");
        return new Repeated(_ -> {
            var leaf = x.stopGradient(); // the same memory; gradients of one leaf would add up
            leaf.setRequiresGradient(true);
            try (var collector = Engine.getInstance().newGradientCollector()) {
                collector.backward(chain(leaf).sum());
            }
            return leaf.getGradient();
        });
    }

    private static NDArray chain(NDArray x) {
        return x.mul(2)
                .add(1)
                .tanh()
                .mul(Activation.sigmoid(x.mul(3)))
                .add(Activation.relu(x).mul(0.5f));
    }

    /** A process that does next to nothing. */
    static Steps empty(NDList problem) {
        var x = problem.get("x");
        return new Repeated(_ -> x.sum());
    }

    /** A computation without memory. */
    private static final class Repeated implements Steps {
        private final LongFunction<NDArray> what;
        private @Nullable NDArray last;

        Repeated(LongFunction<NDArray> what) {
            this.what = what;
        }

        @Override
        public void step(long i) {
            if (last != null) {
                last.close();
            }
            try (var _ = new NDScope()) {
                last = what.apply(i);
                NDScope.unregister(last);
            }
        }

        @Override
        public double value() {
            if (last == null) {
                throw new IllegalStateException("no step was made");
            }
            return Math.sqrt(last.square().mean().getFloat());
        }
    }
}
