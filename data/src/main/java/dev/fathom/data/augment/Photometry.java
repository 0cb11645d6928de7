package dev.fathom.data.augment;

import dev.fathom.data.augment.Augmentation.Layout;
import dev.fathom.data.error.MalformedDataException;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Augmentations that change values and leave pixels where they are. The operations are those of the
 * Python Imaging Library (ImageEnhance and ImageOps), on values from 0 to 1 where it has bytes; the
 * result is held in [0, 1] as it holds it in 0 to 255.
 */
final class Photometry {
    private Photometry() {}

    /** {@link Augmentation#colour}. */
    record Colour(double brightness, double contrast, double saturation) implements Augmentation {
        Colour {
            for (double v : new double[] {brightness, contrast, saturation}) {
                Check.number(
                        "colour", "change", v, v >= 0 && v <= 100, "at least 0 and at most 100");
            }
        }

        @Override
        public void apply(float[] images, int at, Layout layout, RandomGenerator random) {
            refuseNormalised("colour", images, at, layout);
            Photometry.brightness(images, at, layout, factor(brightness, random));
            Photometry.contrast(images, at, layout, factor(contrast, random));
            Photometry.saturation(images, at, layout, factor(saturation, random));
        }

        private static double factor(double change, RandomGenerator random) {
            double least = Math.max(0, 1 - change);
            return least + (1 + change - least) * random.nextDouble();
        }

        @Override
        public String toString() {
            return "colour "
                    + Check.text(brightness)
                    + " "
                    + Check.text(contrast)
                    + " "
                    + Check.text(saturation);
        }
    }

    /** {@link Augmentation#noise}. */
    record Noise(double deviation) implements Augmentation {
        Noise {
            Check.above("noise", "deviation", deviation, 1e6);
        }

        @Override
        public void apply(float[] images, int at, Layout l, RandomGenerator random) {
            for (int i = at; i < at + size(l); i++) {
                images[i] += (float) (deviation * random.nextGaussian());
            }
        }

        @Override
        public String toString() {
            return "noise " + Check.text(deviation);
        }
    }

    /** {@link Augmentation#unnormalised}. */
    record Unnormalised(Augmentation inner, List<Float> mean, List<Float> deviation)
            implements Augmentation {
        Unnormalised {
            mean = List.copyOf(mean);
            deviation = List.copyOf(deviation);
            if (mean.isEmpty() || mean.size() != deviation.size()) {
                throw new MalformedDataException(
                        "unnormalised: "
                                + mean.size()
                                + " means and "
                                + deviation.size()
                                + " deviations; give one of each for every channel, those of the"
                                + " data's Normalisation");
            }
        }

        @Override
        public void apply(float[] images, int at, Layout l, RandomGenerator random) {
            if (mean.size() != l.channels()) {
                throw new MalformedDataException(
                        "unnormalised: means of "
                                + mean.size()
                                + " channels for images of "
                                + l.channels());
            }
            for (int i = 0; i < size(l); i++) {
                int k = i % l.channels();
                images[at + i] = images[at + i] * deviation.get(k) + mean.get(k);
            }
            inner.apply(images, at, l, random);
            for (int i = 0; i < size(l); i++) {
                int k = i % l.channels();
                images[at + i] = (images[at + i] - mean.get(k)) / deviation.get(k);
            }
        }

        @Override
        public String toString() {
            return inner + ", unnormalised";
        }
    }

    static int size(Layout l) {
        return l.height() * l.width() * l.channels();
    }

    /** Pixels from 0 to 1, give or take noise; normalised ones reach farther on one side. */
    static void refuseNormalised(String what, float[] images, int at, Layout l) {
        for (int i = at; i < at + size(l); i++) {
            if (!(images[i] >= -0.5f && images[i] <= 1.5f)) {
                throw new MalformedDataException(
                        what
                                + ": an image has the value "
                                + images[i]
                                + "; values must be from 0 to 1. On normalised data:"
                                + " augmentation.unnormalised(norm.mean(), norm.deviation()) of the"
                                + " data's Normalisation");
            }
        }
    }

    private static float held(double value) {
        return (float) Math.clamp(value, 0, 1);
    }

    /** other + factor · (image − other): 0 gives the other, 1 the image. */
    private static float blend(double other, double value, double factor) {
        return held(other + factor * (value - other));
    }

    /** ImageEnhance.Brightness: between black and the image. */
    static void brightness(float[] x, int at, Layout l, double factor) {
        for (int i = at; i < at + size(l); i++) {
            x[i] = blend(0, x[i], factor);
        }
    }

