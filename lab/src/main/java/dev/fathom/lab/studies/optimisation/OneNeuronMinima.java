package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.math.Creation.linspace;
import static dev.fathom.core.math.Functions.exp;
import static dev.fathom.core.math.Functions.sigmoid;
import static dev.fathom.core.math.Functions.softplus;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;

import java.util.List;
import java.util.function.UnaryOperator;

/** L16: a single sigmoid neuron can have as many local minima as it has examples. */
public final class OneNeuronMinima implements Study {
    private static final double TARGET = 0.75; // y = σ(ln 3)
    private static final double LOGIT = Math.log(3);
    private static final double APART = Math.log(100); // between neighbours of ln x
    private static final int POINTS = 20_000;

    @Override
    public Card card(Tier tier) {
        return Card.of("L16", "one-neuron-minima", Oracle.BOUND)
                .claim(
                        "The squared error of one sigmoid neuron with one weight can have a local"
                                + " minimum for every example.")
                .text("003, local minima")
                .paper(
                        "P. Auer, M. Herbster, M. Warmuth, Exponentially many local minima for"
                                + " single neurons, NeurIPS 1995, theorem 3.1")
                .story(
                        "Example i wants w = ln 3 / xᵢ, and as the xᵢ are a hundred times apart,"
                            + " each sees the others as constants: for smaller x the neuron is"
                            + " still at ½, for larger ones already at 1, and both miss the target"
                            + " ¾ by ¼. So the error is a row of equal dips in ln w. The sign of"
                            + " the derivative changes from − to + in each, which proves a minimum"
                            + " between two points. With the loss that matches the sigmoid,"
                            + " cross-entropy, the same neuron has a single minimum.")
                .notation(
                        """
                        xᵢ     100ⁱ, i = 0 … n−1
                        E(w)   Σ (¾ − σ(w xᵢ))²
                        u      ln(w / ln 3): dip i is near u = −i ln 100\
                        """)
                .data("constructed: n examples (100ⁱ, ¾); no randomness")
                .cost(2, 1e7, 1e8)
                .predict("minima, n = 2", atLeast(2))
                .predict("minima, n = 4", atLeast(4))
                .predict("minima, n = 8", atLeast(8))
                .positive("minima, n = 1", near(1))
                .sabotage("minima of the cross-entropy, n = 8", atLeast(8));
    }

    @Override
    public void run(Trial trial) {
        for (int n : new int[] {2, 4, 8}) {
            trial.measure("minima, n = " + n, minima(n, OneNeuronMinima::squared));
        }
        Tensor u = line(4); // (points)
        trial.curve("error", u.toDoubles(), error(u, 4, OneNeuronMinima::squared).toDoubles());
        trial.curve(
                "cross-entropy",
                u.toDoubles(),
                error(u, 4, OneNeuronMinima::crossEntropy).times(0.1).toDoubles());
    }

    @Override
    public void controls(Trial trial) {
        trial.measure("minima, n = 1", minima(1, OneNeuronMinima::squared));
        trial.measure(
                "minima of the cross-entropy, n = 8", minima(8, OneNeuronMinima::crossEntropy));
    }

    private static Tensor squared(Tensor z) {
        return sigmoid(z).negate().plus(TARGET).square();
    }

    /** −¾ ln σ(z) − ¼ ln(1 − σ(z)) = ln(1 + eᶻ) − ¾ z. */
    private static Tensor crossEntropy(Tensor z) {
        return softplus(z).minus(z.times(TARGET));
    }

    /** Every u worth looking at: from below the dip of the largest x to above that of x = 1. */
    private static Tensor line(int n) {
        return linspace(-n * APART, APART, POINTS);
    }

    /** E at each u, (points). */
    private static Tensor error(Tensor u, int n, UnaryOperator<Tensor> loss) {
        Tensor logX = linspace(0, (n - 1) * APART, n); // (n)
        Tensor z = exp(u.expandDims(1).plus(logX)).times(LOGIT); // w x, (points, n)
        return loss.apply(z).sum(1);
    }

    /** Pairs of neighbours between which dE/du goes from negative to positive. */
    private static int minima(int n, UnaryOperator<Tensor> loss) {
        var slope = grad((Tensor u) -> error(u, n, loss).sum()).apply(line(n)).toDoubles();
        int found = 0;
        for (int i = 1; i < slope.length; i++) {
            found += slope[i - 1] < 0 && slope[i] > 0 ? 1 : 0;
        }
        return found;
    }

    @Override
    public List<Figure> figures(Results results) {
        return List.of(
                Plot.of("minima", "Four examples, four local minima")
                        .x("u = ln(w / ln 3)", Scale.LINEAR)
                        .y("error", Scale.LINEAR)
                        .yRange(0, 0.6)
                        .line("squared error", results.curve("error"))
                        .line("cross-entropy / 10", results.curve("cross-entropy"))
                        .caption("One weight; the error seen on a logarithmic scale of it."));
    }
}
