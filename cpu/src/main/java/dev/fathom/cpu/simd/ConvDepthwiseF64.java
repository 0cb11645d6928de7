package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Workers;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/**
 * Convolution of each channel with a window of its own, in {@code double}: channels lie in lanes.
 *
 * <p>There is no matrix product here, one multiply-add per element read, so the images are read
 * where they lie and padding is skipped. A task is one line of the result along the width.
 */
final class ConvDepthwiseF64 {
    private static final VectorSpecies<Double> S = Width.F64;
    private static final int L = S.length();
    private static final Class<DoubleVector> V = Width.kind(S);
    private static final DoubleVector ZERO = DoubleVector.zero(S);

    private ConvDepthwiseF64() {}

    static void forward(
            ConvGeometry g,
            double[] x,
            int xo,
            double[] w,
            int wo,
            double[] y,
            int yo,
            Workers workers) {
        int[] in = g.in();
        int[] out = g.out();
        int[] kernel = g.kernel();
        int[] step = g.stride();
        int[] pad = g.padLow();
        int[] dilation = g.dilation();
        int channels = g.ci();
        workers.runRange(
                g.batch() * out[0] * out[1],
                4,
                (first, last) -> {
                    for (int row = first; row < last; row++) {
                        int image = row / (out[0] * out[1]) * in[0];
                        int d0 = row / out[1] % out[0] * step[0] - pad[0];
                        int h0 = row % out[1] * step[1] - pad[1];
                        int to = yo + row * out[2] * channels;
                        Arrays.fill(y, to, to + out[2] * channels, 0);
                        for (int a = 0; a < kernel[0]; a++) {
                            for (int b = 0; b < kernel[1]; b++) {
                                int d = d0 + a * dilation[0];
                                int h = h0 + b * dilation[1];
                                if (d < 0 || d >= in[0] || h < 0 || h >= in[1]) {
                                    continue;
                                }
                                int from = xo + ((image + d) * in[1] + h) * in[2] * channels;
                                int tap = wo + (a * kernel[1] + b) * kernel[2] * channels;
                                for (int t = 0; t < kernel[2]; t++) {
                                    int shift = t * dilation[2] - pad[2];
                                    int lo = low(shift, step[2], out[2]);
                                    int hi = high(shift, step[2], in[2], out[2]);
                                    multiply(
                                            hi - lo,
                                            channels,
                                            x,
                                            from + (lo * step[2] + shift) * channels,
                                            step[2] * channels,
                                            w,
                                            tap + t * channels,
                                            y,
                                            to + lo * channels,
                                            channels);
                                }
                            }
                        }
                    }
                });
    }

    static void inputGradient(
            ConvGeometry g,
            double[] dy,
            int yo,
            double[] w,
            int wo,
            double[] dx,
            int xo,
            Workers workers) {
        int[] in = g.in();
        int[] out = g.out();
        int[] kernel = g.kernel();
        int[] step = g.stride();
        int[] pad = g.padLow();
        int[] dilation = g.dilation();
        int channels = g.ci();
        workers.runRange(
                g.batch() * in[0] * in[1],
                4,
                (first, last) -> {
                    for (int row = first; row < last; row++) {
                        int image = row / (in[0] * in[1]) * out[0];
                        int d0 = row / in[1] % in[0] + pad[0];
                        int h0 = row % in[1] + pad[1];
                        int to = xo + row * in[2] * channels;
                        Arrays.fill(dx, to, to + in[2] * channels, 0);
                        for (int a = 0; a < kernel[0]; a++) {
                            for (int b = 0; b < kernel[1]; b++) {
                                int d = d0 - a * dilation[0];
                                int h = h0 - b * dilation[1];
                                if (!meets(d, step[0], out[0]) || !meets(h, step[1], out[1])) {
                                    continue;
                                }
                                int line = (image + d / step[0]) * out[1] + h / step[1];
                                int from = yo + line * out[2] * channels;
                                int tap = wo + (a * kernel[1] + b) * kernel[2] * channels;
                                for (int t = 0; t < kernel[2]; t++) {
                                    int shift = t * dilation[2] - pad[2];
                                    int lo = low(shift, step[2], out[2]);
                                    int hi = high(shift, step[2], in[2], out[2]);
                                    multiply(
                                            hi - lo,
                                            channels,
                                            dy,
                                            from + lo * channels,
                                            channels,
                                            w,
                                            tap + t * channels,
                                            dx,
                                            to + (lo * step[2] + shift) * channels,
                                            step[2] * channels);
                                }
                            }
                        }
                    }
                });
    }

