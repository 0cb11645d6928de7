package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.cpu.reference.ReferenceBackend;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Results of products in the order in which their readers want their axes. */
class LaidOutTest {
    record Pair(Tensor a, Tensor b) {}

    private static Pair heads(int batch, int heads, int rows, int inner, int columns) {
        var keys = Key.of(5).split(2);
        return new Pair(
                keys[0].normal(batch, heads, rows, inner),
                keys[1].normal(batch, heads, inner, columns));
    }

    private static String plan(Function<Pair, ?> f, Pair p) {
        return jit(f).plan(p);
    }

    private static void check(Function<Pair, Tensor> f, Pair p) {
        var expected = Backends.with(new ReferenceBackend(), () -> f.apply(p));
        for (int threads : new int[] {1, 3}) {
            var made = Backends.with(SimdBackend.withThreads(threads), () -> jit(f).apply(p));
            assertThat(made.type()).isEqualTo(expected.type());
            double[] actual = made.toDoubles();
            double[] wanted = expected.toDoubles();
            double most = 0;
            for (int i = 0; i < wanted.length; i++) {
                most = Math.max(most, Math.abs(actual[i] - wanted[i]));
            }
            assertThat(most).isLessThan(1e-4);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2, 3, 5, 4, 6", "1, 3, 5, 4, 6", "2, 1, 5, 4, 6", "2, 3, 1, 4, 6", "2, 3, 5, 4, 1",
        "2, 3, 1, 4, 1", "1, 1, 5, 4, 6", "3, 4, 17, 18, 33", "0, 3, 5, 4, 6", "2, 3, 0, 4, 6",
        "2, 3, 5, 0, 6", "9, 8, 64, 65, 64"
    })
    void anyOrder(int batch, int heads, int rows, int inner, int columns) {
        var p = heads(batch, heads, rows, inner, columns);
        for (int i = 0; i < 24; i++) {
            // all orders of four axes
            var axes = new ArrayList<>(List.of(0, 1, 2, 3));
            int[] order = new int[4];
            for (int k = 0, code = i; k < 4; k++) {
                order[k] = axes.remove(code % (4 - k));
                code /= 4 - k;
            }
            check(x -> x.a().matmul(x.b()).transpose(order).reshape(-1).times(2), p);
            check(x -> x.a().matmul(x.b()).transpose(order), p);
        }
    }

    @Test
    void headsAreJoinedWithoutACopy() {
        var p = heads(2, 3, 5, 4, 6);
        Function<Pair, Tensor> join =
                x -> x.a().matmul(x.b()).transpose(0, 2, 1, 3).reshape(2, 5, 18);
        check(join, p);
        check(
                x -> x.a().matmul(x.b()).transpose(0, 2, 1, 3).reshape(9, 64, 512),
                heads(9, 8, 64, 65, 64));
        assertThat(plan(join, p)).contains("dot 6x5x4x6").doesNotContain("reshape", "copy");
        Function<Pair, Tensor> turned =
                x -> x.a().matmul(x.b()).transpose(0, 3, 1, 2).reshape(2, 6, 15);
        check(turned, p);
        assertThat(plan(turned, p)).contains("dot 6x6x4x5").doesNotContain("reshape", "copy");
    }

    @Test
    void whoWantsAnotherOrderGetsACopy() {
        var p = heads(2, 3, 5, 4, 6);
        Function<Pair, Tensor> both =
                x -> {
                    var product = x.a().matmul(x.b()); // (2, 3, 5, 6)
                    var joined = product.transpose(0, 2, 1, 3).reshape(2, 5, 18);
                    return joined.plus(product.reshape(2, 5, 18));
                };
        check(both, p);
        assertThat(plan(both, p)).contains("reshape");
        record Both(Tensor product, Tensor joined) {}
        Function<Pair, Both> returned =
                x -> {
                    var product = x.a().matmul(x.b());
                    return new Both(product, product.transpose(0, 2, 1, 3).reshape(2, 5, 18));
                };
        var made = jit(returned).apply(p);
        assertThat(made.joined().toFloats())
                .isEqualTo(made.product().transpose(0, 2, 1, 3).reshape(2, 5, 18).toFloats());
    }

    @Test
    void operandsThatLieInOtherGroupsAreCopied() {
        // three batch axes: the left operand lies in groups of two, the result in groups of three
        var keys = Key.of(6).split(2);
        var p = new Pair(keys[0].normal(4, 3, 2, 5, 7), keys[1].normal(4, 2, 3, 7, 6));
        check(
                x ->
                        x.a().transpose(0, 2, 1, 3, 4) // (4, 2, 3, 5, 7)
                                .matmul(x.b())
                                .transpose(0, 1, 3, 2, 4) // (4, 2, 5, 3, 6)
                                .reshape(4, 2, 5, 18),
                p);
    }

    @Test
    void doublesAndWholeNumbers() {
        var p = heads(2, 3, 5, 4, 6);
        for (var type : List.of(DType.FLOAT64, DType.INT32, DType.INT64)) {
            check(
                    x ->
                            x.a().times(9)
                                    .cast(type)
                                    .matmul(x.b().times(9).cast(type))
                                    .transpose(0, 2, 1, 3)
                                    .reshape(2, 5, 18),
                    p);
        }
    }
}
