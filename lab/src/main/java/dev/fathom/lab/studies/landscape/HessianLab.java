package dev.fathom.lab.studies.landscape;

import static dev.fathom.core.math.Linalg.eigh;
import static dev.fathom.core.math.Linalg.transpose;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.operator.Curvature;
import dev.fathom.lab.instrument.operator.LinearOperator;
import dev.fathom.lab.instrument.spectrum.SpectralDensity;
import dev.fathom.lab.instrument.spectrum.Trace;
import dev.fathom.lab.studies.support.Training;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.Mlp;
import dev.fathom.optim.recipe.Sgd;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** L34: curvature seen through products with vectors is the curvature. */
public final class HessianLab implements Study {
    private static final int ROWS = 60; // n
    private static final int INPUTS = 6; // d
    private static final int CLASSES = 4; // k

    /** Of Student's law with 39 degrees of freedom: half of the 95 % interval in errors. */
    private static final double T_QUANTILE = 2.0227;

    @Override
    public Card card(Tier tier) {
        return Card.of("L34", "hessian-lab", Oracle.EXACT)
                .claim(
                        "Products of the Hessian with vectors give the textbook Hessians of linear"
                                + " models, and the whole spectrum of a network from a few dozen"
                                + " products.")
                .text("004 and 005, curvature and flat minima")
                .paper(
                        "B. Pearlmutter, Fast exact multiplication by the Hessian, 1994; B."
                            + " Ghorbani, S. Krishnan, Y. Xiao, An investigation into neural net"
                            + " optimization via Hessian eigenvalue density, ICML 2019, section 2;"
                            + " R. Meyer et al., Hutch++, 2021")
                .story(
                        "A network with p weights has a Hessian of p² numbers, which nobody wants"
                            + " to form; its product with a vector costs about as much as three"
                            + " gradients. Where the Hessian is known by hand the products give it"
                            + " to the last digits. For a trained network Lanczos' method turns a"
                            + " few dozen products into the density of all eigenvalues: a large"
                            + " heap at zero, and a handful far to the right, about one fewer than"
                            + " there are classes.")
                .notation(
                        """
                        squared error   H = XᵀX/n
                        logistic        H = Xᵀ diag(s(1−s)) X/n, s = σ(Xw)
                        softmax         H = Σ xᵢxᵢᵀ ⊗ (diag(pᵢ) − pᵢpᵢᵀ)/n
                        W₁              area between two distribution functions, here over the spectrum's width\
                        """)
                .data("Gaussian for the models; 200 digits for a network of 524 weights")
                .cost(tier.pick(6.0, 20.0, 60.0), 1e8, tier.pick(1e10, 4e10, 2e11))
                .predict("squared error, largest difference", atMost(1e-9))
                .predict("logistic, largest difference", atMost(1e-9))
                .predict("softmax, largest difference", atMost(1e-9))
                .predict("W₁ of the density to the spectrum", atMost(0.01))
                .predict("share of trace intervals that hold the trace", atLeast(0.9))
                .positive("softmax regression, Hessian minus Gauss-Newton", near(0).within(1e-9))
                .sabotage("network, Hessian minus Gauss-Newton", near(0).within(1e-9));
    }

    @Override
    public void run(Trial trial) {
        Tensor x = trial.data().fold(0).normal(DType.FLOAT64, ROWS, INPUTS); // (n, d)
        Tensor w = trial.init().fold(0).normal(DType.FLOAT64, INPUTS); // (d)
        Tensor xt = transpose(x);

        Tensor line = trial.data().fold(1).normal(DType.FLOAT64, ROWS); // (n)
        var squared =
                Curvature.hessian(
                        (Tensor v) -> x.matmul(v).minus(line).square().mean().times(0.5), w);
        trial.measure(
                "squared error, largest difference",
                largest(squared.dense().minus(xt.matmul(x).times(1.0 / ROWS))));

        Tensor yes = trial.data().fold(2).bernoulli(0.5, ROWS).cast(DType.FLOAT64);
        var logistic = Curvature.hessian((Tensor v) -> Losses.logistic(x.matmul(v), yes), w);
        Tensor s = Functions.sigmoid(x.matmul(w)); // (n)
        Tensor weights = s.minus(s.square()).expandDims(1); // (n, 1)
        trial.measure(
                "logistic, largest difference",
                largest(logistic.dense().minus(xt.matmul(x.times(weights)).times(1.0 / ROWS))));

        Tensor matrix = trial.init().fold(1).normal(DType.FLOAT64, INPUTS, CLASSES); // (d, k)
        Tensor y = trial.data().fold(3).integers(CLASSES, ROWS);
        trial.measure(
                "softmax, largest difference",
                largest(
                        Curvature.hessian((Tensor v) -> softmaxLoss(v, x, y), matrix)
                                .dense()
                                .minus(softmaxHessian(matrix, x))));
        trial.progress(1, 3);

        var hessian = network(trial);
        var exact = eigh(hessian.dense()).values().toDoubles();
        Arrays.sort(exact);
        double width = exact[exact.length - 1] - exact[0];
        var density = SpectralDensity.of(hessian, 10, 60, trial.stream("starts"));
        trial.measure("W₁ of the density to the spectrum", density.distance(exact) / width);
        var at = Grid.spaced(exact[0] - 0.1 * width, exact[exact.length - 1] + 0.1 * width, 400);
        trial.curve(
                "density",
                at,
                Arrays.stream(at).map(v -> density.density(v, 0.01 * width) + 1e-6).toArray());
        trial.curve("eigenvalues", exact);
        trial.progress(2, 3);

        double trace = Arrays.stream(exact).sum();
        int runs = trial.tier().pick(20, 40, 200);
        int held = 0;
        for (int i = 0; i < runs; i++) {
            var estimate = Trace.hutchinson(hessian, 40, trial.stream("traces").fold(i));
            held += Math.abs(estimate.value() - trace) <= T_QUANTILE * estimate.error() ? 1 : 0;
        }
        trial.measure("share of trace intervals that hold the trace", held / (double) runs);
    }

