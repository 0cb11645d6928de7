package dev.fathom.lab.figure;

import java.util.List;

/** Points in an order: a line, or a cloud. */
public record Curve(double[] x, double[] y) {

    /** From pairs. */
    public static Curve of(List<double[]> points) {
        return new Curve(
                points.stream().mapToDouble(p -> p[0]).toArray(),
                points.stream().mapToDouble(p -> p[1]).toArray());
    }

    /** How many points there are. */
    public int size() {
        return x.length;
    }
}
