package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jvp;
import static dev.fathom.core.transform.Transforms.vjp;
import static dev.fathom.core.transform.Transforms.vmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.EscapedTensorException;
import dev.fathom.core.error.FathomException;
import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.Layers;
import dev.fathom.core.error.NonFiniteException;
import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Messages, word for word: they name the operation, both types, what to do, and the caller's own
 * line.
 */
class ErrorTextsTest {

    private static final Tensor MATRIX = Tensor.of(new float[6], 2, 3);
    private static final Tensor DOUBLES = Tensor.of(new double[] {1, 2, 3});
    private static final Tensor KEPT = Tensor.ones(3).cast(DType.BFLOAT16);

    private static void says(
            Class<? extends FathomException> type, String text, ThrowingCallable code) {
        var thrown = catchThrowable(code);
        assertThat(thrown).isInstanceOf(type);
        assertThat(thrown.getMessage().replaceAll(" \\([A-Za-z]+\\.java:\\d+\\)$", ""))
                .isEqualTo(text);
        assertThat(thrown.getMessage()).containsPattern(" \\(ErrorTextsTest\\.java:\\d+\\)$");
    }

    @Test
    void shapes() {
        says(
                ShapeException.class,
                "matmul: (2, 3) and (2, 3) do not fit: 3 ≠ 2. The last axis of the left must equal"
                        + " the last but one of the right",
                () -> MATRIX.matmul(MATRIX));
        says(
                ShapeException.class,
                "matmul: (64, 28, 28) and (784, 10) do not fit: 28 ≠ 784. Flatten to (64, 784)"
                        + " first?",
                () -> Tensor.zeros(64, 28, 28).matmul(Tensor.zeros(784, 10)));
        says(
                ShapeException.class,
                "add: shapes (2, 3) and (2,) do not broadcast: axis -1 has 3 and 2. Sizes must be"
                        + " equal or 1, counted from the last axis; insert axes of size 1 with"
                        + " expandDims",
                () -> MATRIX.plus(Tensor.zeros(2)));
        String none =
                "concatenate, stack: no tensors were given; at least one is needed, since the"
                        + " result takes its shape and dtype from them";
        says(ShapeException.class, none, () -> Shaping.concatenate(0));
        says(ShapeException.class, none, () -> Shaping.stack(0));
        says(
                ShapeException.class,
                "reshape: (2, 3) with 6 elements cannot become [4, -1]",
                () -> MATRIX.reshape(4, -1));
        says(
                ShapeException.class,
                "conv: an image with 3 channels does not fit a kernel (3, 3, 4, 8) in 1 groups: it"
                        + " takes 4. Channels come last: (n, spatial.., channels)",
                () ->
                        Convolutions.conv(
                                Tensor.zeros(1, 8, 8, 3),
                                Tensor.zeros(3, 3, 4, 8),
                                Convolutions.Padding.SAME));
        says(
                ShapeException.class,
                "concatenate: float32(2, 3) and float32(2, 2) differ in another axis than 0",
                () -> Shaping.concatenate(0, MATRIX, Tensor.zeros(2, 2)));
        says(
                ShapeException.class,
                "item() reads the one element of a tensor, but shape (2, 3) has 6; reduce it first,"
                        + " or use toDoubles()",
                () -> MATRIX.item());
        says(
                ShapeException.class,
                "solve: float64(2, 3) is not square",
                () -> Linalg.solve(MATRIX.cast(DType.FLOAT64), MATRIX.cast(DType.FLOAT64)));
        says(
                ShapeException.class,
                "3 values do not fill shape (2, 2), which has 4",
                () -> Tensor.of(new float[3], 2, 2));
    }

    @Test
    void axes() {
        says(
                ShapeException.class,
                "axis 2 does not exist in shape (2, 3) of rank 2",
                () -> MATRIX.sum(2));
        says(ShapeException.class, "axes [0, -2] name an axis twice", () -> MATRIX.sum(0, -2));
        says(
                IndexException.class,
                "slice: 2 to 4 by 1 is outside axis 1 of float32(2, 3)",
                () -> MATRIX.slice(1, 2, 4));
        says(
                ShapeException.class,
                "squeeze: axis 1 of shape (2, 3) has size 3, not 1",
                () -> MATRIX.squeeze(1));
    }

