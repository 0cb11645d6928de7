package dev.fathom.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.BackendException;
import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.EscapedTensorException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.spi.Backends;

import org.junit.jupiter.api.Test;

/** What a tensor is without a backend to compute with. */
class TensorTest {

    @Test
    void comesFromAndGoesToJavaArrays() {
        var f = new float[] {1, 2, 3, 4};
        Tensor t = Tensor.of(f, 2, 2);
        f[0] = 9;
        assertThat(t.toFloats()).containsExactly(1, 2, 3, 4);
        t.toFloats()[1] = 9;
        assertThat(t.toDoubles()).containsExactly(1, 2, 3, 4);
        assertThat(t.type()).hasToString("float32(2, 2)");
        assertThat(Tensor.of(new boolean[] {true, false}).toBooleans())
                .containsExactly(true, false);
        assertThat(Tensor.of(new int[] {1, -2}).toLongs()).containsExactly(1, -2);
        assertThat(Tensor.of(new long[] {Long.MAX_VALUE}).toLongs())
                .containsExactly(Long.MAX_VALUE);
        assertThat(Tensor.scalar(2.5).item()).isEqualTo(2.5);
        assertThat(Tensor.scalar(true).dtype()).isEqualTo(DType.BOOL);
        assertThat(Tensor.scalar(3L).rank()).isZero();
    }

    @Test
    void convertsOnlyWhatIsSafe() {
        Tensor d = Tensor.of(new double[] {1});
        assertThatThrownBy(d::toFloats).isInstanceOf(DTypeException.class);
        assertThatThrownBy(d::toInts)
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining(
                        "float64(1,) cannot be read as int32; convert it with cast(DType.INT32)"
                                + " first");
        assertThatThrownBy(Tensor.of(new long[] {1})::toInts).isInstanceOf(DTypeException.class);
        assertThatThrownBy(d::toBooleans).isInstanceOf(DTypeException.class);
    }

    @Test
    void sizesMustFit() {
        assertThatThrownBy(() -> Tensor.of(new int[3], 2, 2))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("3 values do not fill shape (2, 2), which has 4");
        assertThatThrownBy(() -> Tensor.of(new int[3]).item())
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("shape (3,) has 3");
    }

    @Test
    void printsItsTypeAndElements() {
        assertThat(Tensor.scalar(1.5f)).hasToString("float32() 1.5");
        assertThat(Tensor.of(new int[] {1, 2, 3, 4}, 2, 2))
                .hasToString(
                        """
                        int32(2, 2) [[1, 2],
                                     [3, 4]]\
                        """);
        assertThat(Tensor.of(new double[] {1.0 / 3, 1e-9, 123456789, Double.NaN}))
                .hasToString("float64(4,) [0.33333, 1.0E-9, 1.2346e+08, NaN]");
        assertThat(Tensor.of(new long[20]).toString())
                .isEqualTo("int64(20,) [0, 0, 0, ..., 0, 0, 0]");
        assertThat(Tensor.of(new boolean[] {true})).hasToString("bool(1,) [true]");
        assertThat(Tensor.of(new float[0], 0, 3)).hasToString("float32(0, 3) []");
    }

    @Test
    void donatedMemoryCannotBeRead() {
        var a = (Array) Tensor.of(new int[] {1, 2});
        var memory = a.buffer();
        assertThat(a.donate()).isSameAs(memory);
        assertThatThrownBy(a::toInts).isInstanceOf(EscapedTensorException.class);
        assertThatThrownBy(a::donate).isInstanceOf(EscapedTensorException.class);
        assertThat(a).hasToString("int32(2,) (donated)");
    }

    @Test
    void withoutABackendTheMessageSaysWhereOneIs() {
        assertThat(Backends.all()).isEmpty();
        assertThatThrownBy(() -> Tensor.scalar(1).plus(1))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining(
                        "Put the module dev.fathom.cpu (fathom-cpu.jar) on the module path");
        assertThatThrownBy(() -> Backends.named("gpu"))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining("there is no backend 'gpu'; found: ");
    }

    @Test
    void dtypesKnowTheirKind() {
        assertThat(DType.FLOAT32.isFloating()).isTrue();
        assertThat(DType.INT64.isInteger()).isTrue();
        assertThat(DType.BOOL.isNumeric()).isFalse();
        assertThat(new TensorType(Shape.of(3, 2), DType.FLOAT64).bytes()).isEqualTo(48);
        assertThat(new TensorType(Shape.of(3), DType.BOOL).batched(4)).hasToString("bool(4, 3)");
    }
}
