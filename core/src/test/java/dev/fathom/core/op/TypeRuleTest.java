package dev.fathom.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.FathomException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.op.Contraction.Geometry;
import dev.fathom.core.op.Window.Frame;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What type rules answer and what they refuse, with the words they use. */
class TypeRuleTest {

    private static TensorType f(int... shape) {
        return new TensorType(Shape.of(shape), DType.FLOAT32);
    }

    private static TensorType i(int... shape) {
        return new TensorType(Shape.of(shape), DType.INT32);
    }

    private static TensorType b(int... shape) {
        return new TensorType(Shape.of(shape), DType.BOOL);
    }

    private static void gives(Primitive op, TensorType result, TensorType... operands) {
        assertThat(op.types(List.of(operands))).containsExactly(result);
    }

    private static void refuses(
            Primitive op,
            Class<? extends FathomException> type,
            String text,
            TensorType... operands) {
        assertThatThrownBy(() -> op.types(List.of(operands)))
                .isInstanceOf(type)
                .hasMessageContaining(text);
    }

    @Test
    void elementwise() {
        gives(new Elementwise.Compare(Elementwise.Order.LESS), b(2), f(2), f(2));
        gives(new Elementwise.Cast(DType.INT32), i(2), f(2));
        gives(new Elementwise.Select(), f(2), b(2), f(2), f(2));
        refuses(
                new Elementwise.Exp(),
                DTypeException.class,
                "exp: not defined on int32(2,); cast to float32",
                i(2));
        refuses(
                new Elementwise.Add(),
                ShapeException.class,
                "add: operands have types float32(2,) and float32(3,)",
                f(2),
                f(3));
        refuses(
                new Elementwise.Add(),
                DTypeException.class,
                "operands have types float32(2,) and int32(2,)",
                f(2),
                i(2));
        refuses(
                new Elementwise.Neg(),
                DTypeException.class,
                "neg: not defined on bool(2,); cast the bool",
                b(2));
        refuses(
                new Elementwise.Not(),
                DTypeException.class,
                "not: not defined on float32(2,); compare first",
                f(2));
        refuses(
                new Elementwise.Select(),
                DTypeException.class,
                "the condition has type float32(2,), not bool",
                f(2),
                f(2),
                f(2));
        refuses(
                new Elementwise.ShiftRight(32),
                DTypeException.class,
                "int32(2,) has 32 bits; it is not shifted by 32",
                i(2));
    }

    @Test
    void reductions() {
        gives(new Reduction.Sum(Axes.of(0, 2)), f(3), f(2, 3, 4));
        gives(new Reduction.Sum(Axes.of(1)), f(2), f(2, 0));
        gives(new Reduction.ArgMax(1), i(2), f(2, 3));
        refuses(
                new Reduction.Sum(Axes.of(2)),
                ShapeException.class,
                "sum: float32(2, 3) has no axes [2]",
                f(2, 3));
        refuses(
                new Reduction.Sum(Axes.of(0)),
                DTypeException.class,
                "sum: not defined on bool(2,)",
                b(2));
        refuses(
                new Reduction.Any(Axes.of(0)),
                DTypeException.class,
                "any: not defined on float32(2,)",
                f(2));
        refuses(
                new Reduction.ReduceMax(Axes.of(0)),
                ShapeException.class,
                "nothing to choose from along axes [0] of float32(0,)",
                f(0));
        refuses(
                new Reduction.ArgMin(0),
                ShapeException.class,
                "nothing to choose from along axis 0",
                f(0, 3));
        refuses(
                new Reduction.CumSum(1, false),
                ShapeException.class,
                "cumSum: no sums along axis 1",
                f(3));
    }

    @Test
    void structure() {
        gives(new Structural.Transpose(Axes.of(2, 0, 1)), f(4, 2, 3), f(2, 3, 4));
        gives(new Structural.Slice(Axes.of(1), Axes.of(6), Axes.of(2)), f(3), f(7));
        gives(new Structural.Pad(Axes.of(1), Axes.of(2), Axes.of(1)), f(8), f(3)); // 1 + 3 + 2 + 2
        gives(new Structural.Concatenate(1), f(2, 7), f(2, 3), f(2, 4));
        refuses(
                new Structural.Reshape(Shape.of(4)),
                ShapeException.class,
                "float32(2, 3) has 6 elements and cannot become (4,) with 4",
                f(2, 3));
        refuses(
                new Structural.Slice(Axes.of(1), Axes.of(8), Axes.of(1)),
                IndexException.class,
                "[1] to [8] by [1] is outside float32(7,)",
                f(7));
        refuses(
                new Structural.Pad(Axes.of(-1), Axes.of(0), Axes.of(0)),
                ShapeException.class,
                "slice to cut",
                f(3));
        refuses(
                new Structural.Broadcast(Shape.of(2, 3), Axes.of(0)),
                ShapeException.class,
                "float32(3,) does not become (2, 3) along axes [0]",
                f(3));
        refuses(new Structural.Concatenate(0), DTypeException.class, "use cast", f(2), i(2));
        refuses(new Structural.Reverse(Axes.of(1)), ShapeException.class, "has no axes [1]", f(2));
    }

