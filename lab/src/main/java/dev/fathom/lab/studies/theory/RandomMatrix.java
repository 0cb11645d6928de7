package dev.fathom.lab.studies.theory;

import static dev.fathom.core.math.Linalg.eigh;
import static dev.fathom.core.math.Linalg.transpose;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.instrument.statistic.KolmogorovSmirnov;
import dev.fathom.lab.instrument.statistic.MarchenkoPastur;
import dev.fathom.lab.studies.support.Images;
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
import dev.fathom.optim.recipe.Adam;

import java.util.Arrays;
import java.util.List;

/** L18: the law of random matrices, and the trace that training leaves in it. */
public final class RandomMatrix implements Study {
    private static final int BATCH = 64;

    /** An n × p matrix of independent entries. */
    private record Size(int n, int p) {
        MarchenkoPastur law() {
            return MarchenkoPastur.of(n, p);
        }
    }

    private static Size size(Tier tier) {
        return tier.pick(new Size(800, 200), new Size(2000, 500), new Size(8000, 2000));
    }

    @Override
    public Card card(Tier tier) {
        var size = size(tier);
        // the edges of a finite matrix are off by the order of p^(-2/3)
        double edge = tier.pick(0.08, 0.03, 0.02);
        return Card.of("L18", "random-matrix", Oracle.EXACT)
                .claim(
                        "The eigenvalues of a sample covariance of pure noise fill the"
                                + " Marchenko-Pastur law; those of trained weights do not.")
                .text("001, random matrices and interpolation")
                .paper(
                        "V. Marchenko, L. Pastur, Distribution of eigenvalues for some sets of"
                            + " random matrices, 1967; for weights: C. Martin, M. Mahoney, Implicit"
                            + " self-regularization in deep neural networks, JMLR 2021")
                .story(
                        "All true variances are 1, and yet the sample shows eigenvalues from ¼ to"
                            + " 2¼: noise looks like structure if there are only four rows for"
                            + " every column. The law says exactly how much. So it is a ruler: the"
                            + " weights of a network follow it before training, and after a few"
                            + " hundred steps some eigenvalues stand far outside. Shuffle the"
                            + " entries of the trained matrix, which keeps every number and"
                            + " destroys what was learned, and the law is back.")
                .notation(
                        """
                        X      n × p, independent standard normal entries; γ = p/n = ¼
                        λ      eigenvalues of XᵀX/n
                        edges  (1 ± √γ)² = 0.25 and 2.25
                        f(λ)   √((λ₊ − λ)(λ − λ₋)) / (2πγλ)
                        KS     largest gap between the two distribution functions\
                        """)
                .data(
                        "Gaussian; Fashion-MNIST, the part that ships: first layer of a network"
                                + " with one hidden layer of 196 units")
                .cost(tier.pick(5.0, 12.0, 90.0), 1e8, tier.pick(1e10, 3e10, 5e11))
                .predict("smallest eigenvalue", near(size.law().lower()).within(edge))
                .predict("largest eigenvalue", near(size.law().upper()).within(edge))
                .predict("KS, Gaussian matrix", atMost(0.02))
                .predict("KS, weights before training", atMost(0.02))
                .predict("KS, trained weights", Oracle.DIRECTION, atLeast(0.04))
                .predict(
                        "largest eigenvalue over the edge, trained", Oracle.DIRECTION, atLeast(1.5))
                .positive("KS, trained weights with shuffled entries", atMost(0.04))
                .sabotage("KS, Gaussian rows that follow each other", atMost(0.02));
    }

    @Override
    public void run(Trial trial) {
        var size = size(trial.tier());
        Tensor x = trial.data().normal(FLOAT64, size.n, size.p); // (n, p)
        var values = spectrum(x);
        trial.measure("smallest eigenvalue", values[0]);
        trial.measure("largest eigenvalue", values[values.length - 1]);
        trial.measure("KS, Gaussian matrix", gap(values, size.law()));
        trial.curve("Gaussian", values);
        trial.progress(1, 3);

        Tensor before = net(trial.init()).hidden().getFirst().weight().cast(FLOAT64);
        Tensor after = trained(trial);
        trial.measure("KS, weights before training", gap(normal(before)));
        var learned = normal(after);
        trial.measure("KS, trained weights", gap(learned));
        double edge = law(after).upper();
        trial.measure(
                "largest eigenvalue over the edge, trained", learned[learned.length - 1] / edge);
        trial.measure(
                "eigenvalues beyond the edge, trained",
                Arrays.stream(learned).filter(v -> v > edge).count());
        trial.curve("before", normal(before));
        trial.curve("trained", learned);
        trial.curve("shuffled", normal(shuffled(after, trial.stream("shuffle"))));
    }

