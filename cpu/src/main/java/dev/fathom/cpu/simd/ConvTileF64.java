package dev.fathom.cpu.simd;

import java.util.Arrays;

/** Copies rows of the implicit matrix of a convolution out of a {@code double} image. */
final class ConvTileF64 {
    /** Up to here a plain loop is quicker than a call of {@code arraycopy}. */
    private static final int SHORT = 16;

    private ConvTileF64() {}

    /**
     * Writes {@code rows} rows from {@code row} on, with the columns of {@code lines} lines from
     * {@code line} on. A column is (line, tap, channel).
     *
     * @param channel the first channel
     * @param channels the number of channels per tap
     * @param ld elements from one row to the next
     */
    static void gather(
            ConvPatches patches,
            double[] image,
            int offset,
            int row,
            int rows,
            int line,
            int lines,
            int channel,
            int channels,
            double[] to,
            int ld) {
        int[] grid = patches.grid();
        int gw = row % grid[2];
        int rest = row / grid[2];
        int gh = rest % grid[1];
        rest /= grid[1];
        int gd = rest % grid[0];
        int n = rest / grid[0];
        boolean dense = patches.denseLines() && channels == patches.channels();
        for (int r = 0; r < rows; r++) {
            if (dense) {
                denseRow(patches, image, offset, n, gd, gh, gw, line, lines, to, r * ld);
            } else {
                row(
                        patches, image, offset, n, gd, gh, gw, line, lines, channel, channels, to,
                        r * ld);
            }
            if (++gw == grid[2]) {
                gw = 0;
                if (++gh == grid[1]) {
                    gh = 0;
                    if (++gd == grid[0]) {
                        gd = 0;
                        n++;
                    }
                }
            }
        }
    }

    /** A line is one run of the image, cut off at its edges. */
    private static void denseRow(
            ConvPatches patches,
            double[] image,
            int offset,
            int n,
            int gd,
            int gh,
            int gw,
            int line,
            int lines,
            double[] to,
            int at) {
        int depth = patches.image()[0];
        int height = patches.image()[1];
        int width = patches.image()[2];
        int channels = patches.channels();
        int taps = patches.tapsPerLine();
        int[] along0 = patches.offsets()[0];
        int[] along1 = patches.offsets()[1];
        int d0 = gd * patches.step()[0];
        int h0 = gh * patches.step()[1];
        int w = gw * patches.step()[2] + patches.offsets()[2][0];
        int from = Math.clamp(-w, 0, taps);
        int until = Math.clamp(width - w, from, taps);
        int a = line / along1.length;
        int b = line - a * along1.length;
        for (int i = 0; i < lines; i++) {
            int d = d0 + along0[a];
            int h = h0 + along1[b];
            int end = at + taps * channels;
            if (d < 0 || d >= depth || h < 0 || h >= height || from == until) {
                zero(to, at, end);
            } else {
                zero(to, at, at + from * channels);
                int source =
                        offset + (((n * depth + d) * height + h) * width + w + from) * channels;
                copy(image, source, to, at + from * channels, (until - from) * channels);
                zero(to, at + until * channels, end);
            }
            at = end;
            if (++b == along1.length) {
                b = 0;
                a++;
            }
        }
    }

    private static void row(
            ConvPatches patches,
            double[] image,
            int offset,
            int n,
            int gd,
            int gh,
            int gw,
            int line,
            int lines,
            int channel,
            int channels,
            double[] to,
            int at) {
        int depth = patches.image()[0];
        int height = patches.image()[1];
        int width = patches.image()[2];
        int[] along1 = patches.offsets()[1];
        int[] along2 = patches.offsets()[2];
        int w0 = gw * patches.step()[2];
        for (int i = line; i < line + lines; i++) {
            int d = gd * patches.step()[0] + patches.offsets()[0][i / along1.length];
            int h = gh * patches.step()[1] + along1[i % along1.length];
            boolean outside = d < 0 || d >= depth || h < 0 || h >= height;
            int base = ((n * depth + d) * height + h) * width;
            for (int t = 0; t < along2.length; t++) {
                int w = w0 + along2[t];
                if (outside || w < 0 || w >= width) {
                    zero(to, at, at + channels);
                } else {
                    int source = offset + (base + w) * patches.channels() + channel;
                    copy(image, source, to, at, channels);
                }
                at += channels;
            }
        }
    }

    private static void copy(double[] from, int at, double[] to, int too, int length) {
        if (length > SHORT) {
            System.arraycopy(from, at, to, too, length);
        } else {
            for (int i = 0; i < length; i++) {
                to[too + i] = from[at + i];
            }
        }
    }

    private static void zero(double[] to, int from, int end) {
        if (from < end) {
            Arrays.fill(to, from, end, 0);
        }
    }
}