    /**
     * ImageEnhance.Contrast: between the mean of the grey image and the image. The mean is not
     * rounded to whole levels.
     */
    static void contrast(float[] x, int at, Layout l, double factor) {
        double sum = 0;
        for (int i = at; i < at + size(l); i += l.channels()) {
            sum += grey(x, i, l.channels());
        }
        double mean = sum / (l.height() * l.width());
        for (int i = at; i < at + size(l); i++) {
            x[i] = blend(mean, x[i], factor);
        }
    }

    /** ImageEnhance.Color: between the grey image and the image. */
    static void saturation(float[] x, int at, Layout l, double factor) {
        if (l.channels() == 1) {
            return; // grey already
        }
        for (int i = at; i < at + size(l); i += l.channels()) {
            double grey = grey(x, i, l.channels());
            for (int k = 0; k < l.channels(); k++) {
                x[i + k] = blend(grey, x[i + k], factor);
            }
        }
    }

    /** PIL's L: 0.299 red + 0.587 green + 0.114 blue (ITU-R 601-2); otherwise the mean. */
    private static double grey(float[] x, int i, int channels) {
        if (channels == 3) {
            return 0.299 * x[i] + 0.587 * x[i + 1] + 0.114 * x[i + 2];
        }
        double sum = 0;
        for (int k = 0; k < channels; k++) {
            sum += x[i + k];
        }
        return sum / channels;
    }

    /**
     * ImageEnhance.Sharpness: between the image smoothed by the 3 × 3 kernel of ones with a 5 in
     * the middle, over 13, and the image; the edge is not smoothed.
     */
    static void sharpness(float[] x, int at, Layout l, double factor) {
        float[] before = Arrays.copyOfRange(x, at, at + size(l));
        int c = l.channels();
        int row = l.width() * c;
        for (int r = 0; r < l.height(); r++) {
            for (int q = 0; q < l.width(); q++) {
                boolean edge = r == 0 || q == 0 || r == l.height() - 1 || q == l.width() - 1;
                for (int k = 0; k < c; k++) {
                    int i = r * row + q * c + k;
                    double smooth = before[i];
                    if (!edge) {
                        smooth *= 4;
                        for (int near = i - row; near <= i + row; near += row) {
                            smooth += before[near - c] + before[near] + before[near + c];
                        }
                        smooth /= 13;
                    }
                    x[at + i] = blend(smooth, before[i], factor);
                }
            }
        }
    }

    /** ImageOps.solarize: values of at least the threshold are turned round. */
    static void solarise(float[] x, int at, Layout l, double threshold) {
        for (int i = at; i < at + size(l); i++) {
            x[i] = held(x[i] >= threshold ? 1 - x[i] : x[i]);
        }
    }

    /** ImageOps.posterize: the highest {@code bits} of eight. */
    static void posterise(float[] x, int at, Layout l, int bits) {
        int kept = 0xff & -(1 << (8 - bits));
        for (int i = at; i < at + size(l); i++) {
            x[i] = (level(x[i]) & kept) / 255f;
        }
    }

    private static int level(float value) {
        return Math.clamp((int) Math.rint(value * 255.0), 0, 255);
    }

    /**
     * ImageOps.autocontrast: each channel from its darkest value to its lightest on all of [0, 1].
     */
    static void autoContrast(float[] x, int at, Layout l) {
        for (int k = 0; k < l.channels(); k++) {
            float least = Float.POSITIVE_INFINITY;
            float most = Float.NEGATIVE_INFINITY;
            for (int i = at + k; i < at + size(l); i += l.channels()) {
                least = Math.min(least, x[i]);
                most = Math.max(most, x[i]);
            }
            if (most > least) {
                for (int i = at + k; i < at + size(l); i += l.channels()) {
                    x[i] = (x[i] - least) / (most - least);
                }
            }
        }
    }

    /** ImageOps.equalize: each channel so that all 256 levels are about as frequent. */
    static void equalise(float[] x, int at, Layout l) {
        for (int k = 0; k < l.channels(); k++) {
            var counts = new int[256];
            int last = 0;
            for (int i = at + k; i < at + size(l); i += l.channels()) {
                int level = level(x[i]);
                counts[level]++;
                last = Math.max(last, level);
            }
            int step = (l.height() * l.width() - counts[last]) / 255;
            if (step == 0) {
                continue; // too few pixels to spread
            }
            var table = new float[256];
            int below = step / 2;
            for (int level = 0; level < 256; level++) {
                table[level] = Math.min(255, below / step) / 255f;
                below += counts[level];
            }
            for (int i = at + k; i < at + size(l); i += l.channels()) {
                x[i] = table[level(x[i])];
            }
        }
    }
}
