package dev.fathom.lab.figure;

import dev.fathom.lab.figure.Plot.Colours;

/**
 * Colours. Those of series are after Okabe and Ito (2008), who chose them to be told apart by eyes
 * of every kind; those of fields are points of viridis and of a blue to red scale, interpolated.
 */
final class Palette {
    /** Of series, on white. */
    static final String[] LIGHT = {
        "#0072b2", "#d55e00", "#009e73", "#b0529a", "#c78500", "#4b4bc8", "#5f6368", "#8c564b"
    };

    /** Of series, on a dark page. */
    static final String[] DARK = {
        "#5ab4f0", "#ff8f52", "#35cf9f", "#e79bd0", "#f5c04a", "#a3a5ff", "#c3c8d0", "#cf9f90"
    };

    private static final int[] VIRIDIS = {
        0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151,
        0xbddf26, 0xfde725
    };

    private static final int[] BLUE_RED = {
        0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xf4a582, 0xd6604d,
        0xb2182b, 0x67001f
    };

    private static final int[] GREYS = {0x000000, 0xffffff};
    private static final double GOLDEN = 0.6180339887498949;

    private Palette() {}

    /** The colour at {@code share} from 0 to 1 of a scale, as 0xrrggbb. */
    static int at(Colours colours, double share) {
        return switch (colours) {
            case SEQUENTIAL -> between(VIRIDIS, share);
            case DIVERGING -> between(BLUE_RED, share);
            case GREY -> between(GREYS, share);
            case CATEGORIES -> category((long) share);
        };
    }

    /** Neighbouring numbers have hues far apart: the golden angle. */
    private static int category(long number) {
        double hue = Math.floorMod(number, 100_000L) * GOLDEN % 1;
        double light = 0.62 + 0.1 * Math.floorMod(number, 3L);
        double strength = 0.36 * (1 - Math.abs(2 * light - 1));
        int rgb = 0;
        for (int channel = 0; channel < 3; channel++) {
            double k = (channel * 4 + hue * 12) % 12;
            double value = light - strength * Math.max(-1, Math.min(Math.min(k - 3, 9 - k), 1));
            rgb = rgb << 8 | (int) Math.round(255 * Math.clamp(value, 0, 1));
        }
        return rgb;
    }

    private static int between(int[] points, double share) {
        double at = Math.clamp(share, 0, 1) * (points.length - 1);
        int i = Math.min(points.length - 2, (int) at);
        double rest = at - i;
        int rgb = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int a = points[i] >> shift & 0xff;
            int b = points[i + 1] >> shift & 0xff;
            rgb |= (int) Math.round(a + rest * (b - a)) << shift;
        }
        return rgb;
    }

    static String hex(int rgb) {
        return "#%06x".formatted(rgb);
    }
}