    @Override
    public void controls(Trial trial) {
        Tensor x = trial.data().normal(DType.FLOAT64, ROWS, INPUTS);
        Tensor y = trial.data().fold(3).integers(CLASSES, ROWS);
        Tensor w = trial.init().normal(DType.FLOAT64, INPUTS, CLASSES);
        trial.measure(
                "softmax regression, Hessian minus Gauss-Newton",
                largest(
                        Curvature.hessian((Tensor v) -> softmaxLoss(v, x, y), w)
                                .dense()
                                .minus(
                                        Curvature.gaussNewton(
                                                        (Tensor v) -> x.matmul(v),
                                                        z -> Losses.crossEntropy(z, y),
                                                        w)
                                                .dense())));
        Mlp net = wide(Mlp.of(Shape.of(INPUTS), CLASSES, trial.init().fold(2), 5));
        trial.measure(
                "network, Hessian minus Gauss-Newton",
                largest(
                        Curvature.hessian(
                                        (Mlp m) -> Losses.crossEntropy(m.apply(x, Pass.eval()), y),
                                        net)
                                .dense()
                                .minus(
                                        Curvature.gaussNewton(
                                                        (Mlp m) -> m.apply(x, Pass.eval()),
                                                        z -> Losses.crossEntropy(z, y),
                                                        net)
                                                .dense())));
    }

    private static Tensor softmaxLoss(Tensor w, Tensor x, Tensor y) {
        return Losses.crossEntropy(x.matmul(w), y);
    }

    /** Σᵢ xᵢxᵢᵀ ⊗ (diag(pᵢ) − pᵢpᵢᵀ)/n in the order of the entries of w, (dk, dk). */
    private static Tensor softmaxHessian(Tensor w, Tensor x) {
        Tensor p = Functions.softmax(x.matmul(w), -1); // (n, k)
        Tensor eye = Creation.eye(DType.FLOAT64, CLASSES);
        Tensor spread =
                p.expandDims(2).times(eye).minus(p.expandDims(2).times(p.expandDims(1))); // (n,k,k)
        Tensor square = x.expandDims(2).times(x.expandDims(1)); // (n, d, d)
        return square.reshape(ROWS, INPUTS, 1, INPUTS, 1)
                .times(spread.reshape(ROWS, 1, CLASSES, 1, CLASSES))
                .mean(0) // (d, k, d, k)
                .reshape(INPUTS * CLASSES, INPUTS * CLASSES);
    }

    /** The Hessian of a small network after some training on digits. */
    private static LinearOperator network(Trial trial) {
        var batch = Datasets.load("digits").normalised().train().take(200).all();
        Tensor x = batch.features().flatten(1).cast(DType.FLOAT64); // (200, 64)
        Function<Mlp, Tensor> loss =
                m -> Losses.crossEntropy(m.apply(x, Pass.eval()), batch.labels());
        Mlp start = wide(Mlp.of(Shape.of(64), 10, trial.init().fold(3), 6));
        Mlp net = Training.minimise(start, Sgd.of(0.3), 200, (m, _) -> loss.apply(m));
        return Curvature.hessian(loss, net);
    }

    private static Mlp wide(Mlp net) {
        return Tree.map(t -> t.cast(DType.FLOAT64), net);
    }

    private static double largest(Tensor difference) {
        return difference.abs().max().item();
    }

    @Override
    public List<Figure> figures(Results results) {
        var eigenvalues = results.curve("eigenvalues").y();
        return List.of(
                Plot.of("density", "Most eigenvalues are near zero, a few stand far out")
                        .x("eigenvalue of the Hessian", Scale.LINEAR)
                        .y("density", Scale.LOG)
                        .line("Lanczos, 10 starts of 60 steps", results.curve("density"))
                        .points(
                                "eigenvalues of the whole matrix",
                                eigenvalues,
                                Arrays.stream(eigenvalues).map(_ -> 2e-6).toArray())
                        .caption("A network of 6 hidden units after 200 steps on 200 digits."));
    }
}
