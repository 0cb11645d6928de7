package dev.fathom.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Runs descents on small objectives of one float64 vector. */
public final class Descents {
    private Descents() {}

    /** What goes round; public, so that it is a tree. */
    public record Run<S>(Tensor theta, S state) {}

    /** (x² + 20 y²)/2. */
    public static final Objective<Tensor> BOWL =
            Objective.of(t -> t.square().times(Tensor.of(new double[] {0.5, 10})).sum());

    /** (1 − x)² + c (y − x²)²; Rosenbrock's has c = 100. */
    public static Objective<Tensor> valley(double c) {
        return Objective.of(t -> {
            Tensor x = t.slice(0, 0, 1);
            Tensor y = t.slice(0, 1, 2);
            Tensor bend = y.minus(x.square()).square().times(c);
            return x.negate().plus(1).square().plus(bend).sum();
        });
    }

    /** The gradient of {@link #valley}, by hand. */
    public static double[] valleySlope(double c, double[] t) {
        double bend = t[1] - t[0] * t[0];
        return new double[] {-2 * (1 - t[0]) - 4 * c * t[0] * bend, 2 * c * bend};
    }

    public static <S> Function<Run<S>, Run<S>> step(Descent<S> descent, Objective<Tensor> loss) {
        return run -> {
            var next = descent.update(loss, run.state(), run.theta());
            return new Run<>(next.params(), next.state());
        };
    }

    public static <S> Run<S> start(Descent<S> descent, double... theta) {
        return new Run<>(Tensor.of(theta), descent.init(Tensor.of(theta)));
    }

    /** Where {@code descent} stands after each step; eager and compiled agree to 1e-12. */
    public static <S> List<double[]> path(
            Descent<S> descent, Objective<Tensor> loss, int steps, double... theta) {
        var eager = step(descent, loss);
        var jitted = Transforms.jit(eager);
        var a = start(descent, theta);
        var b = a;
        var path = new ArrayList<double[]>();
        for (int i = 0; i < steps; i++) {
            a = eager.apply(a);
            b = jitted.apply(b);
            path.add(a.theta().toDoubles());
            close(b.theta().toDoubles(), path.getLast(), 1e-12);
        }
        assertThat(jitted.traces()).isEqualTo(1);
        return path;
    }

    /** Where {@code descent} stands in the end, compiled. */
    public static <S> double[] end(
            Descent<S> descent, Objective<Tensor> loss, int steps, double... theta) {
        var jitted = Transforms.jit(step(descent, loss));
        var run = start(descent, theta);
        for (int i = 0; i < steps; i++) {
            run = jitted.apply(run);
        }
        return run.theta().toDoubles();
    }

    /** A run saved and restored in the middle gives the bits of one that was not. */
    public static <S> void restartEqualsNoRestart(
            Descent<S> descent, Objective<Tensor> loss, int steps, double... theta) {
        var step = step(descent, loss);
        var whole = start(descent, theta);
        var cut = whole;
        for (int i = 0; i < steps; i++) {
            whole = step.apply(whole);
        }
        for (int i = 0; i < steps; i++) {
            cut = i == steps / 2 ? saved(step.apply(cut)) : step.apply(cut);
        }
        assertThat(cut.theta().toDoubles()).isEqualTo(whole.theta().toDoubles());
    }

    /** The same numbers in new memory, as a file would give them back. */
    private static <T> T saved(T tree) {
        return Tree.map(
                t ->
                        switch (t.dtype()) {
                            case FLOAT64 -> shaped(Tensor.of(t.toDoubles()), t);
                            case FLOAT32 -> shaped(Tensor.of(t.toFloats()), t);
                            case INT32 -> shaped(Tensor.of(t.toInts()), t);
                            case INT64 -> shaped(Tensor.of(t.toLongs()), t);
                            case BOOL -> shaped(Tensor.of(t.toBooleans()), t);
                            case BFLOAT16 ->
                                    shaped(Tensor.of(t.toDoubles()), t).cast(DType.BFLOAT16);
                        },
                tree);
    }

    private static Tensor shaped(Tensor flat, Tensor like) {
        return flat.reshape(like.shape().dims());
    }

    /** Equal within {@code tolerance} of the greater of 1 and the number itself. */
    public static void close(double[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i]))
                    .as("element %d: %s beside %s", i, actual[i], expected[i])
                    .isLessThanOrEqualTo(tolerance * Math.max(1, Math.abs(expected[i])));
        }
    }

    /** A float64 matrix of these rows. */
    public static Tensor matrix(double[]... rows) {
        var all = new double[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, all, i * rows[0].length, rows[0].length);
        }
        return Tensor.of(all, rows.length, rows[0].length).cast(DType.FLOAT64);
    }
}
