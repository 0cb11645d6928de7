package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Contraction;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.cpu.simd.BFloatRow;
import dev.fathom.cpu.simd.GemmF32;
import dev.fathom.cpu.simd.GemmF64;
import dev.fathom.cpu.simd.GemmRowsF32;
import dev.fathom.cpu.simd.GemmRowsF64;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Products become matrix products with strides, so that transposed operands are not copied. */
final class LowerContraction {
    private LowerContraction() {}

    static void lower(Lowering to, Equation e, Contraction op) {
        switch (op) {
            case Contraction.Dot d -> dot(to, e, d);
            case Contraction.Conv c -> LowerConvolution.forward(to, e, c.geometry());
            case Contraction.ConvInput c -> LowerConvolution.input(to, e, c.geometry());
            case Contraction.ConvKernel c -> LowerConvolution.kernel(to, e, c.geometry());
            case Contraction.ConvKernels c ->
                    LowerConvolution.kernels(to, e, c.geometry(), c.samples());
        }
    }

    /**
     * An operand as a stack of matrices: the steps of batch, free and contracted axes. Matrices may
     * lie in groups of {@code inner}, as those of the heads of a sequence do.
     */
    private record Matrix(
            View view,
            int inner,
            int groupStride,
            int batchStride,
            int freeStride,
            int contractStride) {
        /** Where matrix {@code i} begins. */
        int at(int i) {
            return i / inner * groupStride + i % inner * batchStride;
        }

        boolean isEven() {
            return groupStride == inner * batchStride;
        }

        /** Whether it lies in groups of {@code n}, or can be taken so. */
        boolean fits(int n) {
            return n == inner || isEven();
        }

        /** With rows and columns exchanged. */
        Matrix turned() {
            return new Matrix(view, inner, groupStride, batchStride, contractStride, freeStride);
        }

        /** The same in groups of {@code n}, which is another size only if all steps are equal. */
        Matrix inGroups(int n) {
            return n == inner
                    ? this
                    : new Matrix(view, n, n * batchStride, batchStride, freeStride, contractStride);
        }
    }

    private static void dot(Lowering to, Equation e, Contraction.Dot d) {
        var left = to.operand(e, 0);
        var right = to.operand(e, 1);
        if (right.type().dtype().isStorage() || left.type().dtype().isStorage()) {
            boolean first = left.type().dtype().isStorage();
            row(to, e, first ? right : left, first ? left : right);
            return;
        }
        if (LowerLanes.suits(d, left, right)) {
            LowerLanes.dot(to, e, d, left, right);
            return;
        }
        Axes leftFree = d.leftFree(left.shape().rank());
        Axes rightFree = d.rightFree(right.shape().rank());
        // contract in the order that suits the right operand, which is packed row by row
        var order = order(d.rightContract());
        Axes lc = pick(d.leftContract(), order);
        Axes rc = pick(d.rightContract(), order);
        var y = to.result(e, 0);
        var made = asOperand(d, left.shape().rank(), y);
        if (made == null) {
            return; // without elements
        }
        var leftMatrix = matrix(to, left, d.leftBatch(), leftFree, lc);
        var rightMatrix = matrix(to, right, d.rightBatch(), rightFree, rc);
        int inner =
                Stream.of(made, leftMatrix, rightMatrix)
                        .filter(matrix -> !matrix.isEven())
                        .mapToInt(Matrix::inner)
                        .findFirst()
                        .orElse(made.inner());
        if (!leftMatrix.fits(inner)) {
            leftMatrix = ordered(to, left, d.leftBatch(), leftFree, lc);
        }
        if (!rightMatrix.fits(inner)) {
            rightMatrix = ordered(to, right, d.rightBatch(), rightFree, rc);
        }
        var a = leftMatrix.inGroups(inner);
        var b = rightMatrix.inGroups(inner);
        var c = made.inGroups(inner);
        int batch = left.shape().select(d.leftBatch()).length();
        int m = left.shape().select(leftFree).length();
        int k = left.shape().select(lc).length();
        int n = right.shape().select(rightFree).length();
        if (c.contractStride() > 1) { // (A B)ᵀ = Bᵀ Aᵀ
            multiply(to, batch, inner, n, k, m, b, a, y, c.turned());
        } else {
            multiply(to, batch, inner, m, k, n, a, b, y, c);
        }
    }

