package dev.fathom.lab.figure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * SVG as text. Every element carries its colour on white as an attribute, which any program
 * understands, and a class by which a style sheet recolours it on a dark page.
 */
final class Ink {
    /** The elements' dark colours: part of a page, or of a file. */
    static final String DARK_RULES = dark();

    /** Width of a letter as a share of its height, on the safe side for usual fonts. */
    private static final double LETTER = 0.56;

    private static final String INK = "#1f2328";
    private static final String MUTED = "#5b636e";
    private static final String RULE = "#e3e6ea";

    private final StringBuilder out = new StringBuilder();

    private static String dark() {
        var text = new StringBuilder();
        text.append(".ink{fill:#e6e8eb}.muted{fill:#a3abb6}.frame{stroke:#7d8590}");
        text.append(".gridline{stroke:#30363d}.iso{stroke:#e6e8eb}.rule{stroke:#a3abb6}");
        text.append(".halo{stroke:#14171c}");
        for (int i = 0; i < Palette.DARK.length; i++) {
            var colour = Palette.DARK[i];
            text.append(".s%d{stroke:%s}.f%d{fill:%s}".formatted(i, colour, i, colour));
        }
        return text.toString();
    }

    /** How a coordinate is written: tenths of a pixel. */
    static String at(double v) {
        var text = String.format(Locale.ROOT, "%.1f", v);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /** Text between tags. */
    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** About how wide a text is. */
    static double width(String text, double size) {
        return text.codePoints()
                        .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                        .count()
                * size
                * LETTER;
    }

    /** The text in lines that are no wider than {@code room}. */
    static List<String> lines(String text, double size, double room) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (var word : text.split(" ")) {
            if (!line.isEmpty() && width(line + " " + word, size) > room) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    Ink raw(String svg) {
        out.append(svg).append('\n');
        return this;
    }

    /** A window: what is drawn until {@link #close} and lies outside is cut off. */
    Ink window(double x, double y, double w, double h) {
        return raw(
                "<svg x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" viewBox=\"%s %s %s %s\">"
                        .formatted(at(x), at(y), at(w), at(h), at(x), at(y), at(w), at(h)));
    }

    Ink close() {
        return raw("</svg>");
    }

    /** How text stands to its place. */
    enum Anchor {
        START,
        MIDDLE,
        END
    }

    Ink text(String words, double x, double y, double size, Anchor anchor, boolean strong) {
        return raw(
                "<text class=\"%s\" fill=\"%s\" x=\"%s\" y=\"%s\" font-size=\"%s\" text-anchor=\"%s\"%s>%s</text>"
                        .formatted(
                                strong ? "ink" : "muted",
                                strong ? INK : MUTED,
                                at(x),
                                at(y),
                                at(size),
                                anchor.name().toLowerCase(Locale.ROOT),
                                strong ? " font-weight=\"600\"" : "",
                                escaped(words)));
    }

    /** Text that stays readable on whatever lies below it. */
    Ink label(String words, double x, double y, double size, Anchor anchor) {
        return raw(
                "<text class=\"ink halo\" fill=\"%s\" stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\" x=\"%s\" y=\"%s\" font-size=\"%s\" text-anchor=\"%s\">%s</text>"
                        .formatted(
                                INK,
                                at(x),
                                at(y),
                                at(size),
                                anchor.name().toLowerCase(Locale.ROOT),
                                escaped(words)));
    }

    /** Text that climbs. */
    Ink climbing(String words, double x, double y, double size) {
        return raw(
                "<text class=\"muted\" fill=\"%s\" font-size=\"%s\" text-anchor=\"middle\" transform=\"translate(%s %s) rotate(-90)\">%s</text>"
                        .formatted(MUTED, at(size), at(x), at(y), escaped(words)));
    }

    Ink gridline(double x1, double y1, double x2, double y2) {
        return line("gridline", RULE, 1, "", x1, y1, x2, y2);
    }

    Ink rule(double x1, double y1, double x2, double y2) {
        return line("rule", MUTED, 1.5, "2 4", x1, y1, x2, y2);
    }

    Ink tick(double x1, double y1, double x2, double y2) {
        return line("frame", MUTED, 1, "", x1, y1, x2, y2);
    }

    /** A line in the colour of a series. */
    Ink stroke(int series, double width, double x1, double y1, double x2, double y2) {
        int colour = series % Palette.LIGHT.length;
        return line("s" + colour, Palette.LIGHT[colour], width, "", x1, y1, x2, y2);
    }

    private Ink line(
            String kind,
            String colour,
            double width,
            String dashes,
            double x1,
            double y1,
            double x2,
            double y2) {
        return raw(
                "<line class=\"%s\" stroke=\"%s\" stroke-width=\"%s\"%s x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
                        .formatted(
                                kind,
                                colour,
                                at(width),
                                dashes(dashes),
                                at(x1),
                                at(y1),
                                at(x2),
                                at(y2)));
    }

    /** A path in the colour of a series, {@code dashes} such as {@code 6 4} or nothing. */
    Ink path(int series, String d, double width, String dashes) {
        int colour = series % Palette.LIGHT.length;
        return raw(
                "<path class=\"s%d\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" stroke-linejoin=\"round\"%s d=\"%s\"/>"
                        .formatted(colour, Palette.LIGHT[colour], at(width), dashes(dashes), d));
    }

    /** A light rim below a line, for lines on colours. */
    Ink halo(String d, double width) {
        return raw(
                "<path fill=\"none\" stroke=\"#ffffff\" stroke-opacity=\"0.85\" stroke-width=\"%s\" stroke-linejoin=\"round\" d=\"%s\"/>"
                        .formatted(at(width), d));
    }

    /** A path of equal height; in the colour {@code rgb}, or ink if that is negative. */
    Ink isoline(String d, int rgb) {
        return rgb < 0
                ? raw(
                        "<path fill=\"none\" stroke=\"#ffffff\" stroke-opacity=\"0.75\" stroke-width=\"1\" d=\"%s\"/>"
                                .formatted(d))
                : raw(
                        "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.4\" d=\"%s\"/>"
                                .formatted(Palette.hex(rgb), d));
    }

    /** An area in the colour of a series. */
    Ink area(int series, String d, double opacity) {
        int colour = series % Palette.LIGHT.length;
        return raw(
                "<path class=\"f%d\" fill=\"%s\" fill-opacity=\"%.2f\" d=\"%s\"/>"
                        .formatted(colour, Palette.LIGHT[colour], opacity, d));
    }

    /** The mark of a series at a point: each has a shape of its own. */
    Ink mark(int series, double x, double y, double r) {
        var d =
                switch (series % 4) {
                    case 0 ->
                            "M%s %sa%s %s 0 1 0 %s 0a%s %s 0 1 0 %s 0"
                                    .formatted(
                                            at(x - r),
                                            at(y),
                                            at(r),
                                            at(r),
                                            at(2 * r),
                                            at(r),
                                            at(r),
                                            at(-2 * r));
                    case 1 -> polygon(x, y, -r, -r, r, -r, r, r, -r, r);
                    case 2 -> polygon(x, y, 0, -1.3 * r, 1.2 * r, r, -1.2 * r, r);
                    default -> polygon(x, y, 0, -1.4 * r, 1.4 * r, 0, 0, 1.4 * r, -1.4 * r, 0);
                };
        int colour = series % Palette.LIGHT.length;
        return raw(
                "<path class=\"f%d halo\" fill=\"%s\" stroke=\"#ffffff\" stroke-width=\"0.8\" d=\"%sz\"/>"
                        .formatted(colour, Palette.LIGHT[colour], d));
    }

    private static String polygon(double x, double y, double... corners) {
        var d = new StringBuilder();
        for (int i = 0; i < corners.length; i += 2) {
            d.append(i == 0 ? 'M' : 'L').append(at(x + corners[i])).append(' ');
            d.append(at(y + corners[i + 1]));
        }
        return d.toString();
    }

    /** Pixels stretched over a rectangle. */
    Ink image(int[] pixels, int columns, int rows, double x, double y, double w, double h) {
        boolean coarse = w / columns >= 3;
        return raw(
                "<image x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" preserveAspectRatio=\"none\"%s href=\"%s\"/>"
                        .formatted(
                                at(x),
                                at(y),
                                at(w),
                                at(h),
                                coarse ? " style=\"image-rendering:pixelated\"" : "",
                                Png.address(pixels, columns, rows)));
    }

    Ink box(double x, double y, double w, double h) {
        return raw(
                "<rect class=\"frame\" fill=\"none\" stroke=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>"
                        .formatted(MUTED, at(x), at(y), at(w), at(h)));
    }

    private static String dashes(String pattern) {
        return pattern.isEmpty() ? "" : " stroke-dasharray=\"" + pattern + "\"";
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
