package dev.fathom.data.augment;

import dev.fathom.data.error.MalformedDataException;

import java.util.Arrays;
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
        /** Checks the padding. */
        public Crop {
            positive("crop", "padding", padding);
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

    /** {@link #erase}. */
    record Erase(int size) implements Augmentation {
        /** Checks the size. */
        public Erase {
            positive("erase", "size", size);
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

    private static void positive(String what, String name, int value) {
        if (value < 1) {
            throw new MalformedDataException(
                    what + ": the " + name + " is " + value + "; it must be at least 1");
        }
    }
}
