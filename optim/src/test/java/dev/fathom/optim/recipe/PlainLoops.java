package dev.fathom.optim.recipe;

import java.util.function.IntToDoubleFunction;

/** The update rules written out over plain numbers, straight from the papers. */
final class PlainLoops {
    private PlainLoops() {}

    /** Moves theta along g; called once a step, t counted from 1. */
    interface Rule {
        void step(double[] theta, double[] g, int t);
    }

    static Rule sgd(IntToDoubleFunction rate) {
        return (theta, g, t) -> {
            for (int i = 0; i < theta.length; i++) {
                theta[i] -= rate.applyAsDouble(t - 1) * g[i];
            }
        };
    }

    static Rule momentum(double rate, double mu, boolean nesterov) {
        var v = new double[2];
        return (theta, g, _) -> {
            for (int i = 0; i < theta.length; i++) {
                v[i] = mu * v[i] + g[i];
                theta[i] -= rate * (nesterov ? g[i] + mu * v[i] : v[i]);
            }
        };
    }

    static Rule adam(IntToDoubleFunction rate, double b1, double b2, double eps, double decay) {
        var m = new double[2];
        var v = new double[2];
        return (theta, g, t) -> {
            for (int i = 0; i < theta.length; i++) {
                m[i] = b1 * m[i] + (1 - b1) * g[i];
                v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
                double mHat = m[i] / (1 - Math.pow(b1, t));
                double vHat = v[i] / (1 - Math.pow(b2, t));
                double direction = mHat / (Math.sqrt(vHat) + eps) + decay * theta[i];
                theta[i] -= rate.applyAsDouble(t - 1) * direction;
            }
        };
    }

    static Rule clipped(double max, Rule rule) {
        return (theta, g, t) -> {
            double norm = Math.sqrt(g[0] * g[0] + g[1] * g[1]);
            double s = norm > max ? max / norm : 1;
            rule.step(theta, new double[] {s * g[0], s * g[1]}, t);
        };
    }
}
