package dev.fathom.lab.figure;

import static dev.fathom.lab.figure.Ink.at;

import dev.fathom.lab.figure.Figure.Surface;
import dev.fathom.lab.figure.Ink.Anchor;
import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.figure.Plot.Heat;
import dev.fathom.lab.figure.Plot.Scale;

import java.util.Arrays;
import java.util.Comparator;

/** A surface seen from one side: its cells, the farthest first. The page's script turns it. */
final class SurfaceDrawing {
    private static final double TURN = -0.6;
    private static final double TILT = 0.55;
    private static final double TALL = 0.7;
    private static final double ZOOM = 0.34;

    private final Ink ink;
    private final double width;
    private final double height;

    private SurfaceDrawing(Ink ink, double width, double height) {
        this.ink = ink;
        this.width = width;
        this.height = height;
    }

    /** A cell: how far away it is, and how it is drawn. */
    private record Cell(double depth, String path, String colour) {}

    static void draw(Surface surface, Ink ink, double width, double height) {
        new SurfaceDrawing(ink, width, height).draw(surface);
    }

    private void draw(Surface surface) {
        var range = Range.of(new Heat("", surface.heights(), Colours.SEQUENTIAL, Scale.LINEAR));
        floor();
        ink.raw("<g stroke=\"#000000\" stroke-opacity=\"0.2\" stroke-width=\"0.5\">");
        for (var cell : cells(surface.heights(), range)) {
            ink.raw("<path d=\"%s\" fill=\"%s\"/>".formatted(cell.path, cell.colour));
        }
        ink.raw("</g>");
        name(surface.xLabel(), 0, -1.22);
        name(surface.yLabel(), 1.22, 0);
        ink.text(
                "from %s to %s".formatted(Numbers.text(range.low()), Numbers.text(range.high())),
                width - 18,
                height - 12,
                12,
                Anchor.END,
                false);
    }

    private Cell[] cells(Grid grid, Range range) {
        var z = grid.z();
        int rows = z.length;
        int columns = z[0].length;
        var cells = new Cell[(rows - 1) * (columns - 1)];
        for (int i = 0; i + 1 < rows; i++) {
            for (int j = 0; j + 1 < columns; j++) {
                var path = new StringBuilder();
                double depth = 0;
                double level = 0;
                for (int corner = 0; corner < 4; corner++) {
                    int r = i + corner / 2;
                    int c = j + (corner == 1 || corner == 2 ? 1 : 0);
                    double up = (z[r][c] - range.low()) / (range.high() - range.low());
                    var p = place(side(c, columns), side(r, rows), up);
                    path.append(corner == 0 ? 'M' : 'L')
                            .append(across(p))
                            .append(' ')
                            .append(down(p));
                    depth += p[2];
                    level += z[r][c] / 4;
                }
                var colour = Palette.hex(range.colour(level));
                cells[i * (columns - 1) + j] = new Cell(depth, path + "z", colour);
            }
        }
        Arrays.sort(cells, Comparator.comparingDouble(Cell::depth).reversed());
        return cells;
    }

    /** The square under the surface. */
    private void floor() {
        double[][] corners = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}};
        for (int i = 0; i < 4; i++) {
            var a = place(corners[i][0], corners[i][1], 0);
            var b = place(corners[i + 1][0], corners[i + 1][1], 0);
            ink.tick(x(a), y(a), x(b), y(b));
        }
    }

    private void name(String label, double x, double y) {
        var p = place(x, y, 0);
        ink.text(label, x(p), y(p) + 5, 13, Anchor.MIDDLE, false);
    }

    private double x(double[] p) {
        return width / 2 + p[0] * ZOOM * width;
    }

    private double y(double[] p) {
        return height * 0.5 - p[1] * ZOOM * width;
    }

    private String across(double[] p) {
        return at(x(p));
    }

    private String down(double[] p) {
        return at(y(p));
    }

    private static double side(int i, int n) {
        return n == 1 ? 0 : 2.0 * i / (n - 1) - 1;
    }

    /** Right, up, and away from the eye, of a point with x and y from -1 to 1 and z from 0 to 1. */
    private static double[] place(double x, double y, double z) {
        double across = (x * Math.cos(TURN) - y * Math.sin(TURN)) / Math.sqrt(2);
        double along = (x * Math.sin(TURN) + y * Math.cos(TURN)) / Math.sqrt(2);
        double up = (z - 0.5) * TALL;
        return new double[] {
            across,
            up * Math.cos(TILT) + along * Math.sin(TILT),
            along * Math.cos(TILT) - up * Math.sin(TILT)
        };
    }
}
