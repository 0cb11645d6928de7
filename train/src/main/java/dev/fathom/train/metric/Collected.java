package dev.fathom.train.metric;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.train.error.SettingException;

import java.util.Arrays;

/** Checks of predictions collected over a whole set. */
final class Collected {
    private Collected() {}

    /** The rows of outputs (n, classes), one for each of n labels. */
    static double[][] rows(String metric, Tensor outputs, int[] labels) {
        if (outputs.rank() != 2 || outputs.dim(0) != labels.length) {
            throw new SettingException(
                    metric
                            + ": outputs "
                            + outputs.shape()
                            + " do not fit "
                            + labels.length
                            + " labels: outputs are (n, classes) with n labels");
        }
        int k = outputs.dim(1);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= k) {
                throw new SettingException(
                        metric
                                + ": example "
                                + i
                                + " has label "
                                + labels[i]
                                + ", but there are "
                                + k
                                + " classes, numbered from 0");
            }
        }
        var values = outputs.toDoubles();
        var rows = new double[labels.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(values, i * k, (i + 1) * k);
        }
        return rows;
    }
}
