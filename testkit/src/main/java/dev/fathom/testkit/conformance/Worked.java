package dev.fathom.testkit.conformance;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Contraction.Geometry;
import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.op.Ordering;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Solving;
import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.op.Window;
import dev.fathom.core.op.Window.Frame;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.testkit.spec.Operand;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.ArrayList;
import java.util.List;

/**
 * Results that a person can check: closed forms, tables, and numbers worked in the comment beside
 * them.
 *
 * @param label what it shows
 * @param op the operation
 * @param operands what it is applied to
 * @param results what must come out
 * @param accuracy how closely
 */
record Worked(
        String label,
        Primitive op,
        List<Tensor> operands,
        List<Tensor> results,
        Accuracy accuracy) {

    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    private static Tensor d(double... v) {
        return Tensor.of(v);
    }

    private static Tensor m(int rows, int columns, double... v) {
        return Tensor.of(v, rows, columns);
    }

    private static Tensor i(int... v) {
        return Tensor.of(v);
    }

    private static Tensor b(boolean... v) {
        return Tensor.of(v);
    }

    private static Worked exact(Primitive op, Tensor result, Tensor... operands) {
        return new Worked(op.toString(), op, List.of(operands), List.of(result), Accuracy.EXACT);
    }

    private static Worked near(Primitive op, Tensor result, Tensor... operands) {
        return new Worked(op.toString(), op, List.of(operands), List.of(result), Accuracy.SUM);
    }

    private static Worked function(Elementwise op, Tensor result, Tensor... operands) {
        return new Worked(op.toString(), op, List.of(operands), List.of(result), Accuracy.FUNCTION);
    }

    static List<Worked> numbers() {
        var all = new ArrayList<Worked>();
        all.addAll(functions());
        all.addAll(arithmetic());
        all.addAll(reductions());
        all.addAll(structure());
        all.addAll(contractions());
        all.addAll(windows());
        all.addAll(algebra());
        return all;
    }

    private static List<Worked> functions() {
        return List.of(
                function(
                        new Elementwise.Exp(),
                        d(1, Math.E, 1 / Math.E, 0, INF, NAN),
                        d(0, 1, -1, -INF, INF, NAN)),
                function(
                        new Elementwise.Expm1(),
                        d(0, -1, INF, 1e-20),
                        d(0, -INF, INF, 1e-20)), // next term 5e-41
                function(new Elementwise.Log(), d(0, 1, -INF, INF, NAN), d(1, Math.E, 0, INF, -1)),
                function(new Elementwise.Log1p(), d(0, -INF, NAN, 1e-20), d(0, -1, -2, 1e-20)),
                function(new Elementwise.Sqrt(), d(0, 2, 1.5, INF, NAN), d(0, 4, 2.25, INF, -1)),
                function(new Elementwise.Rsqrt(), d(0.5, INF, 0, NAN), d(4, 0, INF, -1)),
                function(
                        new Elementwise.Sin(),
                        d(0, 1, 0.5, NAN),
                        d(0, Math.PI / 2, Math.PI / 6, INF)),
                function(
                        new Elementwise.Cos(), d(1, -1, 0.5, NAN), d(0, Math.PI, Math.PI / 3, INF)),
                // tanh(ln 2) = (2 − ½)/(2 + ½)
                function(
                        new Elementwise.Tanh(),
                        d(0, 0.6, -0.6, 1, -1),
                        d(0, Math.log(2), -Math.log(2), INF, -INF)),
                function(
                        new Elementwise.Logistic(),
                        d(0.5, 0.75, 0.25, 1, 0),
                        d(0, Math.log(3), -Math.log(3), INF, -INF)),
                // Abramowitz & Stegun, table 7.1
                near(
                        new Elementwise.Erf(),
                        d(0, 0.5204998778130465, 0.8427007929497149, -0.8427007929497149, 1),
                        d(0, 0.5, 1, -1, INF)),
                exact(new Elementwise.Floor(), d(1, -2, -0.0, INF), d(1.7, -1.2, -0.0, INF)),
                exact(new Elementwise.Ceil(), d(2, -1, -0.0, INF), d(1.2, -1.7, -0.3, INF)),
                exact(new Elementwise.Round(), d(0, 2, 2, -2, 3), d(0.5, 1.5, 2.5, -1.5, 2.6)),
                exact(
                        new Elementwise.Sign(),
                        d(1, -1, 0, -0.0, NAN, -1),
                        d(3, -2, 0, -0.0, NAN, -INF)),
                exact(new Elementwise.Sign(), i(1, -1, 0), i(7, -3, 0)),
                exact(new Elementwise.Abs(), d(3, 2, 0, INF), d(-3, 2, -0.0, -INF)),
                exact(
                        new Elementwise.IsFinite(),
                        b(true, false, false, true),
                        d(1, INF, NAN, -1e300)),
                exact(new Elementwise.Not(), b(false, true), b(true, false)),
                exact(new Elementwise.ShiftRight(28), i(15, 0, 8), i(-1, 1, Integer.MIN_VALUE)),
                exact(
                        new Elementwise.Cast(DType.INT32),
                        i(1, -1, 0, Integer.MAX_VALUE, Integer.MIN_VALUE),
                        d(1.9, -1.9, NAN, 1e10, -INF)),
                exact(new Elementwise.Cast(DType.BOOL), b(true, false, true), d(0.1, 0, NAN)),
                exact( // from 256 on the step is 2
                        new Elementwise.Cast(DType.BFLOAT16),
                        Operand.tensor(
                                new TensorType(Shape.of(4), DType.BFLOAT16), 256, 260, -258, INF),
                        d(257, 259, -258.9, 1e39)),
                exact(
                        new Elementwise.Cast(DType.FLOAT32),
                        Tensor.of(new float[] {0.1f, 16777216f}),
                        d(0.1, 16777217)));
    }

    private static List<Worked> arithmetic() {
        return List.of(
                exact(new Elementwise.Div(), i(3, -3, -3, 3), i(7, -7, 7, -7), i(2, 2, -2, -2)),
                exact(
                        new Elementwise.Remainder(),
                        i(1, -1, 1, -1),
                        i(7, -7, 7, -7),
                        i(2, 2, -2, -2)),
                exact(new Elementwise.Remainder(), d(1.5, -1.5, 5), d(5.5, -5.5, 5), d(2, 2, INF)),
                exact(
                        new Elementwise.Add(),
                        i(Integer.MIN_VALUE),
                        i(Integer.MAX_VALUE),
                        i(1)), // wraps as in Java
                exact(new Elementwise.Mul(), i(1410065408), i(100000), i(100000)), // 10¹⁰ − 2·2³²
                exact(
                        new Elementwise.Max(),
                        d(2, NAN, NAN, 0.0),
                        d(1, NAN, 3, -0.0),
                        d(2, 1, NAN, 0.0)),
                exact(
                        new Elementwise.Min(),
                        d(1, NAN, NAN, -0.0),
                        d(1, NAN, 3, -0.0),
                        d(2, 1, NAN, 0.0)),
                function(
                        new Elementwise.Pow(),
                        d(8, 0.25, 1, NAN, 1, -8),
                        d(2, 2, 0, -1, NAN, -2),
                        d(3, -2, 0, 0.5, 0, 3)),
                function(
                        new Elementwise.Atan2(),
                        d(Math.PI / 4, Math.PI / 2, Math.PI, -Math.PI),
                        d(1, 1, 0, -0.0),
                        d(1, 0, -1, -1)),
                exact(
                        new Elementwise.Compare(Order.EQUAL),
                        b(true, false, true),
                        d(1, NAN, 0.0),
                        d(1, NAN, -0.0)),
                exact(
                        new Elementwise.Compare(Order.NOT_EQUAL),
                        b(false, true),
                        d(1, NAN),
                        d(1, NAN)),
                exact(
                        new Elementwise.Compare(Order.LESS),
                        b(true, false, false),
                        d(1, 2, NAN),
                        d(2, 2, 1)),
                exact(
                        new Elementwise.Compare(Order.GREATER_EQUAL),
                        b(false, true, false),
                        d(1, 2, NAN),
                        d(2, 2, 1)),
                exact(new Elementwise.Select(), d(1, 20), b(true, false), d(1, 2), d(10, 20)));
    }

    private static List<Worked> reductions() {
        var x = m(2, 3, 1, 5, 2, 4, 0, 3);
        return List.of(
                near(new Reduction.Sum(Axes.of(1)), d(8, 7), x),
                near(new Reduction.Sum(Axes.of(0)), d(5, 5, 5), x),
                near(new Reduction.Sum(Axes.of(1)), d(0, 0), m(2, 0)),
                near(new Reduction.Product(Axes.of(1)), d(10, 0), x),
                near(new Reduction.Product(Axes.of(0)), d(1, 1), m(0, 2)),
                exact(new Reduction.ReduceMax(Axes.of(1)), d(5, 4), x),
                exact(new Reduction.ReduceMin(Axes.of(0)), d(1, 0, 2), x),
                exact(new Reduction.ReduceMax(Axes.of(1)), d(NAN, INF), m(2, 2, 1, NAN, -INF, INF)),
                exact(new Reduction.ArgMax(1), i(1, 0), x),
                exact(new Reduction.ArgMin(0), i(0, 1, 0), x),
                exact(new Reduction.ArgMax(0), Tensor.scalar(1), d(3, NAN, INF, NAN)),
                exact(new Reduction.ArgMax(0), Tensor.scalar(1), d(3, 7, 7)),
                exact(new Reduction.Any(Axes.of(0)), Tensor.scalar(true), b(false, true)),
                exact(new Reduction.All(Axes.of(0)), Tensor.scalar(false), b(false, true)),
                near(new Reduction.CumSum(1, false), m(2, 3, 1, 6, 8, 4, 4, 7), x),
                near(new Reduction.CumSum(0, true), m(2, 3, 5, 5, 5, 4, 0, 3), x),
                exact(new Ordering.Sort(1), m(2, 3, 1, 2, 5, 0, 3, 4), x),
                exact(new Ordering.Sort(0), d(-INF, 1, INF, NAN), d(NAN, 1, -INF, INF)),
                exact(new Ordering.ArgSort(0, false), i(1, 3, 0, 2, 4), d(2, 1, 2, 1, 3)),
                exact(new Ordering.ArgSort(0, true), i(4, 0, 2, 1, 3), d(2, 1, 2, 1, 3)),
                exact(new Ordering.ArgSort(0, true), i(1, 0, 2), d(1, 5, NAN)));
    }

    private static List<Worked> structure() {
        var x = m(2, 3, 1, 2, 3, 4, 5, 6);
        var into = d(0, 0, 0);
        return List.of(
                exact(new Structural.Transpose(Axes.of(1, 0)), m(3, 2, 1, 4, 2, 5, 3, 6), x),
                exact(new Structural.Reshape(Shape.of(3, 2)), m(3, 2, 1, 2, 3, 4, 5, 6), x),
                exact(
                        new Structural.Broadcast(Shape.of(2, 2), Axes.of(0)),
                        m(2, 2, 1, 1, 2, 2),
                        d(1, 2)),
                exact(
                        new Structural.Slice(Axes.of(0, 0), Axes.of(2, 3), Axes.of(1, 2)),
                        m(2, 2, 1, 3, 4, 6),
                        x),
                exact(
                        new Structural.Pad(Axes.of(1), Axes.of(2), Axes.of(1)),
                        d(0, 7, 0, 8, 0, 0),
                        d(7, 8)),
                exact(new Structural.Concatenate(0), d(1, 2, 3), d(1), d(2, 3)),
                exact(new Structural.Reverse(Axes.of(1)), m(2, 3, 3, 2, 1, 6, 5, 4), x),
                exact(new Indexing.Gather(1, 0), m(2, 2, 3, 1, 6, 4), x, i(2, 0)),
                exact(new Indexing.Gather(1, 1), d(2, 6), x, i(1, 2)),
                exact(new Indexing.ScatterAdd(0, 0), d(0, 2, 5), into, i(2, 1, 2), d(1, 2, 4)),
                exact(new Indexing.DynamicSlice(Shape.of(1, 2)), m(1, 2, 5, 6), x, i(1, 1)),
                exact(
                        new Indexing.DynamicUpdate(),
                        m(2, 3, 1, 2, 3, 4, 9, 8),
                        x,
                        m(1, 2, 9, 8),
                        i(1, 1)),
                exact(
                        new Source.Iota(Shape.of(2, 3), 1, DType.INT32),
                        Tensor.of(new int[] {0, 1, 2, 0, 1, 2}, 2, 3)),
                // Random123's kat_vectors: threefry2x32-20 of zeros is 6b200159 99ba4efe
                exact(new Source.RandomBits(Shape.of(1)), i(0x6b200159 ^ 0x99ba4efe), i(0, 0)));
    }

    private static List<Worked> contractions() {
        var none = Axes.of();
        var one = Axes.of(1);
        var zero = Axes.of(0);
        var image = Tensor.of(new double[] {1, 2, 3, 4}, 1, 4, 1);
        var kernel = Tensor.of(new double[] {1, 10, 100}, 3, 1, 1);
        var same = new Geometry(one, one, one, one, 1);
        return List.of(
                // 1·5+2·7, 1·6+2·8, 3·5+4·7, 3·6+4·8
                near(
                        new Contraction.Dot(one, zero, none, none),
                        m(2, 2, 19, 22, 43, 50),
                        m(2, 2, 1, 2, 3, 4),
                        m(2, 2, 5, 6, 7, 8)),
                near(
                        new Contraction.Dot(one, one, zero, zero),
                        d(1 * 5 + 2 * 6, 3 * 7 + 4 * 8),
                        m(2, 2, 1, 2, 3, 4),
                        m(2, 2, 5, 6, 7, 8)),
                exact(
                        new Contraction.Dot(one, zero, none, none),
                        Tensor.of(new int[] {11}, 1, 1),
                        Tensor.of(new int[] {1, 2}, 1, 2),
                        Tensor.of(new int[] {3, 4}, 2, 1)),
                // not turned round: y₀ = 0·1 + 1·10 + 2·100
                near(
                        new Contraction.Conv(same),
                        Tensor.of(new double[] {210, 321, 432, 43}, 1, 4, 1),
                        image,
                        kernel),
                // its transpose: x₀ = y₋₁·100 + y₀·10 + y₁·1
                near(
                        new Contraction.ConvInput(same, Shape.of(4)),
                        Tensor.of(new double[] {12, 123, 234, 340}, 1, 4, 1),
                        image,
                        kernel),
                // Σₒ x[o − 1 + k] y[o] with y = x: 1·2+2·3+3·4, 1+4+9+16, 2·1+3·2+4·3
                near(
                        new Contraction.ConvKernel(same, Shape.of(3)),
                        Tensor.of(new double[] {20, 30, 20}, 3, 1, 1),
                        image,
                        image),
                // the same for two samples: 1·1, and 2·2 with nothing beside it
                near(
                        new Contraction.ConvKernels(same, Shape.of(3), 2),
                        Tensor.of(new double[] {0, 1, 0, 0, 4, 0}, 2, 3, 1, 1),
                        Tensor.of(new double[] {1, 2}, 2, 1, 1),
                        Tensor.of(new double[] {1, 2}, 2, 1, 1)),
                // stride 2, dilation 2: y₀ = 1 + 3·10 + 5·100, y₁ = 3 + 5·10 + 7·100
                near(
                        new Contraction.Conv(new Geometry(Axes.of(2), zero, zero, Axes.of(2), 1)),
                        Tensor.of(new double[] {531, 753}, 1, 2, 1),
                        Tensor.of(new double[] {1, 2, 3, 4, 5, 6, 7}, 1, 7, 1),
                        kernel),
                // two groups: each channel has its own factor
                near(
                        new Contraction.Conv(new Geometry(one, zero, zero, one, 2)),
                        Tensor.of(new double[] {10, 200, 30, 400}, 1, 2, 2),
                        Tensor.of(new double[] {1, 2, 3, 4}, 1, 2, 2),
                        Tensor.of(new double[] {10, 100}, 1, 1, 2)));
    }

    private static List<Worked> windows() {
        var frame = new Frame(Axes.of(2), Axes.of(1), Axes.of(1), Axes.of(0));
        var x = Tensor.of(new double[] {3, -1, 5, 5}, 1, 4, 1);
        var v = Tensor.of(new double[] {1, 2, 3, 4}, 1, 4, 1);
        var one = Tensor.of(new double[] {1}, 1);
        var minus = Tensor.of(new double[] {-1}, 1);
        return List.of(
                near(new Window.SumPool(frame), Tensor.of(new double[] {3, 2, 4, 10}, 1, 4, 1), x),
                near(
                        new Window.Spread(frame, Shape.of(4)),
                        Tensor.of(new double[] {3, 5, 7, 4}, 1, 4, 1),
                        v),
                exact(new Window.MaxPool(frame), Tensor.of(new double[] {3, 3, 5, 5}, 1, 4, 1), x),
                exact(
                        new Window.Pick(frame),
                        Tensor.of(new double[] {1, 1, 3, 3}, 1, 4, 1),
                        x,
                        one,
                        v), // ties: the first
                exact(
                        new Window.Unpick(frame),
                        Tensor.of(new double[] {3, 0, 7, 0}, 1, 4, 1),
                        x,
                        one,
                        v),
                exact(
                        new Window.Pick(frame), // of the smallest
                        Tensor.of(new double[] {1, 2, 2, 3}, 1, 4, 1),
                        x,
                        minus,
                        v),
                exact(
                        new Window.Unpick(frame),
                        Tensor.of(new double[] {1, 5, 4, 0}, 1, 4, 1),
                        x,
                        minus,
                        v));
    }

    private static List<Worked> algebra() {
        var l = m(2, 2, 2, 0, 1, 3);
        var a = m(2, 2, 4, 2, 2, 10); // l lᵀ
        return List.of(
                near(new Solving.Cholesky(), l, a),
                near(
                        new Solving.TriangularSolve(true, false, false),
                        m(2, 1, 2, 3),
                        l,
                        m(2, 1, 4, 11)),
                near(
                        new Solving.TriangularSolve(true, true, false),
                        m(2, 1, 1, 2),
                        l,
                        m(2, 1, 4, 6)),
                near(
                        new Solving.TriangularSolve(true, false, true),
                        m(2, 1, 4, 7),
                        l,
                        m(2, 1, 4, 11)),
                near(new Solving.Solve(false), m(2, 1, 1, 2), m(2, 2, 0, 1, 3, 1), m(2, 1, 2, 5)),
                near(new Solving.Solve(true), m(2, 1, 1, 2), m(2, 2, 0, 1, 3, 1), m(2, 1, 6, 3)),
                // columns (3, 4) and (0, 5): q₁ = (3, 4)/5, r₁₂ = 4, r₂₂ = 3
                new Worked(
                        "Qr",
                        new Decomposition.Qr(),
                        List.of(m(2, 2, 3, 0, 4, 5)),
                        List.of(m(2, 2, 0.6, -0.8, 0.8, 0.6), m(2, 2, 5, 4, 0, 3)),
                        Accuracy.SUM));
    }
}
