package dev.fathom.lab.instrument.landscape;

import dev.fathom.lab.instrument.error.InstrumentException;

import java.util.Arrays;

/**
 * The assignment problem: one column for every row, all different, of least total cost.
 *
 * @param columns the column of each row
 * @param cost their sum
 */
public record Assignment(int[] columns, double cost) {

    /**
     * Exactly, by shortest augmenting paths with potentials, O(n³): H. Kuhn's Hungarian method in
     * the form of R. Jonker and A. Volgenant, Computing 38, 1987.
     *
     * @param cost n × n, finite
     */
    public static Assignment least(double[][] cost) {
        int n = cost.length;
        for (var row : cost) {
            InstrumentException.require(
                    row.length == n && Arrays.stream(row).allMatch(Double::isFinite),
                    "an assignment needs a square matrix of finite costs; one row of "
                            + n
                            + " is "
                            + Arrays.toString(row));
        }
        var rowPrice = new double[n];
        var columnPrice = new double[n];
        var rowOf = new int[n];
        Arrays.fill(rowOf, -1);
        for (int start = 0; start < n; start++) {
            augment(cost, start, rowPrice, columnPrice, rowOf);
        }
        var columns = new int[n];
        double total = 0;
        for (int j = 0; j < n; j++) {
            columns[rowOf[j]] = j;
            total += cost[rowOf[j]][j];
        }
        return new Assignment(columns, total);
    }

    /** The same for largest total gain; the cost is then the gain. */
    public static Assignment largest(double[][] gain) {
        var cost = new double[gain.length][];
        for (int i = 0; i < gain.length; i++) {
            cost[i] = Arrays.stream(gain[i]).map(v -> -v).toArray();
        }
        var found = least(cost);
        return new Assignment(found.columns(), -found.cost());
    }

    /** Finds the cheapest way to give one more row a column, moving others along it. */
    private static void augment(
            double[][] cost, int start, double[] rowPrice, double[] columnPrice, int[] rowOf) {
        int n = cost.length;
        var distance = new double[n];
        var from = new int[n]; // the column before this one on the path, -1 at its start
        var done = new boolean[n];
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        Arrays.fill(from, -1);
        int row = start;
        int column = -1;
        double length = 0;
        while (true) {
            int nearest = -1;
            for (int j = 0; j < n; j++) {
                if (done[j]) {
                    continue;
                }
                double way = length + cost[row][j] - rowPrice[row] - columnPrice[j];
                if (way < distance[j]) {
                    distance[j] = way;
                    from[j] = column;
                }
                if (nearest < 0 || distance[j] < distance[nearest]) {
                    nearest = j;
                }
            }
            column = nearest;
            length = distance[column];
            done[column] = true;
            if (rowOf[column] < 0) {
                break;
            }
            row = rowOf[column];
        }
        rowPrice[start] += length;
        for (int j = 0; j < n; j++) {
            if (done[j] && j != column) {
                rowPrice[rowOf[j]] += length - distance[j];
                columnPrice[j] -= length - distance[j];
            }
        }
        while (column >= 0) {
            int before = from[column];
            rowOf[column] = before < 0 ? start : rowOf[before];
            column = before;
        }
    }
}
