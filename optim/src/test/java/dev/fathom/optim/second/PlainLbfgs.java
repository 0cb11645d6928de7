package dev.fathom.optim.second;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** L-BFGS with algorithms 3.5 and 3.6 of Nocedal and Wright, as they stand there, in plain Java. */
final class PlainLbfgs {
    private static final double C1 = 1e-4;
    private static final double C2 = 0.9;

    private final ToDoubleFunction<double[]> f;
    private final Function<double[], double[]> slope;
    private final int memory;
    private final Deque<double[][]> pairs = new ArrayDeque<>(); // (s, y), oldest first
    int evaluations;

    PlainLbfgs(ToDoubleFunction<double[]> f, Function<double[], double[]> slope, int memory) {
        this.f = f;
        this.slope = slope;
        this.memory = memory;
    }

    List<double[]> run(double[] start, int steps) {
        var path = new ArrayList<double[]>();
        var x = start.clone();
        for (int k = 0; k < steps; k++) {
            var g = slope.apply(x);
            var d = scaled(-1, twoLoops(g));
            double first = pairs.isEmpty() ? Math.min(1, 1 / Math.sqrt(dot(g, g))) : 1;
            double alpha = search(x, d, dot(g, d), first);
            var next = plus(x, scaled(alpha, d));
            var s = plus(next, scaled(-1, x));
            var y = plus(slope.apply(next), scaled(-1, g));
            if (dot(s, y) > 0) {
                pairs.addLast(new double[][] {s, y});
                if (pairs.size() > memory) {
                    pairs.removeFirst();
                }
            }
            x = next;
            path.add(x);
        }
        return path;
    }

    private double[] twoLoops(double[] g) {
        var q = g.clone();
        var all = new ArrayList<>(pairs);
        var a = new double[all.size()];
        for (int i = all.size() - 1; i >= 0; i--) {
            var s = all.get(i)[0];
            var y = all.get(i)[1];
            a[i] = dot(s, q) / dot(s, y);
            q = plus(q, scaled(-a[i], y));
        }
        double gamma = 1;
        if (!all.isEmpty()) {
            var y = all.getLast()[1];
            gamma = dot(all.getLast()[0], y) / dot(y, y);
        }
        var r = scaled(gamma, q);
        for (int i = 0; i < all.size(); i++) {
            var s = all.get(i)[0];
            var y = all.get(i)[1];
            r = plus(r, scaled(a[i] - dot(y, r) / dot(s, y), s));
        }
        return r;
    }

    private double search(double[] x, double[] d, double slope0, double first) {
        double phi0 = f.applyAsDouble(x);
        double before = 0;
        double alpha = first;
        for (int i = 1; ; i++) {
            evaluations++;
            double phi = f.applyAsDouble(plus(x, scaled(alpha, d)));
            double phiBefore = f.applyAsDouble(plus(x, scaled(before, d)));
            if (phi > phi0 + C1 * alpha * slope0 || (i > 1 && phi >= phiBefore)) {
                return zoom(x, d, phi0, slope0, before, alpha);
            }
            double rise = rise(x, d, alpha);
            if (Math.abs(rise) <= -C2 * slope0) {
                return alpha;
            }
            if (rise >= 0) {
                return zoom(x, d, phi0, slope0, alpha, before);
            }
            before = alpha;
            alpha *= 2;
        }
    }

    private double zoom(
            double[] x, double[] d, double phi0, double slope0, double low, double high) {
        while (true) {
            double alpha = cubic(x, d, low, high);
            evaluations++;
            double phi = f.applyAsDouble(plus(x, scaled(alpha, d)));
            if (phi > phi0 + C1 * alpha * slope0
                    || phi >= f.applyAsDouble(plus(x, scaled(low, d)))) {
                high = alpha;
                continue;
            }
            double rise = rise(x, d, alpha);
            if (Math.abs(rise) <= -C2 * slope0) {
                return alpha;
            }
            if (rise * (high - low) >= 0) {
                high = low;
            }
            low = alpha;
        }
    }

    private double cubic(double[] x, double[] d, double a, double b) {
        double fa = f.applyAsDouble(plus(x, scaled(a, d)));
        double fb = f.applyAsDouble(plus(x, scaled(b, d)));
        double ga = rise(x, d, a);
        double gb = rise(x, d, b);
        double d1 = ga + gb - 3 * (fa - fb) / (a - b);
        double d2 = Math.signum(b - a) * Math.sqrt(d1 * d1 - ga * gb);
        double alpha = b - (b - a) * (gb + d2 - d1) / (gb - ga + 2 * d2);
        double part = (alpha - a) / (b - a);
        return part > 0.1 && part < 0.9 ? alpha : (a + b) / 2;
    }

    private double rise(double[] x, double[] d, double alpha) {
        return dot(slope.apply(plus(x, scaled(alpha, d))), d);
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double[] plus(double[] a, double[] b) {
        var r = a.clone();
        for (int i = 0; i < r.length; i++) {
            r[i] += b[i];
        }
        return r;
    }

    static double[] scaled(double c, double[] a) {
        var r = a.clone();
        for (int i = 0; i < r.length; i++) {
            r[i] *= c;
        }
        return r;
    }
}
