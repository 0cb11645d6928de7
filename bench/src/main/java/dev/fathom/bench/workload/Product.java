package dev.fathom.bench.workload;

import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Profile;

import java.util.Map;

/** C = A B in float32: A (m, k), B (k, n). */
record Product(String name, int m, int k, int n) implements Workload {
    private record Operands(Tensor a, Tensor b) {}

    @Override
    public String title() {
        return m + "×" + k + "×" + n + " product";
    }

    @Override
    public double flop() {
        return 2.0 * m * k * n;
    }

    @Override
    public Map<String, Tensor> problem() {
        var keys = Key.of(1).split(2);
        return Map.of("a", keys[0].normal(m, k), "b", keys[1].normal(k, n));
    }

    @Override
    public Compiled steps(Map<String, Tensor> problem) {
        var product = jit((Operands o) -> o.a().matmul(o.b()));
        var operands = new Operands(problem.get("a"), problem.get("b"));
        return new Compiled() {
            private Tensor c = operands.a();

            @Override
            public void step(long i) {
                c = product.apply(operands);
            }

            @Override
            public double value() {
                return c.square().mean().sqrt().item();
            }

            @Override
            public Profile profile(int runs) {
                return product.profile(operands, runs);
            }

            @Override
            public Program program() {
                return product.program(operands);
            }
        };
    }
}
