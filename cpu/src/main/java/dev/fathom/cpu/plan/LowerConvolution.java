package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Contraction.Geometry;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.cpu.simd.ConvF32;
import dev.fathom.cpu.simd.ConvF64;
import dev.fathom.cpu.simd.ConvGeometry;

import java.util.Arrays;
import java.util.List;

/** Convolutions and their transposes; one and two spatial axes are three with ones in front. */
final class LowerConvolution {
    private LowerConvolution() {}

    static void forward(Lowering to, Equation e, Geometry g) {
        var x = to.contiguous(e, 0);
        var w = to.contiguous(e, 1);
        var y = to.result(e, 0);
        var c = geometry(g, x.shape(), w.shape(), y.shape());
        to.kernel(
                "conv " + x.shape() + " * " + w.shape(),
                List.of(x, w),
                List.of(y),
                single(x)
                        ? f ->
                                ConvF32.forward(
                                        c, f32(f, x), at(f, x), f32(f, w), at(f, w), f32(f, y),
                                        at(f, y), f.workers, f.scratch)
                        : f ->
                                ConvF64.forward(
                                        c, f64(f, x), at(f, x), f64(f, w), at(f, w), f64(f, y),
                                        at(f, y), f.workers, f.scratch));
    }

    static void input(Lowering to, Equation e, Geometry g) {
        var dy = to.contiguous(e, 0);
        var w = to.contiguous(e, 1);
        var dx = to.result(e, 0);
        var c = geometry(g, dx.shape(), w.shape(), dy.shape());
        to.kernel(
                "convInput " + dx.shape() + " * " + w.shape(),
                List.of(dy, w),
                List.of(dx),
                single(dy)
                        ? f ->
                                ConvF32.inputGradient(
                                        c,
                                        f32(f, dy),
                                        at(f, dy),
                                        f32(f, w),
                                        at(f, w),
                                        f32(f, dx),
                                        at(f, dx),
                                        f.workers,
                                        f.scratch)
                        : f ->
                                ConvF64.inputGradient(
                                        c,
                                        f64(f, dy),
                                        at(f, dy),
                                        f64(f, w),
                                        at(f, w),
                                        f64(f, dx),
                                        at(f, dx),
                                        f.workers,
                                        f.scratch));
    }

    static void kernel(Lowering to, Equation e, Geometry g) {
        var x = to.contiguous(e, 0);
        var dy = to.contiguous(e, 1);
        var dw = to.result(e, 0);
        var c = geometry(g, x.shape(), dw.shape(), dy.shape());
        to.kernel(
                "convKernel " + x.shape() + " * " + dw.shape(),
                List.of(x, dy),
                List.of(dw),
                single(x)
                        ? f ->
                                ConvF32.kernelGradient(
                                        c,
                                        f32(f, x),
                                        at(f, x),
                                        f32(f, dy),
                                        at(f, dy),
                                        f32(f, dw),
                                        at(f, dw),
                                        f.workers,
                                        f.scratch)
                        : f ->
                                ConvF64.kernelGradient(
                                        c,
                                        f64(f, x),
                                        at(f, x),
                                        f64(f, dy),
                                        at(f, dy),
                                        f64(f, dw),
                                        at(f, dw),
                                        f.workers,
                                        f.scratch));
    }

    /** A kernel gradient for each sample. */
    static void kernels(Lowering to, Equation e, Geometry g, int samples) {
        var x = to.contiguous(e, 0);
        var dy = to.contiguous(e, 1);
        var dw = to.result(e, 0);
        var kernel = dw.shape().range(1, dw.shape().rank());
        var c = geometry(g, x.shape(), kernel, dy.shape());
        to.kernel(
                "convKernels " + x.shape() + " * " + dw.shape(),
                List.of(x, dy),
                List.of(dw),
                single(x)
                        ? f ->
                                ConvF32.kernelGradients(
                                        c,
                                        samples,
                                        f32(f, x),
                                        at(f, x),
                                        f32(f, dy),
                                        at(f, dy),
                                        f32(f, dw),
                                        at(f, dw),
                                        f.workers,
                                        f.scratch)
                        : f ->
                                ConvF64.kernelGradients(
                                        c,
                                        samples,
                                        f64(f, x),
                                        at(f, x),
                                        f64(f, dy),
                                        at(f, dy),
                                        f64(f, dw),
                                        at(f, dw),
                                        f.workers,
                                        f.scratch));
    }

    private static boolean single(View v) {
        return v.type().dtype() == DType.FLOAT32;
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

    private static ConvGeometry geometry(Geometry g, Shape x, Shape w, Shape y) {
        int r = g.rank();
        return new ConvGeometry(
                x.dim(0),
                three(Axes.of(x.range(1, r + 1).dims()), 1),
                three(Axes.of(y.range(1, r + 1).dims()), 1),
                three(Axes.of(w.range(0, r).dims()), 1),
                three(g.stride(), 1),
                three(g.low(), 0),
                three(g.dilation(), 1),
                x.dim(r + 1),
                y.dim(r + 1),
                g.groups());
    }

    /** The numbers of one to three axes as those of three. */
    static int[] three(Axes values, int missing) {
        var r = new int[3];
        Arrays.fill(r, missing);
        for (int i = 0; i < values.size(); i++) {
            r[3 - values.size() + i] = values.get(i);
        }
        return r;
    }
}
