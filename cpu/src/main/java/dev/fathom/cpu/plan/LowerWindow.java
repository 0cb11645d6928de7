package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Window;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.cpu.simd.PoolF32;
import dev.fathom.cpu.simd.PoolF64;
import dev.fathom.cpu.simd.PoolGeometry;

import java.util.List;

/** Pooling. */
final class LowerWindow {
    private LowerWindow() {}

    static void lower(Lowering to, Equation e, Window op) {
        var y = to.result(e, 0);
        var a = to.contiguous(e, 0);
        boolean single = y.type().dtype() == DType.FLOAT32;
        switch (op) {
            case Window.MaxPool p -> {
                var g = geometry(p.frame(), a.shape(), y.shape());
                to.kernel(
                        op.name(),
                        List.of(a),
                        List.of(y),
                        single
                                ? f ->
                                        PoolF32.maxForward(
                                                g, f32(f, a), at(f, a), f32(f, y), at(f, y),
                                                f.workers)
                                : f ->
                                        PoolF64.maxForward(
                                                g, f64(f, a), at(f, a), f64(f, y), at(f, y),
                                                f.workers));
            }
            case Window.SumPool p -> {
                var g = geometry(p.frame(), a.shape(), y.shape());
                to.kernel(
                        op.name(),
                        List.of(a),
                        List.of(y),
                        single
                                ? f ->
                                        PoolF32.sumForward(
                                                g, f32(f, a), at(f, a), f32(f, y), at(f, y),
                                                f.workers)
                                : f ->
                                        PoolF64.sumForward(
                                                g, f64(f, a), at(f, a), f64(f, y), at(f, y),
                                                f.workers));
            }
            case Window.Spread p -> {
                var g = geometry(p.frame(), y.shape(), a.shape());
                to.kernel(
                        op.name(),
                        List.of(a),
                        List.of(y),
                        single
                                ? f ->
                                        PoolF32.sumTranspose(
                                                g, f32(f, a), at(f, a), f32(f, y), at(f, y),
                                                f.workers)
                                : f ->
                                        PoolF64.sumTranspose(
                                                g, f64(f, a), at(f, a), f64(f, y), at(f, y),
                                                f.workers));
            }
            case Window.Pick p -> {
                var g = geometry(p.frame(), a.shape(), y.shape());
                var k = to.contiguous(e, 1);
                var v = to.contiguous(e, 2);
                to.kernel(
                        op.name(),
                        List.of(a, k, v),
                        List.of(y),
                        single
                                ? f ->
                                        PoolF32.maxTangent(
                                                g, f32(f, a), at(f, a), f32(f, k), at(f, k),
                                                f32(f, v), at(f, v), f32(f, y), at(f, y), f.workers)
                                : f ->
                                        PoolF64.maxTangent(
                                                g, f64(f, a), at(f, a), f64(f, k), at(f, k),
                                                f64(f, v), at(f, v), f64(f, y), at(f, y),
                                                f.workers));
            }
            case Window.Unpick p -> {
                var k = to.contiguous(e, 1);
                var v = to.contiguous(e, 2);
                var g = geometry(p.frame(), a.shape(), v.shape());
                Instruction.Rows.Maker maker =
                        single
                                ? (f, taker) ->
                                        PoolF32.maxCotangentRows(
                                                g, f32(f, a), at(f, a), f32(f, k), at(f, k),
                                                f32(f, v), at(f, v), taker, f.workers, f.scratch)
                                : (f, taker) ->
                                        PoolF64.maxCotangentRows(
                                                g, f64(f, a), at(f, a), f64(f, k), at(f, k),
                                                f64(f, v), at(f, v), taker, f.workers, f.scratch);
                to.kernel(
                        op.name(),
                        List.of(a, k, v),
                        List.of(y),
                        null,
                        PoolF32.suitsRows(g) ? rows(g, y, a, single, maker) : null,
                        single
                                ? f ->
                                        PoolF32.maxCotangent(
                                                g, f32(f, a), at(f, a), f32(f, k), at(f, k),
                                                f32(f, v), at(f, v), f32(f, y), at(f, y), f.workers)
                                : f ->
                                        PoolF64.maxCotangent(
                                                g, f64(f, a), at(f, a), f64(f, k), at(f, k),
                                                f64(f, v), at(f, v), f64(f, y), at(f, y),
                                                f.workers));
            }
        }
    }

    private static Instruction.Rows rows(
            PoolGeometry g, View y, View x, boolean single, Instruction.Rows.Maker maker) {
        int row = y.shape().range(y.shape().rank() - 2, y.shape().rank()).length();
        int parts = single ? PoolF32.parts(g) : PoolF64.parts(g);
        int most = single ? PoolF32.most(g) : PoolF64.most(g);
        return new Instruction.Rows(y, row, parts, most, x, maker);
    }

    private static float[] f32(Frame f, View v) {
        return (float[]) Lowering.array(f, v);
    }

    private static double[] f64(Frame f, View v) {
        return (double[]) Lowering.array(f, v);
    }

    private static int at(Frame f, View v) {
        return Lowering.at(f, v);
    }

    private static PoolGeometry geometry(Window.Frame w, Shape image, Shape windows) {
        int r = w.size().size();
        return new PoolGeometry(
                image.dim(0),
                LowerConvolution.three(Axes.of(image.range(1, r + 1).dims()), 1),
                LowerConvolution.three(Axes.of(windows.range(1, r + 1).dims()), 1),
                LowerConvolution.three(w.size(), 1),
                LowerConvolution.three(w.stride(), 1),
                LowerConvolution.three(w.low(), 0),
                LowerConvolution.three(Axes.repeat(1, r), 1),
                image.dim(r + 1));
    }
}
