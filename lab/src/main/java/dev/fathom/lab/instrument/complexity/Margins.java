package dev.fathom.lab.instrument.complexity;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

/** By how much the right class wins. */
public final class Margins {
    private Margins() {}

    /**
     * f(x)_y − max over j ≠ y of f(x)_j for every example; negative where the answer is wrong.
     *
     * @param outputs (n, k), k ≥ 2
     * @param labels (n), integers in [0, k)
     */
    public static double[] of(Tensor outputs, Tensor labels) {
        InstrumentException.require(
                outputs.rank() == 2
                        && outputs.dim(1) >= 2
                        && labels.rank() == 1
                        && labels.dim(0) == outputs.dim(0)
                        && !labels.dtype().isFloating(),
                "margins want outputs (n, k) with k ≥ 2 and integer labels (n), not "
                        + outputs.type()
                        + " and "
                        + labels.type());
        var f = outputs.cast(DType.FLOAT64).toDoubles();
        var y = labels.toLongs();
        int k = outputs.dim(1);
        var margins = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            InstrumentException.require(
                    y[i] >= 0 && y[i] < k, "label " + y[i] + " is not one of " + k + " classes");
            double best = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < k; j++) {
                best = j == y[i] ? best : Math.max(best, f[i * k + j]);
            }
            margins[i] = f[i * k + (int) y[i]] - best;
        }
        return margins;
    }

    /**
     * Margins in the unit in which Bartlett, Foster and Telgarsky plot them: divided by R_A ‖X‖_F /
     * n, so that networks of different scale may be laid on top of each other (NIPS 2017).
     *
     * @param complexity R_A of the network
     * @param features X, (n, ..), of the same examples
     */
    public static double[] normalised(
            Tensor outputs, Tensor labels, double complexity, Tensor features) {
        double size = Math.sqrt(features.cast(DType.FLOAT64).square().sum().item());
        double unit = complexity * size / features.dim(0);
        InstrumentException.check("margins", "the unit R_A ‖X‖/n", unit, "positive", unit > 0);
        var margins = of(outputs, labels);
        for (int i = 0; i < margins.length; i++) {
            margins[i] /= unit;
        }
        return margins;
    }
}
