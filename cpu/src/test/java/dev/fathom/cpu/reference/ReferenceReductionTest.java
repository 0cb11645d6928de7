package dev.fathom.cpu.reference;

import static dev.fathom.cpu.reference.Oracle.doubles;
import static dev.fathom.cpu.reference.Oracle.floats;
import static dev.fathom.cpu.reference.Oracle.ints;
import static dev.fathom.cpu.reference.Oracle.longs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.op.Ordering;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.Test;

/** Reductions and sorting. */
class ReferenceReductionTest {
    private static final float NAN = Float.NaN;
    // (2, 3): 1 2 3 / 4 5 6
    private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

    @Test
    void sumsOverEachChoiceOfAxes() {
        assertThat(Oracle.of(new Reduction.Sum(Axes.of(0)), X).toFloats()).containsExactly(5, 7, 9);
        assertThat(Oracle.of(new Reduction.Sum(Axes.of(1)), X).toFloats()).containsExactly(6, 15);
        assertThat(Oracle.of(new Reduction.Sum(Axes.of(0, 1)), X).item()).isEqualTo(21);
        assertThat(Oracle.of(new Reduction.Sum(Axes.of()), X).toFloats()).isEqualTo(X.toFloats());
        Tensor cube = Tensor.of(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2);
        assertThat(Oracle.of(new Reduction.Sum(Axes.of(0, 2)), cube).toInts())
                .containsExactly(1 + 2 + 5 + 6, 3 + 4 + 7 + 8);
    }

    @Test
    void sumsKeepWhatFloatsWouldLose() {
        assertThat(Oracle.of(new Reduction.Sum(Axes.of(0)), floats(1e8f, 1, -1e8f)).item())
                .isEqualTo(1);
        assertThat(Oracle.of(new Reduction.CumSum(0, false), floats(1e8f, 1, -1e8f)).toFloats())
                .containsExactly(1e8f, 1e8f, 1);
        assertThat(Oracle.of(new Reduction.Sum(Axes.of(0)), ints(Integer.MAX_VALUE, 1)).toInts())
                .containsExactly(Integer.MIN_VALUE);
    }

    @Test
    void productsAndExtremes() {
        assertThat(Oracle.of(new Reduction.Product(Axes.of(1)), X).toFloats())
                .containsExactly(6, 120);
        assertThat(Oracle.of(new Reduction.ReduceMax(Axes.of(0)), X).toFloats())
                .containsExactly(4, 5, 6);
        assertThat(Oracle.of(new Reduction.ReduceMin(Axes.of(1)), X).toFloats())
                .containsExactly(1, 4);
        assertThat(Oracle.of(new Reduction.ReduceMax(Axes.of(0)), floats(1, NAN, 2)).toFloats())
                .containsExactly(NAN);
        assertThat(Oracle.of(new Reduction.ReduceMin(Axes.of(0)), longs(Long.MAX_VALUE)).toLongs())
                .containsExactly(Long.MAX_VALUE);
    }

    @Test
    void emptyAxes() {
        Tensor none = Tensor.of(new float[0], 2, 0);
        assertThat(Oracle.of(new Reduction.Sum(Axes.of(1)), none).toFloats()).containsExactly(0, 0);
        assertThat(Oracle.of(new Reduction.Product(Axes.of(1)), none).toFloats())
                .containsExactly(1, 1);
        assertThat(Oracle.of(new Reduction.Sum(Axes.of(0)), none).shape()).isEqualTo(Shape.of(0));
        assertThat(Oracle.of(new Reduction.CumSum(1, true), none).size()).isZero();
        assertThat(Oracle.of(new Ordering.Sort(1), none).size()).isZero();
        Tensor noTruth = Tensor.of(new boolean[0], 0);
        assertThat(Oracle.of(new Reduction.All(Axes.of(0)), noTruth).toBooleans())
                .containsExactly(true);
        assertThat(Oracle.of(new Reduction.Any(Axes.of(0)), noTruth).toBooleans())
                .containsExactly(false);
    }

    @Test
    void truth() {
        Tensor p = Tensor.of(new boolean[] {true, false, true, true}, 2, 2);
        assertThat(Oracle.of(new Reduction.Any(Axes.of(1)), p).toBooleans())
                .containsExactly(true, true);
        assertThat(Oracle.of(new Reduction.All(Axes.of(1)), p).toBooleans())
                .containsExactly(false, true);
    }

    @Test
    void positionsAreTheFirstAndNanWins() {
        assertThat(Oracle.of(new Reduction.ArgMax(0), floats(1, 3, 3)).toInts()).containsExactly(1);
        assertThat(Oracle.of(new Reduction.ArgMin(0), floats(2, 1, 1)).toInts()).containsExactly(1);
        assertThat(Oracle.of(new Reduction.ArgMax(0), floats(1, NAN, 9, NAN)).toInts())
                .containsExactly(1);
        assertThat(Oracle.of(new Reduction.ArgMin(0), floats(NAN, 0, NAN)).toInts())
                .containsExactly(0);
        assertThat(Oracle.of(new Reduction.ArgMax(0), X).toInts()).containsExactly(1, 1, 1);
        assertThat(Oracle.of(new Reduction.ArgMin(1), X).toInts()).containsExactly(0, 0);
        long big = 1L << 60;
        assertThat(Oracle.of(new Reduction.ArgMax(0), longs(big, big + 1)).toInts())
                .containsExactly(1);
    }

    @Test
    void runningSums() {
        assertThat(Oracle.of(new Reduction.CumSum(1, false), X).toFloats())
                .containsExactly(1, 3, 6, 4, 9, 15);
        assertThat(Oracle.of(new Reduction.CumSum(1, true), X).toFloats())
                .containsExactly(6, 5, 3, 15, 11, 6);
        assertThat(Oracle.of(new Reduction.CumSum(0, false), X).toFloats())
                .containsExactly(1, 2, 3, 5, 7, 9);
    }

    @Test
    void sorting() {
        Tensor x = floats(3, NAN, 1, 2, NAN, 1);
        assertThat(Oracle.of(new Ordering.Sort(0), x).toFloats())
                .containsExactly(1, 1, 2, 3, NAN, NAN);
        assertThat(Oracle.of(new Ordering.ArgSort(0, false), x).toInts())
                .containsExactly(2, 5, 3, 0, 1, 4);
        assertThat(Oracle.of(new Ordering.ArgSort(0, true), x).toInts())
                .containsExactly(0, 3, 2, 5, 1, 4);
        // −0 and 0 are equal and stay in place
        assertThat(Oracle.of(new Ordering.ArgSort(0, false), doubles(0.0, -0.0)).toInts())
                .containsExactly(0, 1);
        Tensor columns = Tensor.of(new long[] {1L << 60, 5, (1L << 60) - 1, 7}, 2, 2);
        assertThat(Oracle.of(new Ordering.Sort(0), columns).toLongs())
                .containsExactly((1L << 60) - 1, 5, 1L << 60, 7);
    }
}
