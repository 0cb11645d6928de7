package dev.fathom.lab.figure;

import java.util.function.DoubleBinaryOperator;

/**
 * Values over a rectangle.
 *
 * @param x positions of the columns, ascending
 * @param y positions of the rows, ascending
 * @param z {@code z[row][column]}
 */
public record Grid(double[] x, double[] y, double[][] z) {

    /**
     * A function sampled at {@code columns} × {@code rows} equally spaced points, edges included.
     */
    public static Grid of(
            double left,
            double right,
            int columns,
            double bottom,
            double top,
            int rows,
            DoubleBinaryOperator f) {
        var x = spaced(left, right, columns);
        var y = spaced(bottom, top, rows);
        var z = new double[rows][columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                z[i][j] = f.applyAsDouble(x[j], y[i]);
            }
        }
        return new Grid(x, y, z);
    }

    /** An image whose first row is the top one. */
    public static Grid image(double[] pixels, int height, int width) {
        var z = new double[height][width];
        for (int i = 0; i < height; i++) {
            System.arraycopy(pixels, i * width, z[height - 1 - i], 0, width);
        }
        return new Grid(spaced(0, width - 1, width), spaced(0, height - 1, height), z);
    }

    /** {@code n} equally spaced numbers, both ends included. */
    public static double[] spaced(double from, double to, int n) {
        var values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = n == 1 ? from : from + (to - from) * i / (n - 1);
        }
        return values;
    }
}
