package dev.fathom.lab.figure;

import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.figure.Plot.Heat;
import dev.fathom.lab.figure.Plot.Scale;

/** From a value of a field to its colour. */
record Range(double low, double high, Colours colours, Scale scale) {
    private static final int MISSING = 0xb0b4ba;

    /**
     * From the smallest to the largest; on both sides of 0 equally far for colours that diverge.
     */
    static Range of(Heat heat) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (var row : heat.grid().z()) {
            for (double v : row) {
                if (Double.isFinite(v) && (heat.scale() == Scale.LINEAR || v > 0)) {
                    low = Math.min(low, v);
                    high = Math.max(high, v);
                }
            }
        }
        if (!(low <= high)) {
            low = 0;
            high = 1;
        }
        if (heat.colours() == Colours.DIVERGING) {
            high = Math.max(Math.abs(low), Math.abs(high));
            low = -high;
        }
        if (low == high) {
            high = low + 1;
        }
        return new Range(low, high, heat.colours(), heat.scale());
    }

    int colour(double v) {
        if (Double.isNaN(v)) {
            return MISSING;
        }
        if (colours == Colours.CATEGORIES) {
            return Palette.at(colours, v);
        }
        return shade(
                scale == Scale.LOG
                        ? Math.log(v / low) / Math.log(high / low)
                        : (v - low) / (high - low));
    }

    int shade(double share) {
        return Palette.at(colours, Double.isNaN(share) ? 0 : share);
    }
}
