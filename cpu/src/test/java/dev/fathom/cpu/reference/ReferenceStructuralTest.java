package dev.fathom.cpu.reference;

import static dev.fathom.cpu.reference.Oracle.ints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.IndexException;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.Test;

/** Moving elements, by attributes and by indices. */
class ReferenceStructuralTest {
    // (2, 3): 1 2 3 / 4 5 6
    private static final Tensor X = Tensor.of(new int[] {1, 2, 3, 4, 5, 6}, 2, 3);

    @Test
    void reshapeCopies() {
        Tensor y = Oracle.of(new Structural.Reshape(Shape.of(3, 2)), X);
        assertThat(y.toInts()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(((Array) y).buffer().host()).isNotSameAs(((Array) X).buffer().host());
    }

    @Test
    void transposeAndReverse() {
        assertThat(Oracle.of(new Structural.Transpose(Axes.of(1, 0)), X).toInts())
                .containsExactly(1, 4, 2, 5, 3, 6);
        // (2, 3) as (1, 2, 3); order (2, 0, 1) gives (3, 1, 2)
        Tensor deep = Oracle.of(new Structural.Reshape(Shape.of(1, 2, 3)), X);
        Tensor turned = Oracle.of(new Structural.Transpose(Axes.of(2, 0, 1)), deep);
        assertThat(turned.shape()).isEqualTo(Shape.of(3, 1, 2));
        assertThat(turned.toInts()).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(Oracle.of(new Structural.Reverse(Axes.of(1)), X).toInts())
                .containsExactly(3, 2, 1, 6, 5, 4);
        assertThat(Oracle.of(new Structural.Reverse(Axes.of(0, 1)), X).toInts())
                .containsExactly(6, 5, 4, 3, 2, 1);
    }

    @Test
    void broadcast() {
        assertThat(
                        Oracle.of(
                                        new Structural.Broadcast(Shape.of(2, 3), Axes.of(1)),
                                        ints(1, 2, 3))
                                .toInts())
                .containsExactly(1, 2, 3, 1, 2, 3);
        assertThat(
                        Oracle.of(new Structural.Broadcast(Shape.of(2, 3), Axes.of(0)), ints(1, 2))
                                .toInts())
                .containsExactly(1, 1, 1, 2, 2, 2);
        assertThat(
                        Oracle.of(
                                        new Structural.Broadcast(Shape.of(2), Axes.of()),
                                        Tensor.scalar(true))
                                .toBooleans())
                .containsExactly(true, true);
        assertThat(
                        Oracle.of(new Structural.Broadcast(Shape.of(0, 2), Axes.of(1)), ints(1, 2))
                                .shape())
                .isEqualTo(Shape.of(0, 2));
    }

    @Test
    void sliceWithStrides() {
        var odd = new Structural.Slice(Axes.of(0, 0), Axes.of(2, 3), Axes.of(1, 2));
        assertThat(Oracle.of(odd, X).toInts()).containsExactly(1, 3, 4, 6);
        var none = new Structural.Slice(Axes.of(2, 0), Axes.of(2, 3), Axes.of(1, 1));
        assertThat(Oracle.of(none, X).shape()).isEqualTo(Shape.of(0, 3));
    }

    @Test
    void padBeforeAfterAndBetween() {
        var op = new Structural.Pad(Axes.of(1), Axes.of(2), Axes.of(1));
        assertThat(Oracle.of(op, ints(7, 8, 9)).toInts()).containsExactly(0, 7, 0, 8, 0, 9, 0, 0);
        assertThat(Oracle.of(op, Tensor.of(new int[0], 0)).toInts()).containsExactly(0, 0, 0);
        var rows = new Structural.Pad(Axes.of(1, 0), Axes.of(0, 1), Axes.of(0, 0));
        assertThat(Oracle.of(rows, X).toInts()).containsExactly(0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0);
    }

    @Test
    void concatenate() {
        Tensor y = Tensor.of(new int[] {7, 8}, 2, 1);
        Tensor none = Tensor.of(new int[0], 2, 0);
        assertThat(Oracle.of(new Structural.Concatenate(1), X, none, y).toInts())
                .containsExactly(1, 2, 3, 7, 4, 5, 6, 8);
    }

    @Test
    void gatherAlongEachAxis() {
        assertThat(Oracle.of(new Indexing.Gather(0, 0), X, ints(1, 1, 0)).toInts())
                .containsExactly(4, 5, 6, 4, 5, 6, 1, 2, 3);
        Tensor square = Tensor.of(new int[] {2, 0, 1, 1}, 2, 2);
        Tensor y = Oracle.of(new Indexing.Gather(1, 0), X, square); // (2, 2, 2)
        assertThat(y.shape()).isEqualTo(Shape.of(2, 2, 2));
        assertThat(y.toInts()).containsExactly(3, 1, 2, 2, 6, 4, 5, 5);
        assertThat(Oracle.of(new Indexing.Gather(1, 1), X, ints(2, 0)).toInts()) // one per row
                .containsExactly(3, 4);
    }

    @Test
    void gatherWithAxesBetweenTheSharedAndTheChosen() {
        // B = (2), P = (2), n = 2, S = (): x[b, p, n]; indices (2, 1)
        Tensor x = Tensor.of(new int[] {0, 1, 2, 3, 4, 5, 6, 7}, 2, 2, 2);
        Tensor indices = Tensor.of(new int[] {1, 0}, 2, 1);
        assertThat(Oracle.of(new Indexing.Gather(2, 1), x, indices).toInts())
                .containsExactly(1, 3, 4, 6);
    }

    @Test
    void scatterAddsRepeatedIndices() {
        Tensor into = Tensor.of(new float[] {10, 20, 30});
        Tensor y =
                Oracle.of(
                        new Indexing.ScatterAdd(0, 0),
                        into,
                        ints(2, 0, 2),
                        Tensor.of(new float[] {1, 2, 3}));
        assertThat(y.toFloats()).containsExactly(12, 20, 34);
        assertThat(into.toFloats()).containsExactly(10, 20, 30);
        Tensor rows = Oracle.of(new Indexing.ScatterAdd(1, 1), X, ints(2, 0), ints(100, 200));
        assertThat(rows.toInts()).containsExactly(1, 2, 103, 204, 5, 6);
    }

    @Test
    void windows() {
        assertThat(Oracle.of(new Indexing.DynamicSlice(Shape.of(1, 2)), X, ints(1, 1)).toInts())
                .containsExactly(5, 6);
        Tensor update = Tensor.of(new int[] {8, 9}, 2, 1);
        assertThat(Oracle.of(new Indexing.DynamicUpdate(), X, update, ints(0, 2)).toInts())
                .containsExactly(1, 2, 8, 4, 5, 9);
        assertThat(X.toInts()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void indicesOutsideAreErrorsThatSayWhere() {
        Tensor indices = Tensor.of(new int[] {0, 1, 5, 0}, 2, 2);
        assertThatThrownBy(() -> Oracle.of(new Indexing.Gather(1, 0), X, indices))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("gather: index 5 at position [1, 0]")
                .hasMessageContaining("axis 1 of int32(2, 3), which has size 3");
        assertThatThrownBy(() ->
                        Oracle.of(new Indexing.ScatterAdd(0, 0), ints(1, 2), ints(-1), ints(3)))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("scatterAdd: index -1 at position [0]")
                .hasMessageContaining("size 2");
        assertThatThrownBy(
                        () -> Oracle.of(new Indexing.DynamicSlice(Shape.of(1, 2)), X, ints(0, 2)))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("dynamicSlice: start 2 along axis 1")
                .hasMessageContaining("from 0 to 1");
        assertThatThrownBy(() ->
                        Oracle.of(
                                new Indexing.DynamicUpdate(),
                                X,
                                Tensor.of(new int[] {1}, 1, 1),
                                ints(-1, 0)))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("dynamicUpdate: start -1 along axis 0");
    }
}
