package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Contraction.Dot;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.simd.GemmLanesF32;
import dev.fathom.cpu.simd.GemmLanesF64;

import java.util.List;

/**
 * Products of many small matrices whose elements lie side by side, product after product: one in
 * each lane. The result lies in the same way.
 */
final class LowerLanes {
    /** Fewer products are not worth a vector. */
    private static final int LEAST = 8;

    /** Multiply-adds up to which a product is small. */
    private static final long SMALL = 1 << 18;

    private LowerLanes() {}

    /** Whether the products are many, small, and side by side. */
    static boolean suits(Dot d, View left, View right) {
        if (d.leftBatch().size() != 1
                || !left.type().dtype().isFloating()
                || left.shape().dim(d.leftBatch().get(0)) < LEAST) {
            return false;
        }
        long work =
                left.shape().select(d.leftFree(left.shape().rank())).size()
                        * right.shape().without(d.rightBatch()).size();
        boolean leftLarger = left.length() >= right.length();
        return work <= SMALL
                && (leftLarger
                        ? areSideBySide(left, d.leftBatch(), d.leftContract())
                        : areSideBySide(right, d.rightBatch(), d.rightContract()));
    }

    private static boolean areSideBySide(View v, Axes batch, Axes contract) {
        var free = batch.concat(contract).complement(v.shape().rank());
        return v.strides()[batch.get(0)] == 1
                && LowerContraction.stride(v, contract) >= 0
                && LowerContraction.stride(v, free) >= 0;
    }

    /** An operand with its matrices side by side, copied if need be. */
    private record Operand(View view, int freeStride, int contractStride) {
        static Operand of(Lowering to, View v, Axes batch, Axes contract) {
            var free = batch.concat(contract).complement(v.shape().rank());
            if (areSideBySide(v, batch, contract)) {
                return new Operand(
                        v, LowerContraction.stride(v, free), LowerContraction.stride(v, contract));
            }
            var copy = to.contiguous(v.transpose(free.concat(contract).concat(batch)));
            int lanes = v.shape().dim(batch.get(0));
            return new Operand(copy, v.shape().select(contract).length() * lanes, lanes);
        }
    }

    /** How the result lies: its batch axis, which is the first, innermost. */
    static View result(View whole) {
        int batch = whole.shape().dim(0);
        var strides = whole.strides().clone();
        for (int i = 1; i < strides.length; i++) {
            strides[i] *= batch;
        }
        strides[0] = 1;
        return new View(whole.storage(), whole.type(), strides, 0);
    }

    static void dot(Lowering to, Equation e, Dot d, View left, View right) {
        int batch = left.shape().dim(d.leftBatch().get(0));
        int m = left.shape().select(d.leftFree(left.shape().rank())).length();
        int n = right.shape().select(d.rightFree(right.shape().rank())).length();
        int k = left.shape().select(d.leftContract()).length();
        var a = Operand.of(to, left, d.leftBatch(), d.leftContract());
        var b = Operand.of(to, right, d.rightBatch(), d.rightContract());
        var y = to.result(e, 0);
        to.kernel(
                "dot " + m + "x" + k + "x" + n + " in " + batch + " lanes",
                List.of(a.view(), b.view()),
                List.of(y),
                y.type().dtype() == DType.FLOAT32
                        ? f ->
                                GemmLanesF32.batched(
                                        batch,
                                        m,
                                        n,
                                        k,
                                        (float[]) Lowering.array(f, a.view()),
                                        Lowering.at(f, a.view()),
                                        a.freeStride(),
                                        a.contractStride(),
                                        (float[]) Lowering.array(f, b.view()),
                                        Lowering.at(f, b.view()),
                                        b.contractStride(),
                                        b.freeStride(),
                                        (float[]) Lowering.array(f, y),
                                        Lowering.at(f, y),
                                        n * batch,
                                        batch,
                                        f.workers)
                        : f ->
                                GemmLanesF64.batched(
                                        batch,
                                        m,
                                        n,
                                        k,
                                        (double[]) Lowering.array(f, a.view()),
                                        Lowering.at(f, a.view()),
                                        a.freeStride(),
                                        a.contractStride(),
                                        (double[]) Lowering.array(f, b.view()),
                                        Lowering.at(f, b.view()),
                                        b.contractStride(),
                                        b.freeStride(),
                                        (double[]) Lowering.array(f, y),
                                        Lowering.at(f, y),
                                        n * batch,
                                        batch,
                                        f.workers));
    }
}
