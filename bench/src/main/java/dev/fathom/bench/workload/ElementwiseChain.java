package dev.fathom.bench.workload;

import static dev.fathom.core.math.Functions.relu;
import static dev.fathom.core.math.Functions.sigmoid;
import static dev.fathom.core.math.Functions.tanh;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.bench.measure.Unit;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * y = tanh(2 x + 1) · sigmoid(3 x) + 0.5 relu(x) over n elements, or the gradient of Σ y with
 * respect to x. Bytes are those that one pass over memory reads and writes: x, and the result.
 */
record ElementwiseChain(String name, int n, boolean gradient) implements OneProgram {
    /** The chains of the table. */
    static List<Workload> all() {
        var all = new ArrayList<Workload>();
        for (int n : new int[] {10_000, 1_000_000, 10_000_000}) {
            all.add(new ElementwiseChain("chain-" + n, n, false));
            all.add(new ElementwiseChain("chain-grad-" + n, n, true));
        }
        return all;
    }

    @Override
    public String title() {
        return (gradient ? "gradient of an elementwise chain over " : "elementwise chain over ")
                + n;
    }

    @Override
    public double flop() {
        return 8.0 * n * (gradient ? 2 : 1);
    }

    @Override
    public Unit unit() {
        return Unit.rate("GB/s", 2e-9 * Float.BYTES * n);
    }

    @Override
    public Map<String, Tensor> problem() {
        return Map.of("x", Key.of(1).normal(n));
    }

    private static Tensor chain(Tensor x) {
        return tanh(x.times(2).plus(1)).times(sigmoid(x.times(3))).plus(relu(x).times(0.5));
    }

    @Override
    public Compiled steps(Map<String, Tensor> problem) {
        var compiled =
                gradient ? jit(grad((Tensor x) -> chain(x).sum())) : jit(ElementwiseChain::chain);
        var x = problem.get("x");
        return new Compiled() {
            private Tensor y = x;

            @Override
            public void step(long i) {
                y = compiled.apply(x);
            }

            @Override
            public double value() {
                return y.square().mean().sqrt().item();
            }

            @Override
            public Profile profile(int runs) {
                return compiled.profile(x, runs);
            }

            @Override
            public Program program() {
                return compiled.program(x);
            }
        };
    }
}
