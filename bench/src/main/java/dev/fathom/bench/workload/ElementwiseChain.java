package dev.fathom.bench.workload;

import static dev.fathom.core.math.Functions.relu;
import static dev.fathom.core.math.Functions.sigmoid;
import static dev.fathom.core.math.Functions.tanh;
import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Profile;

import java.util.Map;

/** y = tanh(2 x + 1) · sigmoid(3 x) + 0.5 relu(x) over n elements. */
record ElementwiseChain(String name, int n) implements Workload {
    @Override
    public String title() {
        return "elementwise chain over " + n;
    }

    @Override
    public double flop() {
        return 8.0 * n;
    }

    @Override
    public Map<String, Tensor> problem() {
        return Map.of("x", Key.of(1).normal(n));
    }

    @Override
    public Compiled steps(Map<String, Tensor> problem) {
        var chain =
                jit((Tensor x) ->
                        tanh(x.times(2).plus(1))
                                .times(sigmoid(x.times(3)))
                                .plus(relu(x).times(0.5)));
        var x = problem.get("x");
        return new Compiled() {
            private Tensor y = x;

            @Override
            public void step(long i) {
                y = chain.apply(x);
            }

            @Override
            public double value() {
                return y.square().mean().sqrt().item();
            }

            @Override
            public Profile profile(int runs) {
                return chain.profile(x, runs);
            }

            @Override
            public Program program() {
                return chain.program(x);
            }
        };
    }
}