    /** Part p of the sums goes to {@code so + p * kernelSize}; a part is a range of lines of dy. */
    static void kernelGradient(
            ConvGeometry g,
            double[] x,
            int xo,
            double[] dy,
            int yo,
            double[] sums,
            int so,
            int parts,
            Workers workers) {
        int[] in = g.in();
        int[] out = g.out();
        int[] kernel = g.kernel();
        int[] step = g.stride();
        int[] pad = g.padLow();
        int[] dilation = g.dilation();
        int channels = g.ci();
        int size = g.kernelSize();
        int rows = g.batch() * out[0] * out[1];
        workers.run(
                parts,
                part -> {
                    int base = so + part * size;
                    Arrays.fill(sums, base, base + size, 0);
                    int last = (int) ((long) rows * (part + 1) / parts);
                    for (int row = (int) ((long) rows * part / parts); row < last; row++) {
                        int image = row / (out[0] * out[1]) * in[0];
                        int d0 = row / out[1] % out[0] * step[0] - pad[0];
                        int h0 = row % out[1] * step[1] - pad[1];
                        int at = yo + row * out[2] * channels;
                        for (int a = 0; a < kernel[0]; a++) {
                            for (int b = 0; b < kernel[1]; b++) {
                                int d = d0 + a * dilation[0];
                                int h = h0 + b * dilation[1];
                                if (d < 0 || d >= in[0] || h < 0 || h >= in[1]) {
                                    continue;
                                }
                                int from = xo + ((image + d) * in[1] + h) * in[2] * channels;
                                int tap = base + (a * kernel[1] + b) * kernel[2] * channels;
                                for (int t = 0; t < kernel[2]; t++) {
                                    int shift = t * dilation[2] - pad[2];
                                    int lo = low(shift, step[2], out[2]);
                                    int hi = high(shift, step[2], in[2], out[2]);
                                    correlate(
                                            hi - lo,
                                            channels,
                                            x,
                                            from + (lo * step[2] + shift) * channels,
                                            step[2] * channels,
                                            dy,
                                            at + lo * channels,
                                            sums,
                                            tap + t * channels);
                                }
                            }
                        }
                    }
                });
    }

    /** The first o of {@code [0, out)} with {@code o * step + shift >= 0}. */
    private static int low(int shift, int step, int out) {
        return Math.clamp(Math.ceilDiv(-shift, step), 0, out);
    }

    /** The first o from there on with {@code o * step + shift >= in}. */
    private static int high(int shift, int step, int in, int out) {
        return Math.max(low(shift, step, out), Math.clamp(Math.ceilDiv(in - shift, step), 0, out));
    }

    private static boolean meets(int distance, int step, int out) {
        return distance >= 0 && distance % step == 0 && distance / step < out;
    }

    /** to[i] += from[i] * w for {@code n} points of {@code channels} channels. */
    private static void multiply(
            int n,
            int channels,
            double[] from,
            int at,
            int stepFrom,
            double[] w,
            int wo,
            double[] to,
            int too,
            int stepTo) {
        for (int c = 0; c < channels; c += L) {
            VectorMask<Double> in = S.indexInRange(c, channels);
            DoubleVector weight = V.cast(DoubleVector.fromArray(S, w, wo + c, in));
            for (int i = 0; i < n; i++) {
                int t = too + c + i * stepTo;
                DoubleVector v = V.cast(DoubleVector.fromArray(S, from, at + c + i * stepFrom, in));
                v.fma(weight, V.cast(DoubleVector.fromArray(S, to, t, in))).intoArray(to, t, in);
            }
        }
    }

    /** sum += sum over i of a[i] * b[i] for {@code n} points of {@code channels} channels. */
    private static void correlate(
            int n,
            int channels,
            double[] a,
            int ao,
            int stepA,
            double[] b,
            int bo,
            double[] sum,
            int so) {
        for (int c = 0; c < channels; c += L) {
            VectorMask<Double> in = S.indexInRange(c, channels);
            DoubleVector s = ZERO.broadcast(0f);
            for (int i = 0; i < n; i++) {
                DoubleVector v = V.cast(DoubleVector.fromArray(S, a, ao + c + i * stepA, in));
                s = v.fma(V.cast(DoubleVector.fromArray(S, b, bo + c + i * channels, in)), s);
            }
            V.cast(DoubleVector.fromArray(S, sum, so + c, in)).add(s).intoArray(sum, so + c, in);
        }
    }
}
