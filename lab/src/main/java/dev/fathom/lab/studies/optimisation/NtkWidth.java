package dev.fathom.lab.studies.optimisation;

import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.kernel.ReluKernel;
import dev.fathom.lab.instrument.kernel.TangentNet;
import dev.fathom.lab.instrument.operator.Curvature;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Pass;

import java.util.Arrays;
import java.util.List;

/** L15: the tangent kernel of a wide network is that of an infinitely wide one. */
public final class NtkWidth implements Study {
    private static final int POINTS = 10;
    private static final int INPUTS = 8;
    private static final int HIDDEN = 2;

    private static List<Integer> widths(Tier tier) {
        var all = List.of(64, 256, 1024, 4096);
        return tier.pick(List.of(64, 256, 1024), all, all);
    }

    @Override
    public Card card(Tier tier) {
        int widest = widths(tier).getLast();
        return Card.of("L15", "ntk-width", Oracle.EXACT)
                .star()
                .claim(
                        "The tangent kernel of a random ReLU network comes near the arc-cosine"
                                + " recursion as one over the root of its width.")
                .text("004, neural tangent kernel; 001, infinite width")
                .paper(
                        "A. Jacot, F. Gabriel, C. Hongler, Neural tangent kernel, NeurIPS 2018,"
                                + " theorem 1; recursion: Y. Cho, L. Saul, 2009, eq. 1 to 6")
                .story(
                        "The kernel K(x, x') is the scalar product of the gradients of the output"
                                + " at two inputs. In a finite network it is random, because the"
                                + " weights are; it is a mean over units, so its noise shrinks with"
                                + " the root of the width, and what remains has a closed form. Here"
                                + " the kernel of real networks is measured and held against it:"
                                + " nothing is trained and nothing fitted.")
                .notation(
                        """
                        K      JJᵀ, with J the derivative of the outputs of 10 points by all weights
                        Θ      the recursion for infinite width, two hidden layers
                        error  ‖K − Θ‖ / ‖Θ‖ in Frobenius norm, the root of its mean square over draws\
                        """)
                .data(
                        "10 Gaussian points in 8 dimensions, scaled to length √8; 16 fresh networks"
                            + " a width, 8 at the widest (with 6 and 2, tried first, the slope was"
                            + " −0.40: the noise of so few)")
                .cost(tier.pick(5.0, 40.0, 200.0), 1e9, tier.pick(1e10, 2e11, 2e12))
                .predict("slope of ln error by ln width", near(-0.5).within(0.1))
                .predict("error, width " + widest, atMost(tier.pick(0.14, 0.07, 0.07)))
                .positive("Θ(x, x) / Σ(x, x)", near(HIDDEN + 1).within(1e-6))
                .sabotage(
                        "error, width 1024, weights of half the variance in the formula",
                        atMost(0.14));
    }

    @Override
    public void run(Trial trial) {
        Tensor x = points(trial.data()); // (10, 8)
        Tensor theta = ReluKernel.of(HIDDEN).tangent(x, x); // (10, 10)
        var widths = widths(trial.tier());
        int nets = trial.tier().pick(12, 16, 40);
        var errors = new double[widths.size()];
        for (int i = 0; i < widths.size(); i++) {
            int width = widths.get(i);
            int draws = width > 2000 ? nets / 2 : nets;
            errors[i] = error(trial.init().fold(width), x, theta, width, draws);
            trial.measure("error, width " + width, errors[i]);
            trial.point("error", width, errors[i]);
            trial.progress(i + 1, widths.size());
        }
        trial.measure("slope of ln error by ln width", slope(widths, errors));
        trial.grid("infinite", picture(theta));
        trial.grid("narrow", picture(kernel(trial.init().fold(64).fold(0), x, 64)));
    }

    @Override
    public void controls(Trial trial) {
        Tensor x = points(trial.data());
        var kernel = ReluKernel.of(HIDDEN);
        trial.measure(
                "Θ(x, x) / Σ(x, x)",
                kernel.tangent(x, x).get(0).get(0).item()
                        / kernel.process(x, x).get(0).get(0).item());
        Tensor other = new ReluKernel(HIDDEN, 1, 0).tangent(x, x);
        trial.measure(
                "error, width 1024, weights of half the variance in the formula",
                error(trial.init(), x, other, 1024, 2));
    }

    private static Tensor points(Key key) {
        Tensor x = key.normal(DType.FLOAT64, POINTS, INPUTS);
        Tensor length = x.square().sum(1).sqrt().expandDims(1);
        return x.dividedBy(length).times(Math.sqrt(INPUTS));
    }

    /** Root mean square of the relative error over {@code draws} networks. */
    private static double error(Key key, Tensor x, Tensor theta, int width, int draws) {
        double sum = 0;
        for (int i = 0; i < draws; i++) {
            Tensor k = kernel(key.fold(i), x, width);
            sum += k.minus(theta).square().sum().item() / theta.square().sum().item();
        }
        return Math.sqrt(sum / draws);
    }

    private static Tensor kernel(Key key, Tensor x, int width) {
        Tensor inputs = x.cast(DType.FLOAT32);
        var net = TangentNet.of(INPUTS, HIDDEN, width, 1, DType.FLOAT32, key);
        return Curvature.tangentKernel((TangentNet m) -> m.apply(inputs, Pass.eval()), net)
                .dense()
                .cast(DType.FLOAT64);
    }

    /** By least squares. */
    private static double slope(List<Integer> widths, double[] errors) {
        var x = widths.stream().mapToDouble(Math::log).toArray();
        var y = Arrays.stream(errors).map(Math::log).toArray();
        double mx = Arrays.stream(x).average().orElseThrow();
        double my = Arrays.stream(y).average().orElseThrow();
        double xy = 0;
        double xx = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (x[i] - mx) * (y[i] - my);
            xx += (x[i] - mx) * (x[i] - mx);
        }
        return xy / xx;
    }

    private static Grid picture(Tensor kernel) {
        return Grid.image(kernel.toDoubles(), POINTS, POINTS);
    }

    @Override
    public List<Figure> figures(Results results) {
        var error = results.curve("error");
        double first = error.y()[0];
        var line = Arrays.stream(error.x()).map(w -> first * Math.sqrt(64 / w)).toArray();
        return List.of(
                Plot.of("error", "The kernel of a network comes near its limit")
                        .x("width", Scale.LOG)
                        .y("relative error", Scale.LOG)
                        .dashed("∝ 1/√width", error.x(), line)
                        .points("measured", error)
                        .caption("Two hidden layers, ten points, fresh weights."),
                kernelPicture("narrow", "K of one network of width 64", results),
                kernelPicture("infinite", "Θ, infinite width", results));
    }

    private static Figure kernelPicture(String name, String title, Results results) {
        return Plot.of(name, title)
                .x("point")
                .y("point")
                .heat("kernel", results.grid(name), Colours.SEQUENTIAL);
    }
}