    @Test
    void dtypes() {
        says(
                DTypeException.class,
                "mul: operands have dtypes float32 and float64 (types float32(2, 3) and"
                        + " float64(3,)); Fathom never converts by itself, use cast",
                () -> MATRIX.times(DOUBLES));
        says(
                DTypeException.class,
                "exp: not defined on int32(2,); cast to float32 or float64 first",
                () -> Tensor.of(new int[2]).exp());
        says(
                DTypeException.class,
                "the number 0.5 is not a value of int32; cast the tensor to a floating dtype",
                () -> Tensor.of(new int[2]).times(0.5));
        says(
                DTypeException.class,
                "where: the condition has type float32(2, 3), not bool; compare first",
                () -> Functions.where(MATRIX, MATRIX, MATRIX));
        says(
                DTypeException.class,
                "a tensor of type float64(3,) cannot be read as float32; convert it with"
                        + " cast(DType.FLOAT32) first",
                () -> DOUBLES.toFloats());
    }

    @Test
    void derivatives() {
        says(
                NotDifferentiableException.class,
                "grad: the function returned float64(3,), not a floating scalar; end it with"
                        + " .mean() or .sum(), or use vjp or jacobian for more than one result",
                () -> grad((Tensor x) -> x.times(2)).apply(DOUBLES));
        says(
                ShapeException.class,
                "jvp: at [1] the value has type float64(3,) and the tangent float64()",
                () ->
                        jvp(
                                (List<Tensor> v) -> v.getFirst(),
                                List.of(DOUBLES, DOUBLES),
                                List.of(DOUBLES, Tensor.scalar(1.0))));
        says(
                DTypeException.class,
                "jvp: at (the value itself) the value has type bfloat16(3,) and the tangent"
                        + " bfloat16(3,); a direction of bfloat16 is float32, so cast it",
                () -> hvp((Tensor x) -> x.cast(DType.FLOAT32).square().sum(), KEPT, KEPT));
        says(
                DTypeException.class,
                "iota: bfloat16 does not count; count in float32 and cast that",
                () -> Creation.range(DType.BFLOAT16, 3));
        says(
                ShapeException.class,
                "vjp: at (the value itself) the result has type float64(3,) and the cotangent"
                        + " float64()",
                () -> vjp((Tensor x) -> x, DOUBLES).pullback().apply(Tensor.scalar(1.0)));
    }

    @Test
    void escapedTensors() {
        var kept = new ArrayList<Tensor>();
        Function<Tensor, Tensor> leak =
                x -> {
                    kept.add(x);
                    return x.sum();
                };
        grad(leak).apply(DOUBLES);
        says(
                EscapedTensorException.class,
                "add: an operand of type float64(3,) is a value being differentiated (grad, vjp,"
                    + " jvp), used outside the transform it belongs to. A function given to grad,"
                    + " vmap or jit must return its results, not store them in a field or a list",
                () -> kept.getFirst().plus(1));
        kept.clear();
        vmap(leak).apply(Tensor.of(new double[6], 3, 2));
        assertThatThrownBy(() -> kept.getFirst().exp())
                .isInstanceOf(EscapedTensorException.class)
                .hasMessageContaining(
                        "exp: an operand of type float64(2,) is one example of a batch of 3 (vmap),"
                                + " used");
        kept.clear();
        jit(leak).apply(DOUBLES);
        assertThatThrownBy(() -> kept.getFirst().exp())
                .isInstanceOf(EscapedTensorException.class)
                .hasMessageContaining(
                        "is variable 'a' of a program being recorded (jit, scan, cond or grad),"
                                + " used");
        // inside another transform an old stand-in is as wrong
        assertThatThrownBy(() -> grad((Tensor x) -> x.times(kept.getFirst()).sum()).apply(DOUBLES))
                .isInstanceOf(EscapedTensorException.class);
        assertThatThrownBy(() -> jit((Tensor x) -> x.times(kept.getFirst()).sum()).apply(DOUBLES))
                .isInstanceOf(EscapedTensorException.class);
    }

