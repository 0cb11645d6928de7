package dev.fathom.lab.studies.theory;

import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.valueAndGrad;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Creation;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.instrument.complexity.Bounds;
import dev.fathom.lab.instrument.complexity.Margins;
import dev.fathom.lab.instrument.complexity.Norms;
import dev.fathom.lab.instrument.statistic.KolmogorovSmirnov;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.Mlp;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.transform.Chain;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** L27: margins in units of the spectral complexity tell learning from memorising. */
public final class SpectralComplexity implements Study {
    private static final int WIDTH = 128;

    @Override
    public Card card(Tier tier) {
        return Card.of("L27", "spectral-complexity", Oracle.EXACT)
                .claim(
                        "Divided by the spectral complexity R_A, the margins of a network trained"
                                + " on true labels are larger than those of one trained on random"
                                + " labels, though both fit every example.")
                .text("002 and 004, margins and norms")
                .paper(
                        "P. Bartlett, D. Foster, M. Telgarsky, Spectrally-normalized margin bounds"
                            + " for neural networks, NeurIPS 2017, equation 1.2; N. Golowich, A."
                            + " Rakhlin, O. Shamir, Size-independent sample complexity of neural"
                            + " networks, COLT 2018, theorem 1")
                .story(
                        "Both networks classify every training example, so the number of errors"
                            + " cannot tell them apart. To fit random labels the weights have to"
                            + " move far from where they began, and the margins, measured in the"
                            + " unit that the weights define, shrink. The unit itself has values by"
                            + " hand, and does not change if one layer is multiplied by a hundred"
                            + " and the next divided by it.")
                .notation(
                        """
                        R_A     ∏ ‖Aᵢ‖_σ (Σ (‖(Aᵢ − Mᵢ)ᵀ‖_{2,1} / ‖Aᵢ‖_σ)^{2/3})^{3/2}, Mᵢ: first values
                        margin  (f(x)_y − max_{j≠y} f(x)_j) n / (R_A ‖X‖_F)\
                        """)
                .data("Fashion-MNIST, the part that ships: the first 300, 1000 or 2000 images")
                .seeds(tier.pick(1, 5, 10))
                .cost(tier.pick(6.0, 60.0, 200.0), 2e8, tier.pick(1e10, 5e11, 2e12))
                .predict("R_A of diag(3, 4)", near(7).within(1e-12))
                .predict("R_A of three identities of size 5", near(25.98076211353316).within(1e-9))
                .predict("R_A of two matrices by hand", near(27.386296).within(1e-6))
                .predict("R_A at its reference", near(0).within(1e-12))
                .predict("R_A after c and 1/c, over R_A before", near(1).within(1e-9))
                .predict("training accuracy, true labels", atLeast(1))
                .predict("training accuracy, random labels", atLeast(1))
                .predict("median normalised margin, true over random", Oracle.DIRECTION, atLeast(1))
                .predict("p of Kolmogorov and Smirnov", Oracle.DIRECTION, atMost(0.01))
                .positive("Golowich's bound by hand, its ratio", near(1).within(1e-12))
                .sabotage(
                        "Frobenius norms after c and 1/c, over those before", near(1).within(1e-9));
    }

    @Override
    public void run(Trial trial) {
        trial.measure("R_A of diag(3, 4)", Bounds.spectralComplexity(List.of(layer(3, 0, 0, 4))));
        var identities = Collections.nCopies(3, Creation.eye(DType.FLOAT64, 5));
        trial.measure("R_A of three identities of size 5", Bounds.spectralComplexity(identities));
        var two = List.of(layer(1, 2, 0, 1), layer(0, 1, 3, 0));
        trial.measure("R_A of two matrices by hand", Bounds.spectralComplexity(two));
        trial.measure("R_A at its reference", Bounds.spectralComplexity(two, two));
        trial.measure(
                "R_A after c and 1/c, over R_A before",
                Bounds.spectralComplexity(rescaled(two)) / Bounds.spectralComplexity(two));

        int n = trial.tier().pick(300, 1000, 2000);
        var batch = Datasets.load("fashion-mnist-small").normalised().train().take(n).all();
        Tensor x = batch.features();
        var honest = fit(trial, "true labels", x, batch.labels());
        trial.progress(1, 2);
        var other = trial.stream("labels").integers(10, n);
        var memorised = fit(trial, "random labels", x, other);
        trial.measure(
                "median normalised margin, true over random", median(honest) / median(memorised));
        trial.measure(
                "p of Kolmogorov and Smirnov",
                KolmogorovSmirnov.twoSample(honest, memorised).pValue());
    }

    @Override
    public void controls(Trial trial) {
        // 3 (√(2 · 2 ln 2) + 1) · 5 · 2 / √25
        var w = List.of(layer(3, 0, 0, 4), Tensor.of(new double[] {0, 2}, 2, 1));
        double hand = 6 * (Math.sqrt(4 * Math.log(2)) + 1);
        trial.measure("Golowich's bound by hand, its ratio", Bounds.golowich(w, 3, 25) / hand);
        var two = List.of(layer(1, 2, 0, 1), layer(0, 1, 3, 0));
        trial.measure(
                "Frobenius norms after c and 1/c, over those before",
                Norms.frobeniusSum(rescaled(two)) / Norms.frobeniusSum(two));
    }

    /**
     * A printed matrix [[a, b], [c, d]], which acts on columns, as a weight, which acts on rows.
     */
    private static Tensor layer(double a, double b, double c, double d) {
        return Tensor.of(new double[] {a, c, b, d}, 2, 2);
    }

    private static List<Tensor> rescaled(List<Tensor> two) {
        return List.of(two.get(0).times(100), two.get(1).times(0.01));
    }

    private record State(Mlp net, Chain.State optimizer, Tensor loss) {}

    /** Trains to the end on all examples at once; the normalised margins of all of them. */
    private static double[] fit(Trial trial, String what, Tensor x, Tensor y) {
        Mlp start = Mlp.of(Shape.of(28, 28, 1), 10, trial.init(), WIDTH);
        var adam = Adam.of(1e-3);
        var step =
                jit((State s) -> {
                    var here =
                            valueAndGrad((Mlp m) -> Losses.crossEntropy(m.apply(x, Pass.eval()), y))
                                    .apply(s.net);
                    var next = adam.update(here.gradient(), s.optimizer, s.net);
                    return new State(next.params(), next.state(), here.value());
                });
        var state = new State(start, adam.init(start), Tensor.scalar(1f));
        for (int i = 0; i < 2000 && state.loss().item() > 0.01; i++) {
            state = step.apply(state);
        }
        Tensor f = state.net().apply(x, Pass.eval()); // (n, 10)
        double right = f.argMax(-1).equalTo(y).cast(DType.FLOAT64).mean().item();
        trial.measure("training accuracy, " + what, right);
        double complexity =
                Bounds.spectralComplexity(Norms.weights(state.net()), Norms.weights(start));
        trial.measure("R_A, " + what, complexity);
        var margins = Margins.normalised(f, y, complexity, x);
        trial.curve(what, margins);
        return margins;
    }

    private static double median(double[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    @Override
    public List<Figure> figures(Results results) {
        return List.of(
                Plot.of("margins", "Memorised examples have small margins")
                        .x("margin in units of R_A ‖X‖/n")
                        .y("density")
                        .histogram("true labels", 30, results.curve("true labels").y())
                        .histogram("random labels", 30, results.curve("random labels").y())
                        .caption("Both networks classify every example they were trained on."));
    }
}