    private static void multiply(
            Lowering to,
            int batch,
            int inner,
            int m,
            int k,
            int n,
            Matrix a,
            Matrix b,
            View y,
            Matrix c) {
        boolean single = batch == 1 && y.isContiguous() && y.type().dtype().isFloating();
        var product = single ? product(m, n, k, a, b, y) : null;
        to.kernel(
                "dot " + (batch > 1 ? batch + "x" : "") + m + "x" + k + "x" + n,
                List.of(a.view(), b.view()),
                List.of(y),
                product,
                product == null ? null : rows(product),
                switch (y.type().dtype()) {
                    case FLOAT32 ->
                            f ->
                                    GemmF32.batched(
                                            batch,
                                            inner,
                                            m,
                                            n,
                                            k,
                                            (float[]) Lowering.array(f, a.view()),
                                            Lowering.at(f, a.view()),
                                            a.groupStride(),
                                            a.batchStride(),
                                            a.freeStride(),
                                            a.contractStride(),
                                            (float[]) Lowering.array(f, b.view()),
                                            Lowering.at(f, b.view()),
                                            b.groupStride(),
                                            b.batchStride(),
                                            b.contractStride(),
                                            b.freeStride(),
                                            (float[]) Lowering.array(f, y),
                                            Lowering.at(f, y),
                                            c.groupStride(),
                                            c.batchStride(),
                                            c.freeStride(),
                                            false,
                                            f.workers,
                                            f.scratch);
                    case FLOAT64 ->
                            f ->
                                    GemmF64.batched(
                                            batch,
                                            inner,
                                            m,
                                            n,
                                            k,
                                            (double[]) Lowering.array(f, a.view()),
                                            Lowering.at(f, a.view()),
                                            a.groupStride(),
                                            a.batchStride(),
                                            a.freeStride(),
                                            a.contractStride(),
                                            (double[]) Lowering.array(f, b.view()),
                                            Lowering.at(f, b.view()),
                                            b.groupStride(),
                                            b.batchStride(),
                                            b.contractStride(),
                                            b.freeStride(),
                                            (double[]) Lowering.array(f, y),
                                            Lowering.at(f, y),
                                            c.groupStride(),
                                            c.batchStride(),
                                            c.freeStride(),
                                            false,
                                            f.workers,
                                            f.scratch);
                    case INT32, INT64, BOOL, BFLOAT16 -> f -> whole(f, batch, m, n, k, a, b, y);
                });
    }

    /**
     * Whether a product can read one operand as it is stored, so that the cast before it is not
     * done: a matrix with contiguous rows, each of them times one number of a vector. The rows may
     * have several axes, as behind a {@code flatten}.
     */
    static boolean readsStored(Contraction.Dot d, boolean left, View stored, TensorType vector) {
        var rows = left ? d.leftContract() : d.rightContract();
        var numbers = left ? d.rightContract() : d.leftContract();
        int last = rows.size();
        return stored.type().dtype() == DType.BFLOAT16
                && vector.dtype() == DType.FLOAT32
                && d.leftBatch().size() == 0
                && last > 0
                && stored.shape().rank() == last + 1
                && rows.equals(Axes.range(0, last))
                && IntStream.range(1, last).allMatch(i -> numbers.get(i) > numbers.get(i - 1))
                && vector.shape().size() * stored.shape().dim(last) == stored.shape().size()
                && stored.strides()[last] == 1
                && stride(stored, rows) > 0;
    }

