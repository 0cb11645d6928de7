package dev.fathom.data.augment;

import java.util.List;
import java.util.random.RandomGenerator;

/** {@link Augmentation#randAugment}. */
record RandAugment(int count, double magnitude) implements Augmentation {
    /** The fourteen operations of the paper. */
    enum Operation {
        IDENTITY,
        AUTO_CONTRAST,
        EQUALISE,
        ROTATE,
        SOLARISE,
        SATURATION,
        POSTERISE,
        CONTRAST,
        BRIGHTNESS,
        SHARPNESS,
        SHEAR_ROWS,
        SHEAR_COLUMNS,
        SHIFT_RIGHT,
        SHIFT_DOWN;

        /**
         * Does it.
         *
         * @param s the strength, from −1 to 1; what has no sign takes its size
         */
        void apply(float[] x, int at, Layout l, double s) {
            double size = Math.abs(s);
            switch (this) {
                case IDENTITY -> {}
                case AUTO_CONTRAST -> Photometry.autoContrast(x, at, l);
                case EQUALISE -> Photometry.equalise(x, at, l);
                case ROTATE -> Resampling.rotate(30 * s).apply(x, at, l);
                case SOLARISE -> Photometry.solarise(x, at, l, 256 * (1 - size) / 255);
                case SATURATION -> Photometry.saturation(x, at, l, 1 + 0.9 * s);
                case POSTERISE -> Photometry.posterise(x, at, l, 8 - (int) Math.rint(4 * size));
                case CONTRAST -> Photometry.contrast(x, at, l, 1 + 0.9 * s);
                case BRIGHTNESS -> Photometry.brightness(x, at, l, 1 + 0.9 * s);
                case SHARPNESS -> Photometry.sharpness(x, at, l, 1 + 0.9 * s);
                case SHEAR_ROWS -> Resampling.shearRows(0.3 * s).apply(x, at, l);
                case SHEAR_COLUMNS -> Resampling.shearColumns(0.3 * s).apply(x, at, l);
                case SHIFT_RIGHT ->
                        Resampling.shift(0, 150.0 / 331 * s * l.width()).apply(x, at, l);
                case SHIFT_DOWN ->
                        Resampling.shift(150.0 / 331 * s * l.height(), 0).apply(x, at, l);
            }
        }
    }

    private static final List<Operation> OPERATIONS = List.of(Operation.values());

    RandAugment {
        Check.whole("randAugment", "number of operations", count, 100);
        Check.number(
                "randAugment",
                "magnitude",
                magnitude,
                magnitude >= 0 && magnitude <= 10,
                "in [0, 10]");
    }

    @Override
    public void apply(float[] images, int at, Layout layout, RandomGenerator random) {
        Photometry.refuseNormalised("randAugment", images, at, layout);
        for (int i = 0; i < count; i++) {
            var operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
            double sign = random.nextBoolean() ? 1 : -1;
            operation.apply(images, at, layout, sign * magnitude / 10);
        }
    }

    @Override
    public String toString() {
        return "randAugment " + count + " " + Check.text(magnitude);
    }
}
