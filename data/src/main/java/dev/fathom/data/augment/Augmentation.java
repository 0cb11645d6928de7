package dev.fathom.data.augment;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A random change of an image, in place. What lies outside the image is 0, which is the mean where
 * the data is normalised. {@link #toString} says what it is, for the record of a run.
 */
public interface Augmentation {
    /** How an image lies in its array: rows of pixels, the channels of a pixel side by side. */
    record Layout(int height, int width, int channels) {}

    /**
     * Changes one image.
     *
     * @param images holds the image from element {@code at} on
     * @param random for this image alone
     */
    void apply(float[] images, int at, Layout layout, RandomGenerator random);

    /** This, and then {@code next}. */
    default Augmentation then(Augmentation next) {
        return new Chain(this, next);
    }

    /**
     * The image with {@code padding} zeros around it, and a window of the old size out of that, at
     * any place with the same probability. A. Krizhevsky, I. Sutskever, G. Hinton, 2012, section
     * 4.1; with padding: C.-Y. Lee et al., "Deeply-supervised nets", 2015.
     */
    static Augmentation crop(int padding) {
        return new Crop(padding);
    }

    /** Left and right exchanged, with probability 1/2. */
    static Augmentation flip() {
        return new Flip();
    }

    /**
     * A square of {@code size} × {@code size} zeros whose middle is any pixel; it may reach over
     * the edge. T. DeVries and G. Taylor, "Improved regularization of convolutional neural networks
     * with cutout", 2017, section 3.2.
     */
    static Augmentation erase(int size) {
        return new Erase(size);
    }

    /** Above and below exchanged, with probability 1/2. */
    static Augmentation flipVertically() {
        return new FlipVertically();
    }

    /**
     * The picture moved down and to the right by any distances up to {@code pixels}, which need not
     * be whole, to either side. What comes between pixels is interpolated from four, as in all that
     * moves pixels by fractions here.
     *
     * @param pixels above 0
     */
    static Augmentation shift(double pixels) {
        return new Geometry.Shift(pixels);
    }

    /**
     * The picture turned about its middle by any angle up to {@code degrees}, to either side.
     *
     * @param degrees above 0, at most 180
     */
    static Augmentation rotate(double degrees) {
        return new Geometry.Rotate(degrees);
    }

    /**
     * The picture slanted about its middle: each row, or with the same probability each column,
     * moved along itself by s pixels more than the one before, for any s up to {@code slope}, to
     * either side.
     *
     * @param slope the tangent of the angle, above 0
     */
    static Augmentation shear(double slope) {
        return new Geometry.Shear(slope);
    }

    /**
     * The picture made larger or smaller about its middle by any factor between the two.
     *
     * @param least above 0
     * @param most above {@code least}
     */
    static Augmentation scale(double least, double most) {
        return new Geometry.Scale(least, most);
    }

    /**
     * Elastic distortion, as of the hand that writes: every pixel is taken from a place displaced
     * by α times a field of uniform noise on [−1, 1], one for rows and one for columns, each
     * smoothed by a Gaussian of width σ. P. Simard, D. Steinkraus, J. Platt, "Best practices for
     * convolutional neural networks applied to visual document analysis", ICDAR 2003, section 2.
     * They use σ = 4 and α = 34 for digits of 29 × 29; our Gaussian is cut at 3σ, and outside the
     * image the noise is 0.
     *
     * @param alpha α in pixels, above 0
     * @param sigma σ in pixels, above 0
     */
    static Augmentation elastic(double alpha, double sigma) {
        return new Geometry.Elastic(alpha, sigma);
    }

    /**
     * Brightness, contrast and saturation, in this order, each blended by a factor of its own from
     * max(0, 1 − change) to 1 + change: with black, with the mean of the grey image, with the grey
     * image. The definitions are those of PIL's ImageEnhance; the result is held in [0, 1]. For
     * values from 0 to 1: see {@link #unnormalised} for others.
     *
     * @param brightness change, at least 0
     * @param contrast change, at least 0
     * @param saturation change, at least 0; without effect on grey images
     * @throws dev.fathom.data.error.MalformedDataException when a batch is made, if the values are
     *     plainly not from 0 to 1
     */
    static Augmentation colour(double brightness, double contrast, double saturation) {
        return new Photometry.Colour(brightness, contrast, saturation);
    }

    /**
     * A normal number added to each value.
     *
     * @param deviation of these, in units of the values, above 0
     */
    static Augmentation noise(double deviation) {
        return new Photometry.Noise(deviation);
    }

    /**
     * RandAugment: {@code count} operations one after the other, each drawn from fourteen, all as
     * strong as {@code magnitude} says. E. Cubuk, B. Zoph, J. Shlens, Q. Le, NeurIPS 2020, section
     * 3. The operations and their ranges are those of AutoAugment (E. Cubuk et al., CVPR 2019,
     * table 6): identity, automatic contrast, equalise, rotate (30° at magnitude 10), solarise,
     * saturation, posterise (to 4 bits), contrast, brightness, sharpness (a factor of 1 ± 0.9),
     * shear rows and columns (slope 0.3), shift in either direction (150/331 of the side). Signs
     * are drawn. Where we differ from the authors' program: a greater magnitude is a stronger
     * change for all of them, while theirs makes solarise and posterise weaker and leaves colours
     * alone at 5; what comes from outside is 0. For values from 0 to 1: see {@link #unnormalised}
     * for others.
     *
     * @param count operations to an image, at least 1, often 2
     * @param magnitude from 0 to 10
     * @throws dev.fathom.data.error.MalformedDataException when a batch is made, if the values are
     *     plainly not from 0 to 1
     */
    static Augmentation randAugment(int count, double magnitude) {
        return new RandAugment(count, magnitude);
    }

    /**
     * This with the given probability, otherwise the image as it is.
     *
     * @param probability in [0, 1]
     */
    default Augmentation sometimes(double probability) {
        return new Sometimes(this, probability);
    }

    /**
     * This on the values before normalisation: each value is multiplied by its channel's deviation
     * and its mean is added, and the other way round afterwards. {@link #colour} and {@link
     * #randAugment} need it where the data is normalised.
     *
     * @param mean of each channel, from the data's normalisation
     * @param deviation of each channel
     */
    default Augmentation unnormalised(List<Float> mean, List<Float> deviation) {
        return new Photometry.Unnormalised(this, mean, deviation);
    }

    /** {@link #sometimes}. */
    record Sometimes(Augmentation inner, double probability) implements Augmentation {
        /** Checks the probability. */
        public Sometimes {
            boolean good = probability >= 0 && probability <= 1;
            Check.number("sometimes", "probability", probability, good, "in [0, 1]");
        }

        @Override
        public void apply(float[] images, int at, Layout layout, RandomGenerator random) {
            if (random.nextDouble() < probability) {
                inner.apply(images, at, layout, random);
            }
        }

        @Override
        public String toString() {
            return "(" + inner + ") with probability " + probability;
        }
    }

    /** One after the other. */
    record Chain(Augmentation first, Augmentation second) implements Augmentation {
        @Override
        public void apply(float[] images, int at, Layout layout, RandomGenerator random) {
            first.apply(images, at, layout, random);
            second.apply(images, at, layout, random);
        }

        @Override
        public String toString() {
            return first + ", " + second;
        }
    }

    /** {@link #crop}. */
    record Crop(int padding) implements Augmentation {
        static final int LONGEST_SIDE = 1 << 14; // of an image: see ImageSize

        /** Checks the padding. */
        public Crop {
            Check.whole("crop", "padding", padding, LONGEST_SIDE);
        }

        @Override
        public void apply(float[] images, int at, Layout l, RandomGenerator random) {
            move(
                    images,
                    at,
                    l,
                    random.nextInt(2 * padding + 1) - padding,
                    random.nextInt(2 * padding + 1) - padding);
        }

        /** Row r becomes row r + down of before, and so the columns; zeros from outside. */
        static void move(float[] images, int at, Layout l, int down, int right) {
            int row = l.width() * l.channels();
            int shift = right * l.channels();
            int kept = Math.max(0, row - Math.abs(shift));
            int h = l.height();
            for (int i = 0; i < h; i++) {
                int r = down >= 0 ? i : h - 1 - i; // no row is overwritten before it is read
                int to = at + r * row;
                int from = r + down;
                if (from < 0 || from >= h) {
                    Arrays.fill(images, to, to + row, 0);
                    continue;
                }
                int source = at + from * row;
                System.arraycopy(
                        images,
                        source + Math.max(0, Math.min(shift, row)),
                        images,
                        to + Math.max(0, Math.min(-shift, row)),
                        kept);
                if (shift >= 0) {
                    Arrays.fill(images, to + kept, to + row, 0);
                } else {
                    Arrays.fill(images, to, to + row - kept, 0);
                }
            }
        }

        @Override
        public String toString() {
            return "crop " + padding;
        }
    }

    /** {@link #flip}. */
    record Flip() implements Augmentation {
        @Override
        public void apply(float[] images, int at, Layout l, RandomGenerator random) {
            if (random.nextBoolean()) {
                mirror(images, at, l);
            }
        }

        static void mirror(float[] images, int at, Layout l) {
            int c = l.channels();
            for (int r = 0; r < l.height(); r++) {
                int left = at + r * l.width() * c;
                int right = left + (l.width() - 1) * c;
                for (; left < right; left += c, right -= c) {
                    for (int k = 0; k < c; k++) {
                        float swapped = images[left + k];
                        images[left + k] = images[right + k];
                        images[right + k] = swapped;
                    }
                }
            }
        }

        @Override
        public String toString() {
            return "flip";
        }
    }

    /** {@link #flipVertically}. */
    record FlipVertically() implements Augmentation {
        @Override
        public void apply(float[] images, int at, Layout l, RandomGenerator random) {
            if (random.nextBoolean()) {
                turnOver(images, at, l);
            }
        }

        static void turnOver(float[] images, int at, Layout l) {
            int row = l.width() * l.channels();
            for (int r = 0; r < l.height() / 2; r++) {
                int above = at + r * row;
                int below = at + (l.height() - 1 - r) * row;
                float[] kept = Arrays.copyOfRange(images, above, above + row);
                System.arraycopy(images, below, images, above, row);
                System.arraycopy(kept, 0, images, below, row);
            }
        }

        @Override
        public String toString() {
            return "flip vertically";
        }
    }

    /** {@link #erase}. */
    record Erase(int size) implements Augmentation {
        /** Checks the size. */
        public Erase {
            Check.whole("erase", "size", size, Crop.LONGEST_SIDE);
        }

        @Override
        public void apply(float[] images, int at, Layout l, RandomGenerator random) {
            int top = random.nextInt(l.height()) - size / 2;
            int left = random.nextInt(l.width()) - size / 2;
            int from = Math.max(0, left) * l.channels();
            int to = Math.min(l.width(), left + size) * l.channels();
            for (int r = Math.max(0, top); r < Math.min(l.height(), top + size); r++) {
                int row = at + r * l.width() * l.channels();
                Arrays.fill(images, row + from, row + to, 0);
            }
        }

        @Override
        public String toString() {
            return "erase " + size;
        }
    }
}
