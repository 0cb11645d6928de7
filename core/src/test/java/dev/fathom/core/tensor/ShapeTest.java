package dev.fathom.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.ShapeException;

import org.junit.jupiter.api.Test;

class ShapeTest {

    @Test
    void sizesAndStrides() {
        var s = Shape.of(2, 3, 4);
        assertThat(s.rank()).isEqualTo(3);
        assertThat(s.size()).isEqualTo(24);
        assertThat(s.dim(-1)).isEqualTo(4);
        assertThat(s.strides()).containsExactly(12, 4, 1);
        assertThat(Shape.of().size()).isEqualTo(1);
        assertThat(Shape.of(3, 0).size()).isZero();
        assertThat(Shape.of(1 << 20, 1 << 20).size()).isEqualTo(1L << 40);
    }

    @Test
    void printsAsTuples() {
        assertThat(Shape.of()).hasToString("()");
        assertThat(Shape.of(5)).hasToString("(5,)");
        assertThat(Shape.of(2, 3)).hasToString("(2, 3)");
        assertThat(new TensorType(Shape.of(64, 784), DType.FLOAT32))
                .hasToString("float32(64, 784)");
    }

    @Test
    void isImmutableAndEqualByValue() {
        var dims = new int[] {2, 3};
        var s = Shape.of(dims);
        dims[0] = 9;
        s.dims()[1] = 9;
        assertThat(s)
                .isEqualTo(Shape.of(2, 3))
                .hasSameHashCodeAs(Shape.of(2, 3))
                .isNotEqualTo(Shape.of(3, 2));
    }

    @Test
    void editing() {
        var s = Shape.of(2, 3, 4);
        assertThat(s.prepend(7)).isEqualTo(Shape.of(7, 2, 3, 4));
        assertThat(s.insert(1, 7)).isEqualTo(Shape.of(2, 7, 3, 4));
        assertThat(s.without(Axes.of(0, 2))).isEqualTo(Shape.of(3));
        assertThat(s.select(Axes.of(2, 0))).isEqualTo(Shape.of(4, 2));
        assertThat(s.range(1, 3)).isEqualTo(Shape.of(3, 4));
        assertThat(s.with(1, 9)).isEqualTo(Shape.of(2, 9, 4));
        assertThat(s.concat(Shape.of(5))).isEqualTo(Shape.of(2, 3, 4, 5));
        assertThat(s.axes(-1, 0)).isEqualTo(Axes.of(0, 2));
        assertThat(s.axes()).isEqualTo(Axes.of(0, 1, 2));
    }

    @Test
    void broadcastsFromTheLastAxis() {
        assertThat(Shape.broadcast("f", Shape.of(2, 1, 3), Shape.of(4, 1)))
                .isEqualTo(Shape.of(2, 4, 3));
        assertThat(Shape.broadcast("f", Shape.of(), Shape.of(3))).isEqualTo(Shape.of(3));
        assertThat(Shape.broadcast("f", Shape.of(1), Shape.of(0))).isEqualTo(Shape.of(0));
        assertThatThrownBy(() -> Shape.broadcast("f", Shape.of(2, 3), Shape.of(2)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "f: shapes (2, 3) and (2,) do not broadcast: axis -1 has 3 and 2.");
    }

    @Test
    void refusesWhatIsNoShape() {
        assertThatThrownBy(() -> Shape.of(2, -1))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("shape [2, -1] has a negative size");
        assertThatThrownBy(() -> Shape.of(2).axis(1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Shape.of(2).axis(-2)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Shape.of(1 << 16, 1 << 16).length())
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("a tensor holds at most 2147483639");
    }

    @Test
    void sizesBeyondALongAreNotWrapped() {
        assertThat(Shape.of(65536, 65536, 65536, 65536).size()).isEqualTo(Long.MAX_VALUE);
        assertThat(Shape.of(65536, 65536, 65536, 65536, 0).size()).isZero();
        assertThat(Shape.of(1 << 30, 1 << 30).size()).isEqualTo(1L << 60);
    }
}
