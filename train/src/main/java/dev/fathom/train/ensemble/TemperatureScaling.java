package dev.fathom.train.ensemble;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.loop.Predictor;

import java.util.Arrays;

/**
 * A classifier whose logits are divided by a temperature T, chosen on validation data to make the
 * cross-entropy as small as possible: the same classes, honest probabilities. C. Guo, G. Pleiss, Y.
 * Sun, K. Weinberger, "On calibration of modern neural networks", ICML 2017, section 4.2, equation
 * 9.
 *
 * <p>Shapes: x as the model takes it, logits (n, classes).
 *
 * @param model gives logits
 * @param temperature T, positive: above 1 the model was too sure
 */
public record TemperatureScaling<M extends Layer>(M model, double temperature) implements Layer {
    /** The temperatures that can be found. */
    private static final double LEAST = 1e-3;

    /** Checks T. */
    public TemperatureScaling {
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new SettingException(
                    "temperature scaling: the temperature is "
                            + temperature
                            + "; it must be positive and finite");
        }
    }

    /** With the temperature that fits {@code validation}, which the model was not trained on. */
    public static <M extends Layer> TemperatureScaling<M> of(M model, Dataset validation) {
        Tensor logits = Predictor.of(model).outputs(validation);
        return new TemperatureScaling<>(model, fitted(logits, validation.labels()));
    }

    /**
     * The T in [0.001, 1000] of the smallest cross-entropy. With β = 1/T that is convex, and its
     * derivative, the mean of Σ_c softmax(β z)_c (z_c − z_y), is halved towards 0 until β stands to
     * 14 digits. An end of the range comes out where the best T is 0 or infinite: every label has
     * the largest logit, or the logits say nothing about the labels.
     *
     * @param logits z, (n, classes)
     * @param labels y of the n examples
     */
    public static double fitted(Tensor logits, int[] labels) {
        if (logits.rank() != 2 || logits.dim(0) != labels.length || labels.length == 0) {
            throw new SettingException(
                    "temperature scaling: logits "
                            + logits.shape()
                            + " do not fit "
                            + labels.length
                            + " labels: logits are (n, classes) with n labels, n at least 1");
        }
        int k = logits.dim(1);
        var z = logits.toDoubles();
        double low = Math.log(LEAST);
        double high = -low;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (slope(z, k, labels, Math.exp(middle)) <= 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.exp(-(low + high) / 2);
    }

    /** The derivative of the cross-entropy by β, times n. */
    private static double slope(double[] z, int k, int[] labels, double beta) {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            double max = Arrays.stream(z, i * k, (i + 1) * k).max().orElseThrow();
            double weights = 0;
            double mean = 0;
            for (int c = i * k; c < (i + 1) * k; c++) {
                double p = Math.exp(beta * (z[c] - max));
                weights += p;
                mean += p * (z[c] - z[i * k + labels[i]]);
            }
            sum += mean / weights;
        }
        return sum;
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.child("model", model, x).dividedBy(temperature); // (n, classes)
    }
}