    @Test
    void indexing() {
        gives(new Indexing.Gather(1, 0), f(2, 5, 6, 4), f(2, 3, 4), i(5, 6));
        gives(new Indexing.Gather(1, 1), f(2, 5, 4), f(2, 3, 4), i(2, 5));
        gives(new Indexing.DynamicSlice(Shape.of(1, 2)), f(1, 2), f(3, 3), i(2));
        refuses(
                new Indexing.Gather(0, 0),
                DTypeException.class,
                "indices have type float32(2,), not int32",
                f(3),
                f(2));
        refuses(
                new Indexing.Gather(1, 1),
                ShapeException.class,
                "sharing the first 1 axes",
                f(2, 3),
                i(3, 5));
        refuses(
                new Indexing.DynamicSlice(Shape.of(4)),
                ShapeException.class,
                "a window (4,) at int32(1,) does not lie in float32(3,)",
                f(3),
                i(1));
        refuses(
                new Indexing.ScatterAdd(0, 0),
                ShapeException.class,
                "go updates of type float32(5, 2), not float32(5, 3)",
                f(4, 2),
                i(5),
                f(5, 3));
    }

    @Test
    void contractions() {
        var none = Axes.of();
        gives(
                new Contraction.Dot(Axes.of(2), Axes.of(1), Axes.of(0), Axes.of(0)),
                f(7, 2, 4),
                f(7, 2, 3),
                f(7, 3, 4));
        refuses(
                new Contraction.Dot(Axes.of(1), Axes.of(0), none, none),
                ShapeException.class,
                "do not fit along contracted axes [1] and [0]",
                f(2, 3),
                f(4, 2));
        var g = new Geometry(Axes.of(2, 2), Axes.of(1, 1), Axes.of(1, 1), Axes.of(1, 1), 2);
        gives(new Contraction.Conv(g), f(8, 14, 14, 6), f(8, 28, 28, 4), f(3, 3, 2, 6));
        refuses(
                new Contraction.Conv(g),
                ShapeException.class,
                "an image with 3 channels does not fit a kernel (3, 3, 2, 6) in 2 groups: it takes"
                        + " 4",
                f(8, 28, 28, 3),
                f(3, 3, 2, 6));
        refuses(
                new Contraction.Conv(g),
                ShapeException.class,
                "need 2 spatial axes",
                f(8, 28, 4),
                f(3, 3, 2, 6));
        refuses(
                new Contraction.Conv(g),
                ShapeException.class,
                "is larger than the padded image",
                f(8, 2, 2, 4),
                f(5, 5, 2, 6));
        refuses(
                new Contraction.Conv(g),
                DTypeException.class,
                "must have one floating dtype; use cast",
                i(8, 28, 28, 4),
                i(3, 3, 2, 6));
    }

    @Test
    void windowsAndMatrices() {
        var frame = new Frame(Axes.of(2, 2), Axes.of(2, 2), Axes.of(0, 0), Axes.of(0, 0));
        gives(new Window.MaxPool(frame), f(1, 2, 3, 5), f(1, 4, 7, 5));
        refuses(
                new Window.MaxPool(frame),
                ShapeException.class,
                "is not (n, 2 spatial axes, channels)",
                f(4, 7, 5));
        refuses(
                new Window.MaxPool(frame),
                ShapeException.class,
                "do not fit float32(1, 1, 7, 5)",
                f(1, 1, 7, 5));
        assertThat(new Decomposition.Svd().types(List.of(f(2, 5, 3))))
                .containsExactly(f(2, 5, 3), f(2, 3), f(2, 3, 3));
        refuses(
                new Solving.Cholesky(),
                ShapeException.class,
                "cholesky: float32(2, 3) is not square",
                f(2, 3));
        refuses(
                new Solving.Solve(false),
                ShapeException.class,
                "the right side is (.., n, columns)",
                f(3, 3),
                f(3));
        refuses(
                new Decomposition.Qr(),
                ShapeException.class,
                "qr: float32(3,) is not a matrix (.., rows, columns)",
                f(3));
        refuses(
                new Source.RandomBits(Shape.of(3)),
                ShapeException.class,
                "not int32(.., 2); use Key",
                i(3));
    }

    /** Every linear operation is a record, and no name is used twice. */
    @Test
    void namesAreUnique() {
        Set<String> names = new HashSet<>();
        Set<Class<?>> records = new HashSet<>();
        collect(Primitive.class, records);
        for (var r : records) {
            assertThat(names.add(r.getSimpleName())).as(r.getName()).isTrue();
        }
        assertThat(records).containsAll(Arrays.asList(Linear.class.getPermittedSubclasses()));
    }

    private static void collect(Class<?> type, Set<Class<?>> records) {
        if (type.isRecord()) {
            records.add(type);
            return;
        }
        for (var permitted : type.getPermittedSubclasses()) {
            collect(permitted, records);
        }
    }
}
