package dev.fathom.lab.figure;

import dev.fathom.lab.figure.Figure.Animation;
import dev.fathom.lab.figure.Figure.Surface;
import dev.fathom.lab.figure.Plot.Colours;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Figures as parts of a page whose script turns surfaces and plays animations. */
public final class Html {
    private static final int SHADES = 64;

    private Html() {}

    /** Text between tags and inside quotes. */
    public static String escape(String text) {
        return Ink.escaped(text).replace("\"", "&quot;");
    }

    /** The figure with its caption; without the script still what it is in print. */
    public static String figure(Figure figure) {
        var inside = new StringBuilder();
        var attributes = "";
        switch (figure) {
            case Plot _, Figure.Panels _, Figure.Gallery _ -> inside.append(Svg.inline(figure));
            case Surface surface -> {
                attributes = surface(surface);
                inside.append(Svg.inline(figure));
            }
            case Animation animation -> {
                attributes = " data-frames=\"" + Ink.at(animation.perSecond()) + "\"";
                inside.append("<div class=\"frames\">");
                var frames = animation.frames();
                for (int i = 0; i < frames.size(); i++) {
                    inside.append("<div class=\"frame-of\"");
                    inside.append(i < frames.size() - 1 ? " hidden>" : ">");
                    inside.append(Svg.inline(frames.get(i))).append("</div>");
                }
                inside.append("</div>");
            }
        }
        var caption =
                figure.caption().isEmpty()
                        ? ""
                        : "<figcaption>" + Ink.escaped(figure.caption()) + "</figcaption>";
        return "<figure class=\"figure\"%s>\n%s%s</figure>\n"
                .formatted(attributes, inside, caption);
    }

    private static String surface(Surface surface) {
        var grid = surface.heights();
        var rows =
                Arrays.stream(grid.z())
                        .map(Html::numbers)
                        .collect(Collectors.joining(",", "[", "]"));
        var colours =
                IntStream.range(0, SHADES)
                        .mapToObj(i -> Palette.at(Colours.SEQUENTIAL, i / (SHADES - 1.0)))
                        .map(rgb -> '"' + Palette.hex(rgb) + '"')
                        .collect(Collectors.joining(",", "[", "]"));
        var json =
                "{\"x\":%s,\"y\":%s,\"z\":%s,\"colours\":%s}"
                        .formatted(numbers(grid.x()), numbers(grid.y()), rows, colours);
        var z = Arrays.stream(grid.z()).flatMapToDouble(Arrays::stream).summaryStatistics();
        return " data-surface=\"%s\" data-title=\"%s\" data-x=\"%s\" data-y=\"%s\" data-range=\"from %s to %s\""
                .formatted(
                        escape(json),
                        escape(surface.title()),
                        escape(surface.xLabel()),
                        escape(surface.yLabel()),
                        Numbers.text(z.getMin()),
                        Numbers.text(z.getMax()));
    }

    private static String numbers(double[] values) {
        return Arrays.stream(values)
                .mapToObj(v -> Double.isFinite(v) ? String.format(Locale.ROOT, "%.5g", v) : "null")
                .collect(Collectors.joining(",", "[", "]"));
    }
}
