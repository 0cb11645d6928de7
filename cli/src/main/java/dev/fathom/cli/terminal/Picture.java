package dev.fathom.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/**
 * Examples drawn with characters. An image has one character for two rows of pixels, since a
 * character is about twice as high as it is wide; a vector is drawn as a row of bars.
 */
public final class Picture {
    private static final String RAMP = " .:-=+*#%@";
    private static final String BARS = "▁▂▃▄▅▆▇█";
    private static final int LARGEST = 40;
    private static final int DARKEST_GREY = 232;
    private static final int GREYS = 24;

    private Picture() {}

    /**
     * An image of values from 0 (black) to 1 (white); colour is averaged to grey.
     *
     * @param pixels row-major {@code (height, width, channels)}
     * @param shaded draws with the 24 greys of a terminal instead of letters
     */
    public static List<String> image(
            float[] pixels, int height, int width, int channels, boolean shaded) {
        int step = Math.ceilDiv(Math.max(height, width), LARGEST);
        int rows = Math.ceilDiv(height, step);
        int columns = Math.ceilDiv(width, step);
        var grey = new float[rows][columns];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                grey[y][x] = average(pixels, height, width, channels, y * step, x * step, step);
            }
        }
        var lines = new ArrayList<String>();
        for (int y = 0; y < rows; y += 2) {
            lines.add(line(grey, y, shaded));
        }
        return lines;
    }

    private static float average(
            float[] pixels, int height, int width, int channels, int top, int left, int step) {
        float sum = 0;
        int count = 0;
        for (int y = top; y < Math.min(height, top + step); y++) {
            for (int i = left * channels; i < Math.min(width, left + step) * channels; i++) {
                sum += pixels[y * width * channels + i];
                count++;
            }
        }
        return sum / count;
    }

    private static String line(float[][] grey, int y, boolean shaded) {
        var text = new StringBuilder();
        for (int x = 0; x < grey[y].length; x++) {
            float upper = grey[y][x];
            float lower = y + 1 < grey.length ? grey[y + 1][x] : 0;
            if (shaded) {
                text.append("\u001b[38;5;").append(shade(upper));
                text.append(";48;5;").append(shade(lower)).append("m▀");
            } else {
                text.append(RAMP.charAt(level((upper + lower) / 2, RAMP.length())));
            }
        }
        return shaded ? text.append("\u001b[0m").toString() : text.toString();
    }

    private static int shade(float value) {
        return DARKEST_GREY + level(value, GREYS);
    }

    private static int level(float value, int levels) {
        return Math.clamp((int) (value * levels), 0, levels - 1);
    }

    /** A vector as bars, from its smallest value to its largest. */
    public static String bars(float[] values) {
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        for (float v : values) {
            low = Math.min(low, v);
            high = Math.max(high, v);
        }
        var text = new StringBuilder();
        for (float v : values) {
            float share = high > low ? (v - low) / (high - low) : 0;
            text.append(BARS.charAt(level(share, BARS.length())));
        }
        return text.toString();
    }

    /** Pictures of equal height side by side, two spaces apart. */
    public static List<String> beside(List<List<String>> pictures) {
        var lines = new ArrayList<String>();
        for (int y = 0; y < pictures.getFirst().size(); y++) {
            var line = new StringBuilder();
            for (var picture : pictures) {
                line.append(line.isEmpty() ? "" : "  ").append(picture.get(y));
            }
            lines.add(line.toString());
        }
        return lines;
    }
}
