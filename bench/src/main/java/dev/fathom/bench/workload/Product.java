package dev.fathom.bench.workload;

import static dev.fathom.core.transform.Transforms.jitDonating;

import dev.fathom.bench.measure.Unit;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * C = A B in float32: A (m, k), B (k, n); {@code batch} of them side by side. C takes the memory of
 * the C before, as it does for a peer that gives that back first.
 *
 * @param form how the operands lie in memory
 */
record Product(String name, int batch, int m, int k, int n, Form form, Memory memory)
        implements OneProgram {
    private static final int COLD_BYTES = 64 << 20;

    /** Which operand lies transposed in memory. */
    enum Form {
        PLAIN,
        /** A lies as (k, m). */
        LEFT,
        /** B lies as (n, k). */
        RIGHT
    }

    /** Where operands and results lie. */
    enum Memory {
        WARM,
        /** Every step takes the next operands of 64 MB, so that none lies in a cache. */
        COLD,
        /** Fathom's results lie in new memory, as those of functions that donate nothing do. */
        FRESH
    }

    private record Operands(Tensor a, Tensor b) {}

    /** The products of the table. */
    static List<Workload> all() {
        var all = new ArrayList<Workload>();
        for (int n : new int[] {32, 64, 128, 256, 512, 1024, 2048}) {
            var product = of("gemm-" + n, n, n, n, Form.PLAIN);
            all.add(product);
            all.add(product.in(Memory.COLD));
        }
        all.add(of("gemm-mlp", 128, 784, 512, Form.PLAIN));
        all.add(of("gemm-mlp-hidden", 128, 512, 512, Form.PLAIN));
        all.add(of("gemm-mlp-output", 128, 512, 10, Form.PLAIN));
        var gradient = of("gemm-gradient-weights", 784, 128, 512, Form.LEFT);
        all.add(gradient);
        all.add(gradient.in(Memory.FRESH));
        all.add(of("gemm-gradient-inputs", 128, 512, 784, Form.RIGHT));
        all.add(new Product("gemm-batched", 128, 64, 32, 64, Form.PLAIN, Memory.WARM));
        return all;
    }

    private static Product of(String name, int m, int k, int n, Form form) {
        return new Product(name, 1, m, k, n, form, Memory.WARM);
    }

    private Product in(Memory other) {
        var word = other.name().toLowerCase(Locale.ROOT);
        return new Product(name + "-" + word, batch, m, k, n, form, other);
    }

    @Override
    public String title() {
        var shape = m + "×" + k + "×" + n;
        return switch (form) {
                    case PLAIN -> batch > 1 ? batch + " products " + shape : shape + " product";
                    case LEFT -> shape + " product, Aᵀ·B";
                    case RIGHT -> shape + " product, A·Bᵀ";
                }
                + switch (memory) {
                    case WARM -> "";
                    case COLD -> ", rotating over 64 MB";
                    case FRESH -> ", into fresh memory";
                };
    }

    @Override
    public String ofPeers() {
        return memory == Memory.FRESH ? name.replace("-fresh", "") : name;
    }

    private boolean cold() {
        return memory == Memory.COLD;
    }

    @Override
    public double flop() {
        return 2.0 * batch * m * k * n;
    }

    @Override
    public Unit unit() {
        return Unit.rate("GFLOP/s", flop() / 1e9);
    }

    @Override
    public Map<String, Tensor> problem() {
        var keys = Key.of(1).split(2);
        int pairs = cold() ? (COLD_BYTES - 1) / (Float.BYTES * (m * k + k * n)) + 1 : batch;
        return Map.of(
                "a",
                operand(keys[0], pairs, form == Form.LEFT ? k : m, form == Form.LEFT ? m : k),
                "b",
                operand(keys[1], pairs, form == Form.RIGHT ? n : k, form == Form.RIGHT ? k : n));
    }

    private static Tensor operand(Key key, int pairs, int rows, int columns) {
        return pairs == 1 ? key.normal(rows, columns) : key.normal(pairs, rows, columns);
    }

    @Override
    public Compiled steps(Map<String, Tensor> problem) {
        var product =
                jitDonating((Tensor given, Operands o) ->
                        switch (form) {
                            case PLAIN -> o.a().matmul(o.b());
                            case LEFT -> o.a().transpose().matmul(o.b());
                            case RIGHT -> o.a().matmul(o.b().transpose());
                        });
        Tensor a = problem.get("a");
        Tensor b = problem.get("b");
        var left = cold() ? apart(a) : List.of(a);
        var right = cold() ? apart(b) : List.of(b);
        var operands = new Operands[left.size()];
        Arrays.setAll(operands, i -> new Operands(left.get(i), right.get(i)));
        return new Compiled() {
            private Tensor c = batch > 1 ? Tensor.zeros(batch, m, n) : Tensor.zeros(m, n);

            @Override
            public void step(long i) {
                c = product.apply(given(), operands[(int) (i % operands.length)]);
            }

            /** What is given away for the result; one number is no room for it. */
            private Tensor given() {
                return memory == Memory.FRESH ? Tensor.scalar(0f) : c;
            }

            @Override
            public double value() {
                return c.square().mean().sqrt().item();
            }

            @Override
            public Profile profile(int runs) {
                return product.profile(given(), operands[0], runs);
            }

            @Override
            public Program program() {
                return product.program(given(), operands[0]);
            }
        };
    }

    /** The matrices of a stack, each in memory of its own. */
    private static List<Tensor> apart(Tensor all) {
        float[] values = all.toFloats();
        int each = all.dim(1) * all.dim(2);
        var parts = new ArrayList<Tensor>();
        for (int at = 0; at < values.length; at += each) {
            parts.add(Tensor.of(Arrays.copyOfRange(values, at, at + each), all.dim(1), all.dim(2)));
        }
        return parts;
    }
}