    private static void row(Lowering to, Equation e, View vector, View matrix) {
        var x = to.contiguous(vector);
        var y = to.result(e, 0);
        int k = vector.length();
        int n = matrix.length() / k;
        int step = stride(matrix, Axes.range(0, matrix.shape().rank() - 1));
        to.kernel(
                "dot 1x" + k + "x" + n + " of " + matrix.type().dtype(),
                List.of(x, matrix),
                List.of(y),
                f ->
                        BFloatRow.multiply(
                                n,
                                k,
                                (float[]) Lowering.array(f, x),
                                Lowering.at(f, x),
                                1,
                                (short[]) Lowering.array(f, matrix),
                                Lowering.at(f, matrix),
                                step,
                                (float[]) Lowering.array(f, y),
                                Lowering.at(f, y),
                                f.workers,
                                f.scratch));
    }

    private static Instruction.Product product(int m, int n, int k, Matrix a, Matrix b, View y) {
        return new Instruction.Product(
                m,
                n,
                k,
                a.view(),
                a.freeStride(),
                a.contractStride(),
                b.view(),
                b.contractStride(),
                b.freeStride(),
                y);
    }

    private static Instruction.@Nullable Rows rows(Instruction.Product p) {
        return switch (p.c().type().dtype()) {
            case FLOAT32 ->
                    GemmRowsF32.suits(p.m(), p.n(), p.k())
                            ? rows(p, GemmRowsF32.rows(p.m(), p.n()), rowsF32(p))
                            : null;
            case FLOAT64 ->
                    GemmRowsF64.suits(p.m(), p.n(), p.k())
                            ? rows(p, GemmRowsF64.rows(p.m(), p.n()), rowsF64(p))
                            : null;
            case INT32, INT64, BOOL, BFLOAT16 -> null;
        };
    }

    private static Instruction.Rows rows(
            Instruction.Product p, int each, Instruction.Rows.Maker maker) {
        int parts = (p.m() - 1) / each + 1;
        return new Instruction.Rows(p.c(), p.n(), parts, each * p.n(), null, maker);
    }

    private static Instruction.Rows.Maker rowsF32(Instruction.Product p) {
        return (f, taker) ->
                GemmRowsF32.multiply(
                        p.m(),
                        p.n(),
                        p.k(),
                        (float[]) Lowering.array(f, p.a()),
                        Lowering.at(f, p.a()),
                        p.rsA(),
                        p.csA(),
                        (float[]) Lowering.array(f, p.b()),
                        Lowering.at(f, p.b()),
                        p.rsB(),
                        p.csB(),
                        taker,
                        f.workers,
                        f.scratch);
    }

    private static Instruction.Rows.Maker rowsF64(Instruction.Product p) {
        return (f, taker) ->
                GemmRowsF64.multiply(
                        p.m(),
                        p.n(),
                        p.k(),
                        (double[]) Lowering.array(f, p.a()),
                        Lowering.at(f, p.a()),
                        p.rsA(),
                        p.csA(),
                        (double[]) Lowering.array(f, p.b()),
                        Lowering.at(f, p.b()),
                        p.rsB(),
                        p.csB(),
                        taker,
                        f.workers,
                        f.scratch);
    }

    private static Integer[] order(Axes axes) {
        var order = new Integer[axes.size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (i, j) -> Integer.compare(axes.get(i), axes.get(j)));
        return order;
    }

    private static Axes pick(Axes axes, Integer[] order) {
        return Axes.of(Arrays.stream(order).mapToInt(axes::get).toArray());
    }

    /**
     * The result as it is laid out where all who read it want its axes in another order. Attention
     * joins its heads so: what a head makes goes where the layer's width wants it.
     */
    static View result(Contraction.Dot d, int leftRank, View whole, Axes order) {
        var permuted = whole.type().withShape(whole.shape().select(order));
        var y = View.whole(whole.storage(), permuted).transpose(order.inverse());
        boolean many = d.leftBatch().size() > 0 && whole.type().dtype().isFloating();
        var made = many ? asOperand(d, leftRank, y) : null;
        return made != null && (made.contractStride() == 1 || made.freeStride() == 1) ? y : whole;
    }