    @Test
    void valuesThatAreNotKnownYet() {
        says(
                EscapedTensorException.class,
                "the numbers of a tensor of type float64() were asked for, but it is variable 'b'"
                    + " of a program being recorded (jit, scan, cond or grad). Inside a transform"
                    + " values are not known yet: compute with operations (select, cond, whileLoop)"
                    + " instead of Java's if, or move the read outside",
                () -> jit((Tensor x) -> x.sum().item() > 0 ? x : x.negate()).apply(DOUBLES));
        // a value being differentiated eagerly is known: Java's if works inside grad
        Function<Tensor, Tensor> branch = x -> x.sum().item() > 0 ? x.square().sum() : x.sum();
        assertThat(grad(branch).apply(DOUBLES).toDoubles()).containsExactly(2, 4, 6);
        assertThat(grad(branch).apply(DOUBLES.negate()).toDoubles()).containsExactly(1, 1, 1);
    }

    @Test
    void checkFiniteNamesOperationElementAndLayer() {
        says(
                NonFiniteException.class,
                "checkFinite: log of float64(3,) made -Infinity at element 1 of float64(3,)",
                () ->
                        Transforms.checkFinite((Tensor x) -> x.log())
                                .apply(Tensor.of(new double[] {1, 0, 2})));
        says(
                NonFiniteException.class,
                "checkFinite: div of float64(2,), float64(2,) made Infinity at element 0 of"
                        + " float64(2,)",
                () ->
                        Transforms.checkFinite(grad((Tensor x) -> x.sqrt().sum()))
                                .apply(Tensor.of(new double[] {0, 1})));
        assertThatThrownBy(() ->
                        Transforms.checkFinite((Tensor x) ->
                                        Layers.in(
                                                "net",
                                                () ->
                                                        Layers.in(
                                                                "hidden",
                                                                () -> x.times(1e308).times(10))))
                                .apply(Tensor.scalar(1.0)))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("mul of float64(), float64() made Infinity")
                .hasMessageContaining("in layer net > hidden");
        assertThat(Transforms.checkFinite((Tensor x) -> x.exp()).apply(Tensor.scalar(0.0)).item())
                .isEqualTo(1);
    }

    @Test
    void checkFiniteLooksIntoTransforms() {
        Tensor bad = Tensor.of(new double[] {4, -1});
        Function<Tensor, Tensor> root = Tensor::sqrt;
        assertThatThrownBy(() -> Transforms.checkFinite(vmap(root)).apply(bad))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("sqrt");
        assertThatThrownBy(() -> Transforms.checkFinite(jit(root)).apply(bad))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("sqrt");
        assertThatThrownBy(() -> jvp(Transforms.checkFinite(root), bad, bad))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("sqrt");
        // 4 → 0.5 → −0.79: the third root is NaN
        Function<Tensor, Tensor> loop = x -> Loops.repeat((Tensor s) -> s.sqrt().minus(1.5), x, 3);
        assertThatThrownBy(() -> Transforms.checkFinite(loop).apply(Tensor.scalar(4.0)))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("sqrt of float64() made NaN");
        Function<Tensor, Tensor> halve =
                x ->
                        Loops.whileLoop(
                                (Tensor s) -> s.greaterThan(Tensor.scalar(-1.0)),
                                s -> s.minus(1).log(),
                                x);
        assertThatThrownBy(() -> Transforms.checkFinite(halve).apply(Tensor.scalar(1.0)))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("log of float64() made -Infinity");
        Function<Tensor, Tensor> choice =
                x -> Loops.cond(x.greaterThan(Tensor.scalar(0.0)), Tensor::exp, Tensor::log, x);
        assertThatThrownBy(() -> Transforms.checkFinite(choice).apply(Tensor.scalar(-1.0)))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("log of float64() made NaN");
    }
}
