package dev.fathom.data.augment;

import dev.fathom.data.error.MalformedDataException;

import java.util.random.RandomGenerator;

/** Augmentations that move pixels, by {@link Resampling}. */
final class Geometry {
    private Geometry() {}

    /** {@link Augmentation#shift}. */
    record Shift(double pixels) implements Augmentation {
        Shift {
            Check.above("shift", "distance", pixels, Crop.LONGEST_SIDE);
        }

        @Override
        public void apply(float[] images, int at, Layout layout, RandomGenerator random) {
            double down = random.nextDouble(-pixels, pixels);
            double right = random.nextDouble(-pixels, pixels);
            Resampling.shift(down, right).apply(images, at, layout);
        }

        @Override
        public String toString() {
            return "shift " + Check.text(pixels);
        }
    }

    /** {@link Augmentation#rotate}. */
    record Rotate(double degrees) implements Augmentation {
        Rotate {
            Check.above("rotate", "angle in degrees", degrees, 180);
        }

        @Override
        public void apply(float[] images, int at, Layout layout, RandomGenerator random) {
            Resampling.rotate(random.nextDouble(-degrees, degrees)).apply(images, at, layout);
        }

        @Override
        public String toString() {
            return "rotate " + Check.text(degrees);
        }
    }

    /** {@link Augmentation#shear}. */
    record Shear(double slope) implements Augmentation {
        Shear {
            Check.above("shear", "slope", slope, 10);
        }

        @Override
        public void apply(float[] images, int at, Layout layout, RandomGenerator random) {
            double s = random.nextDouble(-slope, slope);
            var how = random.nextBoolean() ? Resampling.shearRows(s) : Resampling.shearColumns(s);
            how.apply(images, at, layout);
        }

        @Override
        public String toString() {
            return "shear " + Check.text(slope);
        }
    }

    /** {@link Augmentation#scale}. */
    record Scale(double least, double most) implements Augmentation {
        Scale {
            Check.above("scale", "least factor", least, 100);
            Check.above("scale", "greatest factor", most, 100);
            if (least >= most) {
                throw new MalformedDataException(
                        "scale: the least factor "
                                + least
                                + " must be below the greatest "
                                + most
                                + ", such as scale(0.8, 1.25)");
            }
        }

        @Override
        public void apply(float[] images, int at, Layout layout, RandomGenerator random) {
            Resampling.scale(random.nextDouble(least, most)).apply(images, at, layout);
        }

        @Override
        public String toString() {
            return "scale " + Check.text(least) + " to " + Check.text(most);
        }
    }

    /** {@link Augmentation#elastic}. */
    record Elastic(double alpha, double sigma) implements Augmentation {
        Elastic {
            Check.above("elastic", "strength α", alpha, 1e6);
            Check.above("elastic", "width σ", sigma, 1000);
        }

        @Override
        public void apply(float[] images, int at, Layout l, RandomGenerator random) {
            Resampling.displace(images, at, l, field(l, random), field(l, random));
        }

        private double[] field(Layout l, RandomGenerator random) {
            var noise = new double[l.height() * l.width()];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = random.nextDouble(-1, 1);
            }
            double[] smooth = smooth(noise, l.height(), l.width(), sigma);
            for (int i = 0; i < smooth.length; i++) {
                smooth[i] *= alpha;
            }
            return smooth;
        }

        /** Convolved with a Gaussian cut at 3σ whose weights sum to 1; zeros from outside. */
        static double[] smooth(double[] x, int height, int width, double sigma) {
            int reach = Math.min((int) Math.ceil(3 * sigma), Math.max(height, width));
            var weights = new double[2 * reach + 1];
            double sum = 0;
            for (int i = -reach; i <= reach; i++) {
                weights[i + reach] = StrictMath.exp(-i * i / (2 * sigma * sigma));
                sum += weights[i + reach];
            }
            for (int i = 0; i < weights.length; i++) {
                weights[i] /= sum;
            }
            return along(
                    along(x, height, width, weights, width, 1), width, height, weights, 1, width);
        }

        /**
         * Convolved along lines: {@code lines} of them {@code next} apart, each of {@code length}
         * values {@code step} apart.
         */
        private static double[] along(
                double[] x, int lines, int length, double[] weights, int next, int step) {
            int reach = weights.length / 2;
            var y = new double[x.length];
            for (int line = 0; line < lines; line++) {
                for (int i = 0; i < length; i++) {
                    double sum = 0;
                    int from = Math.max(0, i - reach);
                    int to = Math.min(length - 1, i + reach);
                    for (int j = from; j <= to; j++) {
                        sum += weights[j - i + reach] * x[line * next + j * step];
                    }
                    y[line * next + i * step] = sum;
                }
            }
            return y;
        }

        @Override
        public String toString() {
            return "elastic " + Check.text(alpha) + " " + Check.text(sigma);
        }
    }
}
