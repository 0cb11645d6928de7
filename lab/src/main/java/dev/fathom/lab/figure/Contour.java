package dev.fathom.lab.figure;

import static dev.fathom.lab.figure.Ink.at;

import java.util.function.DoubleUnaryOperator;

/** Lines of equal height: marching squares, each cell by itself. */
final class Contour {
    private Contour() {}

    /** The path of one level; {@code px} and {@code py} place positions on the page. */
    static String path(Grid grid, double level, DoubleUnaryOperator px, DoubleUnaryOperator py) {
        var d = new StringBuilder();
        var x = grid.x();
        var y = grid.y();
        var z = grid.z();
        for (int i = 0; i + 1 < y.length; i++) {
            for (int j = 0; j + 1 < x.length; j++) {
                // crossings of the four edges, around the cell
                double[][] found = new double[4][];
                int n = 0;
                double[] h = {z[i][j], z[i][j + 1], z[i + 1][j + 1], z[i + 1][j]};
                double[] cx = {x[j], x[j + 1], x[j + 1], x[j]};
                double[] cy = {y[i], y[i], y[i + 1], y[i + 1]};
                for (int k = 0; k < 4; k++) {
                    int next = (k + 1) % 4;
                    if (h[k] < level != h[next] < level) {
                        double t = (level - h[k]) / (h[next] - h[k]);
                        found[n++] =
                                new double[] {
                                    cx[k] + t * (cx[next] - cx[k]), cy[k] + t * (cy[next] - cy[k])
                                };
                    }
                }
                for (int k = 0; k + 1 < n; k += 2) {
                    var a = found[k];
                    var b = found[k + 1];
                    d.append('M').append(at(px.applyAsDouble(a[0]))).append(' ');
                    d.append(at(py.applyAsDouble(a[1]))).append('L');
                    d.append(at(px.applyAsDouble(b[0]))).append(' ');
                    d.append(at(py.applyAsDouble(b[1])));
                }
            }
        }
        return d.toString();
    }
}
