package dev.fathom.cpu.reference;

/** A matrix of doubles to be worked on in place: element (i, j) is {@code at[i][j]}. */
record Matrix(int rows, int columns, double[][] at) {

    static Matrix zeros(int rows, int columns) {
        return new Matrix(rows, columns, new double[rows][columns]);
    }

    static Matrix identity(int n) {
        var m = zeros(n, n);
        for (int i = 0; i < n; i++) {
            m.at[i][i] = 1;
        }
        return m;
    }

    /** Matrix number {@code number} of a stack. */
    static Matrix read(int rows, int columns, double[] elements, int number) {
        var m = zeros(rows, columns);
        for (int i = 0; i < rows; i++) {
            System.arraycopy(elements, (number * rows + i) * columns, m.at[i], 0, columns);
        }
        return m;
    }

    /** Writes this as matrix number {@code number} of a stack. */
    void write(double[] elements, int number) {
        for (int i = 0; i < rows; i++) {
            System.arraycopy(at[i], 0, elements, (number * rows + i) * columns, columns);
        }
    }

    Matrix copy() {
        var m = zeros(rows, columns);
        for (int i = 0; i < rows; i++) {
            System.arraycopy(at[i], 0, m.at[i], 0, columns);
        }
        return m;
    }

    Matrix transposed() {
        var m = zeros(columns, rows);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                m.at[j][i] = at[i][j];
            }
        }
        return m;
    }

    /** The first {@code r} rows and {@code c} columns. */
    Matrix corner(int r, int c) {
        var m = zeros(r, c);
        for (int i = 0; i < r; i++) {
            System.arraycopy(at[i], 0, m.at[i], 0, c);
        }
        return m;
    }

    /** The largest magnitude; NaN if there is a NaN. */
    double size() {
        double size = 0;
        for (var row : at) {
            for (double v : row) {
                size = Math.max(size, Math.abs(v));
            }
        }
        return size;
    }

    /** Multiplies column {@code j} by {@code factor}. */
    void scaleColumn(int j, double factor) {
        for (int i = 0; i < rows; i++) {
            at[i][j] *= factor;
        }
    }

    /** The scalar product of columns {@code p} and {@code q}. */
    double columns(int p, int q) {
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            sum += at[i][p] * at[i][q];
        }
        return sum;
    }

    /** Columns (p, q) become (c·p − s·q, s·p + c·q). */
    void rotateColumns(int p, int q, double c, double s) {
        for (int i = 0; i < rows; i++) {
            double x = at[i][p];
            double y = at[i][q];
            at[i][p] = c * x - s * y;
            at[i][q] = s * x + c * y;
        }
    }

    /** Rows (p, q) become (c·p − s·q, s·p + c·q). */
    void rotateRows(int p, int q, double c, double s) {
        for (int j = 0; j < columns; j++) {
            double x = at[p][j];
            double y = at[q][j];
            at[p][j] = c * x - s * y;
            at[q][j] = s * x + c * y;
        }
    }
}