    /** The result as an operand is described, with columns for contracted axes. */
    private static @Nullable Matrix asOperand(Contraction.Dot d, int leftRank, View y) {
        int batch = d.leftBatch().size();
        int columns = batch + d.leftFree(leftRank).size();
        return inPlace(
                y,
                Axes.range(0, batch),
                Axes.range(batch, columns),
                Axes.range(columns, y.shape().rank()));
    }

    private static Matrix matrix(Lowering to, View v, Axes batch, Axes free, Axes contract) {
        var there = inPlace(v, batch, free, contract);
        return there == null ? ordered(to, v, batch, free, contract) : there;
    }

    private static @Nullable Matrix inPlace(View v, Axes batch, Axes free, Axes contract) {
        int f = stride(v, free);
        int c = stride(v, contract);
        // all of the batch with one step, or else its last axes in groups
        for (int outer = 0; outer < Math.max(1, batch.size()) && f >= 0 && c >= 0; outer++) {
            var last = part(batch, outer, batch.size());
            int inner = v.shape().select(last).length();
            int b = stride(v, last);
            int g = outer == 0 ? inner * b : stride(v, part(batch, 0, outer));
            if (b >= 0 && g >= 0 && inner > 0) {
                return new Matrix(v, inner, g, b, f, c);
            }
        }
        return null;
    }

    private static Axes part(Axes axes, int from, int to) {
        return Axes.of(IntStream.range(from, to).map(axes::get).toArray());
    }

    /** A copy in which all steps are equal. */
    private static Matrix ordered(Lowering to, View v, Axes batch, Axes free, Axes contract) {
        var ordered = to.contiguous(v.transpose(batch.concat(free).concat(contract)));
        int columns = v.shape().select(contract).length();
        int rows = v.shape().select(free).length();
        int inner = v.shape().select(batch).length();
        return new Matrix(ordered, inner, inner * rows * columns, rows * columns, columns, 1);
    }

    /**
     * The step from one element to the next along several axes taken as one; -1 if there is none.
     */
    static int stride(View v, Axes axes) {
        int step = 0;
        long span = 1;
        for (int i = axes.size() - 1; i >= 0; i--) {
            int n = v.shape().dim(axes.get(i));
            int s = v.strides()[axes.get(i)];
            if (n == 1) {
                continue;
            }
            if (s < 0 || (span > 1 && s != step * span)) {
                return -1;
            }
            if (span == 1) {
                step = s;
            }
            span *= n;
        }
        return step;
    }

    /** Whole numbers are rare here: a plain loop. */
    private static void whole(Frame f, int batch, int m, int n, int k, Matrix a, Matrix b, View y) {
        var x = Lowering.array(f, a.view());
        var z = Lowering.array(f, b.view());
        int xo = Lowering.at(f, a.view());
        int zo = Lowering.at(f, b.view());
        int yo = Lowering.at(f, y);
        for (int p = 0; p < batch * m; p++) {
            int ai = xo + a.at(p / m) + p % m * a.freeStride();
            int bi = zo + b.at(p / m);
            for (int j = 0; j < n; j++) {
                long sum = 0;
                for (int q = 0; q < k; q++) {
                    int s = ai + q * a.contractStride();
                    int t = bi + q * b.contractStride() + j * b.freeStride();
                    sum +=
                            x instanceof int[] i
                                    ? (long) i[s] * ((int[]) z)[t]
                                    : ((long[]) x)[s] * ((long[]) z)[t];
                }
                if (Lowering.array(f, y) instanceof int[] out) {
                    out[yo + p * n + j] = (int) sum;
                } else {
                    ((long[]) Lowering.array(f, y))[yo + p * n + j] = sum;
                }
            }
        }
    }
}
