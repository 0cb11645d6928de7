package dev.fathom.lab.instrument.region;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.nn.zoo.Mlp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The polygons into which the units of a ReLU network cut a rectangle of a plane of its inputs: on
 * each the same units are active and the network is affine. Found by splitting polygons along the
 * zeros of the units, layer by layer, exactly but for rounding. Neighbouring polygons may carry the
 * same affine map, so that their number is an upper bound of that of the linear regions, and equal
 * to it for weights in general position.
 *
 * @param regions in no special order
 */
public record PlaneRegions(List<Region> regions) {

    /** A unit this near to 0, as a share of the terms in its sum, is on its line. */
    private static final double ON = 1e-11;

    /**
     * A convex polygon and the network on it.
     *
     * @param corners (x, y), counter-clockwise
     * @param maps by output: a, b and c of a x + b y + c
     */
    public record Region(double[][] corners, double[][] maps) {
        /** Its area. */
        public double area() {
            double twice = 0;
            for (int i = 0; i < corners.length; i++) {
                var p = corners[i];
                var q = corners[(i + 1) % corners.length];
                twice += p[0] * q[1] - q[0] * p[1];
            }
            return twice / 2;
        }
    }

    /** The number of polygons. */
    public int count() {
        return regions.size();
    }

    /** Those of a network of two inputs on [−size, size]². */
    public static PlaneRegions of(Mlp net, double size) {
        return of(net, -size, size, -size, size);
    }

    /** Those of a network of two inputs on a rectangle. */
    public static PlaneRegions of(Mlp net, double left, double right, double low, double high) {
        return of(net, left, right, low, high, new double[][] {{1, 0, 0}, {0, 1, 0}});
    }

    /**
     * Those on the plane o + x u + y v in a space of more inputs.
     *
     * @param origin o, (d)
     * @param u (d)
     * @param v (d)
     */
    public static PlaneRegions of(
            Mlp net,
            Tensor origin,
            Tensor u,
            Tensor v,
            double left,
            double right,
            double low,
            double high) {
        var o = origin.cast(DType.FLOAT64).toDoubles();
        var a = u.cast(DType.FLOAT64).toDoubles();
        var b = v.cast(DType.FLOAT64).toDoubles();
        InstrumentException.require(
                o.length == a.length && o.length == b.length,
                "a plane of vectors of " + o.length + ", " + a.length + " and " + b.length);
        var maps = new double[o.length][];
        for (int i = 0; i < o.length; i++) {
            maps[i] = new double[] {a[i], b[i], o[i]};
        }
        return of(net, left, right, low, high, maps);
    }

    private static PlaneRegions of(
            Mlp net, double left, double right, double low, double high, double[][] inputs) {
        InstrumentException.require(
                left < right
                        && low < high
                        && Double.isFinite(right - left)
                        && Double.isFinite(high - low),
                "the rectangle ["
                        + left
                        + ", "
                        + right
                        + "] × ["
                        + low
                        + ", "
                        + high
                        + "] is empty or has no end");
        var layers = Rows.of(net, inputs.length);
        var corners = new double[][] {{left, low}, {right, low}, {right, high}, {left, high}};
        var extent =
                new double[] {
                    Math.max(Math.abs(left), Math.abs(right)),
                    Math.max(Math.abs(low), Math.abs(high)),
                    1
                };
        List<Region> regions = List.of(new Region(corners, inputs));
        for (int l = 0; l < layers.size(); l++) {
            var next = new ArrayList<Region>();
            for (var region : regions) {
                var z = layers.get(l).after(region.maps());
                if (l == layers.size() - 1) {
                    next.add(new Region(region.corners(), z));
                } else {
                    var sizes = layers.get(l).sizes(region.maps(), extent);
                    split(region.corners(), z, sizes, next);
                }
            }
            regions = next;
        }
        return new PlaneRegions(List.copyOf(regions));
    }

    /** Cuts a polygon along the lines of all units, and gives every part its rectified maps. */
    private static void split(double[][] corners, double[][] z, double[] sizes, List<Region> into) {
        List<double[][]> parts = Collections.singletonList(corners);
        for (int j = 0; j < z.length; j++) {
            var next = new ArrayList<double[][]>();
            for (var part : parts) {
                cut(part, z[j], ON * sizes[j], next);
            }
            parts = next;
        }
        for (var part : parts) {
            double x = 0;
            double y = 0;
            for (var p : part) {
                x += p[0] / part.length;
                y += p[1] / part.length;
            }
            var maps = new double[z.length][];
            for (int j = 0; j < z.length; j++) {
                maps[j] = value(z[j], x, y) > 0 ? z[j] : new double[3];
            }
            into.add(new Region(part, maps));
        }
    }

    private static double value(double[] line, double x, double y) {
        return line[0] * x + line[1] * y + line[2];
    }

    /** The polygon, or its two sides where the line runs through it. */
    private static void cut(double[][] polygon, double[] line, double on, List<double[][]> into) {
        int n = polygon.length;
        var side = new double[n];
        boolean above = false;
        boolean below = false;
        for (int i = 0; i < n; i++) {
            double v = value(line, polygon[i][0], polygon[i][1]);
            side[i] = Math.abs(v) <= on ? 0 : v;
            above |= side[i] > 0;
            below |= side[i] < 0;
        }
        if (!above || !below) {
            into.add(polygon);
            return;
        }
        var up = new ArrayList<double[]>();
        var down = new ArrayList<double[]>();
        for (int i = 0; i < n; i++) {
            var p = polygon[i];
            var q = polygon[(i + 1) % n];
            double s = side[i];
            double t = side[(i + 1) % n];
            if (s >= 0) {
                up.add(p);
            }
            if (s <= 0) {
                down.add(p);
            }
            if (s * t < 0) {
                double w = s / (s - t);
                var middle = new double[] {p[0] + w * (q[0] - p[0]), p[1] + w * (q[1] - p[1])};
                up.add(middle);
                down.add(middle);
            }
        }
        into.add(up.toArray(double[][]::new));
        into.add(down.toArray(double[][]::new));
    }
}
