package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.cpu.simd.Script.Place;
import dev.fathom.cpu.simd.Script.Slot;
import dev.fathom.cpu.simd.Script.Statement;
import dev.fathom.cpu.simd.Script.Type;
import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

class ScriptTest {
    private static float[] numbers(int n) {
        var random = new SplittableRandom(n);
        var x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextDouble(-1, 1);
        }
        return x;
    }

    /** Rows of A or of its transpose, with something before and behind every operand. */
    @ParameterizedTest
    @CsvSource({
        "32, 16, 2",
        "32, 16, 1",
        "1, 16, 32",
        "2, 16, 32",
        "16, 2, 3",
        "5, 7, 3",
        "3, 40, 2",
        "2, 37, 9",
        "1, 1, 1",
        "12, 1, 12",
        "9, 3, 4",
        "1, 65, 7"
    })
    void aProductHasTheBitsOfGemm(int m, int n, int k) {
        var a = numbers(m * k + 3);
        var b = numbers(k * n + 5);
        for (boolean transposed : new boolean[] {false, true}) {
            int rsA = transposed ? 1 : k;
            int csA = transposed ? m : 1;
            var expected = new float[m * n + 4];
            var c = new float[m * n + 4];
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    float sum = 0;
                    for (int q = 0; q < k; q++) {
                        sum = Math.fma(a[3 + i * rsA + q * csA], b[5 + q * n + j], sum);
                    }
                    expected[4 + i * n + j] = sum;
                }
            }
            var product =
                    new Statement.Product(
                            m,
                            n,
                            k,
                            new Place(0, 1),
                            rsA,
                            csA,
                            new Place(1, 0),
                            n,
                            new Place(2, 4));
            var slots =
                    List.of(
                            new Slot(Type.FLOATS, a.length),
                            new Slot(Type.FLOATS, b.length),
                            new Slot(Type.FLOATS, c.length));
            new Script(slots, List.of(product))
                    .code()
                    .run(new Object[] {a, b, c}, new int[] {2, 5, 0}, _ -> {});
            assertThat(c).containsExactly(expected);
        }
    }

    /** Rows that are added up together have the bits of rows alone. */
    @ParameterizedTest
    @CsvSource({"32, 16", "7, 16", "4, 1", "9, 37", "13, 63", "6, 3"})
    void innerProductsDoNotDependOnTheOtherRows(int m, int k) {
        var a = numbers(m * k);
        var v = numbers(k);
        var all = new float[m];
        GemmF32.gemm(
                m, 1, k, a, 0, k, 1, v, 0, 1, 1, all, 0, 1, false, Workers.of(1), Scratch.of());
        for (int i = 0; i < m; i++) {
            assertThat(all[i]).isEqualTo(GemmKernelsF32.dot(k, a, i * k, v, 0));
        }
        var a64 = IntStream.range(0, m * k).mapToDouble(i -> a[i] / 3.0).toArray();
        var v64 = IntStream.range(0, k).mapToDouble(i -> v[i] / 7.0).toArray();
        var all64 = new double[m];
        GemmF64.gemm(
                m,
                1,
                k,
                a64,
                0,
                k,
                1,
                v64,
                0,
                1,
                1,
                all64,
                0,
                1,
                false,
                Workers.of(1),
                Scratch.of());
        for (int i = 0; i < m; i++) {
            assertThat(all64[i]).isEqualTo(GemmKernelsF64.dot(k, a64, i * k, v64, 0));
        }
    }

    /** Sums of rows in the cache are those of rows added one after another. */
    @ParameterizedTest
    @CsvSource({"32, 16", "1, 32", "5, 48", "33, 64"})
    void rowsAreAddedInOrder(int rows, int columns) {
        var x = numbers(rows * columns);
        var expected = new float[columns];
        for (int i = 0; i < x.length; i++) {
            expected[i % columns] += x[i];
        }
        var sums = new float[columns];
        FloatReduce.sumRows(x, 0, rows, columns, columns, sums, 0);
        assertThat(sums).containsExactly(expected);
    }

    @Test
    void statementsRunInOrderAndOthersAreCalled() {
        var x = new float[] {1, 2, 3};
        var y = new float[9];
        var i = new int[] {4};
        var script =
                new Script(
                        List.of(
                                new Slot(Type.FLOATS, 3),
                                new Slot(Type.FLOATS, 9),
                                new Slot(Type.INTS, 1)),
                        List.of(
                                new Statement.Call(
                                        Script.Kernel.REPEAT,
                                        List.of(new Place(0, 0), new Place(1, 1)),
                                        List.of(3, 8)),
                                new Statement.Other(7),
                                new Statement.Call(
                                        Script.Kernel.SUMS,
                                        List.of(new Place(1, 0), new Place(0, 0)),
                                        List.of(3, 3)),
                                new Statement.Call(
                                        Script.Kernel.ADD_INTS,
                                        List.of(new Place(2, 0), new Place(2, 0), new Place(2, 0)),
                                        List.of(1))));
        var code = script.code();
        code.run(new Object[] {x, y, i}, new int[3], number -> y[0] = number);
        assertThat(y).containsExactly(7, 1, 2, 3, 1, 2, 3, 1, 2);
        assertThat(x).containsExactly(10, 6, 6);
        assertThat(i).containsExactly(8);
    }
}
