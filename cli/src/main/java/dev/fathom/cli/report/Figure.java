package dev.fathom.cli.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

import javax.imageio.ImageIO;

/** A small picture of an example or of a layer's weights. */
public sealed interface Figure {
    /** The picture as a piece of HTML; {@code label} describes it to those who do not see it. */
    String html(String label);

    /**
     * An image.
     *
     * @param rgb {@code 0xRRGGBB} of each pixel, row-major
     */
    record Pixels(int height, int width, int[] rgb) implements Figure {
        private static final int WHITE = 0xff;
        private static final float[] HIGH = {0.70f, 0.09f, 0.17f};
        private static final float[] LOW = {0.13f, 0.40f, 0.67f};

        /**
         * An image of values from 0 to 1.
         *
         * @param values row-major {@code (height, width, channels)}; one channel is grey, three are
         *     red, green and blue
         */
        public static Pixels of(float[] values, int height, int width, int channels) {
            var rgb = new int[height * width];
            for (int i = 0; i < rgb.length; i++) {
                for (int c = 0; c < 3; c++) {
                    float value = values[i * channels + Math.min(c, channels - 1)];
                    rgb[i] = rgb[i] << 8 | level(value);
                }
            }
            return new Pixels(height, width, rgb);
        }

        /**
         * An image of signed values: white is 0, full red {@code +scale}, full blue {@code -scale}.
         */
        public static Pixels signed(float[] values, int height, int width, float scale) {
            var rgb = new int[height * width];
            for (int i = 0; i < rgb.length; i++) {
                float share = scale > 0 ? Math.clamp(values[i] / scale, -1f, 1f) : 0;
                var full = share > 0 ? HIGH : LOW;
                for (float channel : full) {
                    rgb[i] = rgb[i] << 8 | level(1 + (channel - 1) * Math.abs(share));
                }
            }
            return new Pixels(height, width, rgb);
        }

        private static int level(float value) {
            return Math.clamp(Math.round(value * WHITE), 0, WHITE);
        }

        @Override
        public String html(String label) {
            return "<img alt=\"%s\" width=\"%d\" height=\"%d\" src=\"data:image/png;base64,%s\">"
                    .formatted(
                            Page.escape(label),
                            width,
                            height,
                            Base64.getEncoder().encodeToString(png()));
        }

        private byte[] png() {
            var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            image.setRGB(0, 0, width, height, rgb, 0, width);
            var bytes = new ByteArrayOutputStream();
            try {
                ImageIO.write(image, "png", bytes);
            } catch (IOException impossible) {
                throw new UncheckedIOException("writing to memory failed", impossible);
            }
            return bytes.toByteArray();
        }
    }

    /** A curve through equally spaced values. */
    record Curve(List<Float> values) implements Figure {
        private static final int WIDTH = 160;
        private static final int HEIGHT = 80;

        @Override
        public String html(String label) {
            double low = values.stream().mapToDouble(Float::doubleValue).min().orElse(0);
            double high = values.stream().mapToDouble(Float::doubleValue).max().orElse(1);
            double range = high > low ? high - low : 1;
            var points = new StringBuilder();
            for (int i = 0; i < values.size(); i++) {
                double x = 4 + (WIDTH - 8.0) * i / Math.max(1, values.size() - 1);
                double y = HEIGHT - 6 - (HEIGHT - 12.0) * (values.get(i) - low) / range;
                points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
            }
            return """
            <svg class="curve" role="img" aria-label="%s" viewBox="0 0 %d %d">\
            <polyline points="%s"/></svg>\
            """
                    .formatted(Page.escape(label), WIDTH, HEIGHT, points.toString().strip());
        }
    }

    /** Named numbers, where there is nothing to draw. */
    record Values(List<Report.Fact> values) implements Figure {
        private static final int MOST = 8;

        @Override
        public String html(String label) {
            var rows = new StringBuilder();
            for (var fact : values.subList(0, Math.min(MOST, values.size()))) {
                rows.append("<tr><th>").append(Page.escape(fact.name())).append("</th><td>");
                rows.append(Page.escape(fact.value())).append("</td></tr>");
            }
            var rest =
                    values.size() > MOST
                            ? "<caption>and " + (values.size() - MOST) + " more</caption>"
                            : "";
            return "<table class=\"values\">" + rest + rows + "</table>";
        }
    }
}
