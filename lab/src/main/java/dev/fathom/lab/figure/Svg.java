package dev.fathom.lab.figure;

import dev.fathom.lab.figure.Figure.Animation;
import dev.fathom.lab.figure.Figure.Gallery;
import dev.fathom.lab.figure.Figure.Panels;
import dev.fathom.lab.figure.Figure.Surface;
import dev.fathom.lab.figure.Ink.Anchor;

/** Figures as SVG. The same figure gives the same bytes on every machine, with fonts or without. */
public final class Svg {
    /** What a page needs once, for its figures to follow a dark page; none in print. */
    public static final String PAGE_STYLE =
            "@media screen and (prefers-color-scheme:dark){" + scoped(Ink.DARK_RULES) + "}";

    private static final String FONT =
            "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial,"
                    + " sans-serif";
    private static final int WIDTH = 720;
    private static final int HEIGHT = 430;
    private static final int PANEL_HEIGHT = 300;
    private static final int TITLE_ROOM = 34;

    private Svg() {}

    private static String scoped(String rules) {
        return rules.replaceAll("(^|\\})\\.", "$1.figure .");
    }

    /** A file of its own, light or dark as its viewer is. */
    public static String file(Figure figure) {
        var style =
                "<style>@media screen and (prefers-color-scheme:dark){svg{background:#14171c}"
                        + Ink.DARK_RULES
                        + "}</style>";
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + draw(figure, style);
    }

    /** A part of a page that has {@link #PAGE_STYLE}. */
    public static String inline(Figure figure) {
        return draw(figure, "");
    }

    private static String draw(Figure figure, String style) {
        var ink = new Ink();
        double height =
                switch (figure) {
                    case Plot plot -> {
                        PlotDrawing.draw(plot, ink, 0, 0, WIDTH, HEIGHT);
                        yield HEIGHT;
                    }
                    case Panels panels -> panels(panels, ink);
                    case Gallery gallery -> gallery(gallery, ink);
                    case Surface surface -> {
                        title(surface.title(), ink);
                        SurfaceDrawing.draw(surface, ink, WIDTH, HEIGHT);
                        yield HEIGHT;
                    }
                    case Animation animation -> {
                        title(animation.title(), ink);
                        var last = animation.frames().getLast();
                        PlotDrawing.draw(last, ink, 0, TITLE_ROOM, WIDTH, HEIGHT);
                        yield HEIGHT + TITLE_ROOM;
                    }
                };
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %s\" font-family=\"%s\" role=\"img\">\n<title>%s</title>\n%s%s</svg>\n"
                .formatted(
                        WIDTH,
                        Ink.at(height),
                        FONT,
                        Ink.escaped(figure.title()),
                        style,
                        ink.toString());
    }

    private static void title(String title, Ink ink) {
        ink.text(title, 12, 24, 16, Anchor.START, true);
    }

    private static double panels(Panels panels, Ink ink) {
        title(panels.title(), ink);
        double width = (double) WIDTH / panels.columns();
        double high = Math.max(PANEL_HEIGHT, 0.75 * width);
        int i = 0;
        for (var plot : panels.plots()) {
            double x = i % panels.columns() * width;
            double y = TITLE_ROOM + i / panels.columns() * high;
            PlotDrawing.draw(plot, ink, x, y, width, high);
            i++;
        }
        return TITLE_ROOM + Math.ceilDiv(i, panels.columns()) * high;
    }

    private static double gallery(Gallery gallery, Ink ink) {
        title(gallery.title(), ink);
        double cell = (WIDTH - 12.0) / gallery.columns();
        double wide = cell - 12;
        double y = TITLE_ROOM + 8;
        double tallest = 0;
        int i = 0;
        for (var image : gallery.images()) {
            var z = image.pixels().z();
            double high = wide * z.length / z[0].length;
            double x = 12 + i % gallery.columns() * cell;
            var heat = new Plot.Heat("", image.pixels(), Plot.Colours.GREY, Plot.Scale.LINEAR);
            var range = Range.of(heat);
            var pixels = new int[z.length * z[0].length];
            for (int row = 0; row < z.length; row++) {
                for (int column = 0; column < z[0].length; column++) {
                    pixels[(z.length - 1 - row) * z[0].length + column] =
                            range.colour(z[row][column]);
                }
            }
            ink.image(pixels, z[0].length, z.length, x, y, wide, high);
            ink.text(image.label(), x + wide / 2, y + high + 16, 12, Anchor.MIDDLE, false);
            tallest = Math.max(tallest, high + 28);
            i++;
            if (i % gallery.columns() == 0 || i == gallery.images().size()) {
                y += tallest;
                tallest = 0;
            }
        }
        return y;
    }
}