    @Override
    public void controls(Trial trial) {
        trial.measure(
                "KS, trained weights with shuffled entries",
                gap(normal(shuffled(trained(trial), trial.stream("shuffle")))));
        var size = size(trial.tier());
        Tensor x = trial.data().normal(FLOAT64, size.n + 1, size.p);
        Tensor moving = x.slice(0, 0, size.n).plus(x.slice(0, 1, size.n + 1));
        trial.measure(
                "KS, Gaussian rows that follow each other",
                gap(spectrum(moving.dividedBy(Math.sqrt(2))), size.law()));
    }

    private static Mlp net(Key key) {
        return Mlp.of(Shape.of(Images.PIXELS), Images.CLASSES, key, 196);
    }

    /** The first layer after training, float64 (784, 196). */
    private static Tensor trained(Trial trial) {
        var images = Images.train(trial.tier().pick(1000, 4000, 6000));
        var key = trial.order();
        return Training.minimise(
                        net(trial.init()),
                        Adam.of(3e-3),
                        trial.tier().pick(150, 400, 3000),
                        (Mlp model, Tensor step) -> {
                            var batch = images.batch(key, step, BATCH);
                            return Losses.crossEntropy(
                                    model.apply(batch.x(), Pass.eval()), batch.y());
                        })
                .hidden()
                .getFirst()
                .weight()
                .cast(DType.FLOAT64);
    }

    /** Eigenvalues of XᵀX/n, ascending. */
    private static double[] spectrum(Tensor x) {
        return eigh(transpose(x).matmul(x).dividedBy(x.dim(0))).values().toDoubles();
    }

    /** Those of a matrix scaled to entries of mean square 1. */
    private static double[] normal(Tensor w) {
        return spectrum(w.dividedBy(Math.sqrt(w.square().mean().item())));
    }

    private static MarchenkoPastur law(Tensor w) {
        return MarchenkoPastur.of(w.dim(0), w.dim(1));
    }

    private static double gap(double[] values) {
        return gap(values, MarchenkoPastur.of(Images.PIXELS, values.length));
    }

    private static double gap(double[] values, MarchenkoPastur law) {
        return KolmogorovSmirnov.oneSample(values, law::distribution).statistic();
    }

    private static Tensor shuffled(Tensor w, Key key) {
        int n = (int) w.size();
        Tensor flat = Shaping.take(w.reshape(n), key.permutation(n), 0);
        return flat.reshape(w.shape().dims());
    }

    @Override
    public List<Figure> figures(Results results) {
        var size = size(results.tier());
        return List.of(
                histogram("gaussian", "Pure noise, and what it looks like", size.law())
                        .histogram("eigenvalues of XᵀX/n", 50, results.curve("Gaussian").y())
                        .caption("Every true variance is 1."),
                new Figure.Panels(
                        "weights",
                        "Training leaves eigenvalues far outside the law",
                        "Eigenvalues of WᵀW/784, first layer, entries scaled to mean square 1."
                            + " Shuffling the entries of the trained weights brings the law back.",
                        3,
                        List.of(
                                weights("before", "before training", results),
                                weights("trained", "trained", results),
                                weights("shuffled", "trained, then shuffled", results))));
    }

    private static Plot weights(String name, String title, Results results) {
        var values = results.curve(name).y();
        double most = results.curve("trained").y()[values.length - 1];
        return histogram(name, title, MarchenkoPastur.of(Images.PIXELS, values.length))
                .histogram("eigenvalues", name.equals("trained") ? 80 : 20, values)
                .xRange(0, most * 1.02)
                .caption(beyond(values));
    }

    private static String beyond(double[] values) {
        double edge = MarchenkoPastur.of(Images.PIXELS, values.length).upper();
        long count = Arrays.stream(values).filter(v -> v > edge).count();
        return count + " of " + values.length + " eigenvalues lie beyond the edge.";
    }

    private static Plot histogram(String name, String title, MarchenkoPastur law) {
        var x = Grid.spaced(law.lower(), law.upper(), 200);
        return Plot.of(name, title)
                .x("eigenvalue")
                .y("density")
                .line("Marchenko-Pastur", x, Arrays.stream(x).map(law::density).toArray());
    }
}
