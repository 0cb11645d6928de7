package dev.fathom.optim.recipe;

import java.util.Arrays;
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

    /** One parameter at a time: what it becomes, given its memory {@code s}, gradient and step. */
    interface Single {
        double step(double theta, double g, double[] s, int t);
    }

    static Rule each(int memory, double initial, Single rule) {
        var s = new double[2][memory];
        for (var row : s) {
            Arrays.fill(row, initial);
        }
        return (theta, g, t) -> {
            for (int i = 0; i < theta.length; i++) {
                theta[i] = rule.step(theta[i], g[i], s[i], t);
            }
        };
    }

    static Rule adaGrad(double rate, double eps) {
        return each(
                1,
                0,
                (w, g, s, _) -> {
                    s[0] += g * g;
                    return w - rate * g / (Math.sqrt(s[0]) + eps);
                });
    }

    static Rule rmsProp(
            IntToDoubleFunction rate, double rho, double eps, boolean centred, double mu) {
        return each(
                3,
                0,
                (w, g, s, t) -> {
                    s[0] = rho * s[0] + (1 - rho) * g * g;
                    s[1] = rho * s[1] + (1 - rho) * g;
                    double variance = centred ? s[0] - s[1] * s[1] : s[0];
                    s[2] = mu * s[2] + g / (Math.sqrt(Math.max(0, variance)) + eps);
                    return w - rate.applyAsDouble(t - 1) * s[2];
                });
    }

    static Rule adaDelta(IntToDoubleFunction rate, double rho, double eps) {
        return each(
                2,
                0,
                (w, g, s, t) -> {
                    s[0] = rho * s[0] + (1 - rho) * g * g;
                    double u = Math.sqrt(s[1] + eps) / Math.sqrt(s[0] + eps) * g;
                    s[1] = rho * s[1] + (1 - rho) * u * u;
                    return w - rate.applyAsDouble(t - 1) * u;
                });
    }

    static Rule adaMax(double rate, double b1, double b2, double eps) {
        return each(
                2,
                0,
                (w, g, s, t) -> {
                    s[0] = b1 * s[0] + (1 - b1) * g;
                    s[1] = Math.max(b2 * s[1], Math.abs(g));
                    return w - rate / (1 - Math.pow(b1, t)) * s[0] / (s[1] + eps);
                });
    }

    static Rule nadam(double rate, double b1, double b2, double eps) {
        return each(
                2,
                0,
                (w, g, s, t) -> {
                    s[0] = b1 * s[0] + (1 - b1) * g;
                    s[1] = b2 * s[1] + (1 - b2) * g * g;
                    double m =
                            b1 * s[0] / (1 - Math.pow(b1, t + 1))
                                    + (1 - b1) * g / (1 - Math.pow(b1, t));
                    return w - rate * m / (Math.sqrt(s[1] / (1 - Math.pow(b2, t))) + eps);
                });
    }

    static Rule amsGrad(double rate, double b1, double b2, double eps) {
        return each(
                3,
                0,
                (w, g, s, _) -> {
                    s[0] = b1 * s[0] + (1 - b1) * g;
                    s[1] = b2 * s[1] + (1 - b2) * g * g;
                    s[2] = Math.max(s[2], s[1]);
                    return w - rate * s[0] / (Math.sqrt(s[2]) + eps);
                });
    }

    static Rule adamAsPrinted(double rate, double mu, double beta, double eps) {
        return each(
                2,
                0,
                (w, g, s, t) -> {
                    s[0] = (mu * s[0] + (1 - mu) * g) / (1 - Math.pow(mu, t));
                    s[1] = (beta * s[1] + (1 - beta) * g * g) / (1 - Math.pow(beta, t));
                    return w - rate / (Math.sqrt(s[1]) + eps) * s[0];
                });
    }

    static Rule momentumAsPrinted(IntToDoubleFunction rate, double mu) {
        return each(
                1,
                0,
                (w, g, s, t) -> {
                    s[0] = mu * s[0] + rate.applyAsDouble(t - 1) * g;
                    return w - s[0];
                });
    }

    static Rule lion(IntToDoubleFunction rate, double b1, double b2, double decay) {
        return each(
                1,
                0,
                (w, g, s, t) -> {
                    double u = Math.signum(b1 * s[0] + (1 - b1) * g);
                    s[0] = b2 * s[0] + (1 - b2) * g;
                    return w - rate.applyAsDouble(t - 1) * (u + decay * w);
                });
    }

    static Rule lamb(IntToDoubleFunction rate, double b1, double b2, double eps, double decay) {
        var m = new double[2];
        var v = new double[2];
        return (theta, g, t) -> {
            var r = new double[2];
            double size = 0;
            double length = 0;
            for (int i = 0; i < 2; i++) {
                m[i] = b1 * m[i] + (1 - b1) * g[i];
                v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
                double vHat = v[i] / (1 - Math.pow(b2, t));
                r[i] = m[i] / (1 - Math.pow(b1, t)) / (Math.sqrt(vHat) + eps) + decay * theta[i];
                size += theta[i] * theta[i];
                length += r[i] * r[i];
            }
            double ratio = size > 0 && length > 0 ? Math.sqrt(size / length) : 1;
            for (int i = 0; i < 2; i++) {
                theta[i] -= rate.applyAsDouble(t - 1) * ratio * r[i];
            }
        };
    }

    /** For a vector, where nothing is factored. */
    static Rule adafactor(IntToDoubleFunction rate) {
        var v = new double[2];
        return (theta, g, t) -> {
            double beta = 1 - Math.pow(t, -0.8);
            var u = new double[2];
            for (int i = 0; i < 2; i++) {
                v[i] = beta * v[i] + (1 - beta) * (g[i] * g[i] + 1e-30);
                u[i] = g[i] / Math.sqrt(v[i]);
            }
            double rms = Math.sqrt((u[0] * u[0] + u[1] * u[1]) / 2);
            double size = Math.sqrt((theta[0] * theta[0] + theta[1] * theta[1]) / 2);
            for (int i = 0; i < 2; i++) {
                theta[i] -=
                        rate.applyAsDouble(t - 1) * Math.max(1e-3, size) * u[i] / Math.max(1, rms);
            }
        };
    }

    static Rule lookahead(Rule inner, int every, double share) {
        var slow = new double[2];
        return (theta, g, t) -> {
            if (t == 1) {
                System.arraycopy(theta, 0, slow, 0, 2);
            }
            inner.step(theta, g, t);
            if (t % every == 0) {
                for (int i = 0; i < 2; i++) {
                    slow[i] += share * (theta[i] - slow[i]);
                    theta[i] = slow[i];
                }
            }
        };
    }

    /** Steps only at every {@code every}-th call, on the mean gradient since the last. */
    static Rule accumulated(int every, Rule inner) {
        var sum = new double[2];
        return (theta, g, t) -> {
            sum[0] += g[0];
            sum[1] += g[1];
            if (t % every == 0) {
                inner.step(theta, new double[] {sum[0] / every, sum[1] / every}, t / every);
                sum[0] = 0;
                sum[1] = 0;
            }
        };
    }
}
