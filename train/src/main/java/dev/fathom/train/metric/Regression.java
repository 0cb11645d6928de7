package dev.fathom.train.metric;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.train.error.SettingException;

import java.util.Locale;

/**
 * How far numbers are from those to be predicted.
 *
 * @param mse the mean of (y − t)² over examples and outputs, in the square of the target's unit
 * @param mae the mean of |y − t|, in the target's unit
 * @param r2 the coefficient of determination, R² = 1 − Σ(y − t)² / Σ(t − t̄)², the mean over the
 *     outputs: 1 is perfect, 0 is as good as the mean of the targets, negative is worse. For
 *     targets that are all equal it is 1 if every prediction is exact and 0 otherwise
 */
public record Regression(double mse, double mae, double r2) {
    /**
     * Of predictions and targets, both (n) or both (n, k), n at least 1.
     *
     * @throws SettingException if the shapes differ
     */
    public static Regression of(Tensor predicted, Tensor target) {
        if (!predicted.shape().equals(target.shape())
                || predicted.rank() < 1
                || predicted.rank() > 2
                || predicted.size() == 0) {
            throw new SettingException(
                    "regression: predictions "
                            + predicted.shape()
                            + " and targets "
                            + target.shape()
                            + " must have the same shape, (n) or (n, k)");
        }
        int n = predicted.dim(0);
        int k = predicted.rank() == 1 ? 1 : predicted.dim(1);
        var y = predicted.toDoubles();
        var t = target.toDoubles();
        double squares = 0;
        double absolute = 0;
        double r2 = 0;
        for (int j = 0; j < k; j++) {
            double mean = 0;
            for (int i = 0; i < n; i++) {
                mean += t[i * k + j] / n;
            }
            double left = 0;
            double total = 0;
            for (int i = 0; i < n; i++) {
                double error = y[i * k + j] - t[i * k + j];
                double spread = t[i * k + j] - mean;
                left += error * error;
                absolute += Math.abs(error);
                total += spread * spread;
            }
            squares += left;
            if (constant(t, j, k)) {
                r2 += left == 0 ? 1 : 0;
            } else {
                r2 += 1 - left / total;
            }
        }
        double all = (double) n * k;
        return new Regression(squares / all, absolute / all, r2 / k);
    }

    private static boolean constant(double[] t, int j, int k) {
        for (int i = j; i < t.length; i += k) {
            if (t[i] != t[j]) {
                return false;
            }
        }
        return true;
    }

    /** The root of the mean squared error, in the target's unit. */
    public double rmse() {
        return Math.sqrt(mse);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "RMSE %.4g, MAE %.4g, R² %.4f", rmse(), mae, r2);
    }
}
