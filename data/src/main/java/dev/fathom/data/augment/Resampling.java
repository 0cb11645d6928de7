package dev.fathom.data.augment;

import dev.fathom.data.augment.Augmentation.Layout;

import java.util.Arrays;

/**
 * Images whose pixels come from between others, by bilinear interpolation: the four neighbours of a
 * place count by how near they are, those outside the image are 0. At whole rows and columns it is
 * exact.
 */
final class Resampling {
    private Resampling() {}

    /**
     * Pixel (y, x), counted from the middle of the image, down and to the right, is taken from row
     * {@code yy y + yx x + y0} and column {@code xy y + xx x + x0} of the image before.
     */
    record Affine(double yy, double yx, double y0, double xy, double xx, double x0) {
        void apply(float[] images, int at, Layout l) {
            float[] before = before(images, at, l);
            double middleRow = (l.height() - 1) / 2.0;
            double middleColumn = (l.width() - 1) / 2.0;
            for (int r = 0; r < l.height(); r++) {
                double y = r - middleRow;
                for (int c = 0; c < l.width(); c++) {
                    double x = c - middleColumn;
                    sample(
                            before,
                            l,
                            middleRow + yy * y + yx * x + y0,
                            middleColumn + xy * y + xx * x + x0,
                            images,
                            at + (r * l.width() + c) * l.channels());
                }
            }
        }
    }

    /** The picture moved down and to the right by so many pixels. */
    static Affine shift(double down, double right) {
        return new Affine(1, 0, -down, 0, 1, -right);
    }

    /** The picture turned about its middle, against the clock; whole right angles are exact. */
    static Affine rotate(double degrees) {
        double sin;
        double cos;
        if (degrees % 90 == 0) {
            int quarter = Math.floorMod((int) (degrees / 90), 4);
            sin = quarter == 1 ? 1 : quarter == 3 ? -1 : 0;
            cos = quarter == 0 ? 1 : quarter == 2 ? -1 : 0;
        } else { // StrictMath: the same bits on every machine
            sin = StrictMath.sin(Math.toRadians(degrees));
            cos = StrictMath.cos(Math.toRadians(degrees));
        }
        return new Affine(cos, sin, 0, -sin, cos, 0);
    }

    /** Row y, counted from the middle, moved to the left by {@code slope} · y pixels. */
    static Affine shearRows(double slope) {
        return new Affine(1, 0, 0, slope, 1, 0);
    }

    /** Column x, counted from the middle, moved up by {@code slope} · x pixels. */
    static Affine shearColumns(double slope) {
        return new Affine(1, slope, 0, 0, 1, 0);
    }

    /** The picture made larger about its middle by a factor. */
    static Affine scale(double factor) {
        return new Affine(1 / factor, 0, 0, 0, 1 / factor, 0);
    }

    /** Every pixel taken from where it is displaced to: by {@code rows} and {@code columns}. */
    static void displace(float[] images, int at, Layout l, double[] rows, double[] columns) {
        float[] before = before(images, at, l);
        for (int r = 0; r < l.height(); r++) {
            for (int c = 0; c < l.width(); c++) {
                int i = r * l.width() + c;
                sample(before, l, r + rows[i], c + columns[i], images, at + i * l.channels());
            }
        }
    }

    private static float[] before(float[] images, int at, Layout l) {
        return Arrays.copyOfRange(images, at, at + l.height() * l.width() * l.channels());
    }

    private static void sample(
            float[] image, Layout l, double row, double column, float[] into, int to) {
        int channels = l.channels();
        if (!(row > -1 && row < l.height() && column > -1 && column < l.width())) {
            Arrays.fill(into, to, to + channels, 0);
            return;
        }
        int r = (int) Math.floor(row);
        int c = (int) Math.floor(column);
        double below = row - r;
        double right = column - c;
        for (int k = 0; k < channels; k++) {
            double upper =
                    (1 - right) * pixel(image, l, r, c, k) + right * pixel(image, l, r, c + 1, k);
            double lower =
                    (1 - right) * pixel(image, l, r + 1, c, k)
                            + right * pixel(image, l, r + 1, c + 1, k);
            into[to + k] = (float) ((1 - below) * upper + below * lower);
        }
    }

    private static float pixel(float[] image, Layout l, int r, int c, int k) {
        return r < 0 || r >= l.height() || c < 0 || c >= l.width()
                ? 0
                : image[(r * l.width() + c) * l.channels() + k];
    }
}
