package dev.fathom.lab.studies.theory;

import static dev.fathom.core.math.Linalg.transpose;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.between;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.kernel.LeastSquares;
import dev.fathom.lab.instrument.kernel.RandomFeatures;
import dev.fathom.lab.studies.support.Images;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;

import java.util.List;

/** L19: double descent with random Fourier features on images. */
public final class RffDoubleDescent implements Study {
    private static final double BANDWIDTH = 5;
    private static final double RIDGE = 0.1;

    /** N / n. */
    private static final List<Double> SIZES =
            List.of(0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 4.0, 8.0, 16.0);

    /** n, the training images. */
    private static int images(Tier tier) {
        return tier.pick(100, 1000, 2000);
    }

    @Override
    public Card card(Tier tier) {
        return Card.of("L19", "rff-double-descent", Oracle.EXACT)
                .star()
                .claim(
                        "With as many random features as images the test error peaks; with many"
                                + " more it falls below the best that fewer features reach.")
                .text(
                        "001, interpolating predictors and double descent; 003 and 004, double"
                                + " descent")
                .paper(
                        "M. Belkin, D. Hsu, S. Ma, S. Mandal, Reconciling modern machine-learning"
                                + " practice and the classical bias-variance trade-off, PNAS 2019,"
                                + " figure 2; features: A. Rahimi, B. Recht, 2007, algorithm 1")
                .story(
                        "Left of N = n is the textbook: more features first help, then the fit"
                            + " starts to follow every image and the error climbs. At N = n there"
                            + " is exactly one fit through all images, it has to use every"
                            + " direction however weak, and its weights are enormous: almost every"
                            + " test image is wrong. Right of it there are many perfect fits, and"
                            + " the one of least norm is the calmer the more features it may choose"
                            + " from; its limit is the Gaussian kernel machine. No label is noisy"
                            + " and nothing is tuned along the curve. A little ridge removes the"
                            + " peak altogether: the peak belongs to interpolation, not to the"
                            + " number of features.")
                .notation(
                        """
                        n      training images
                        N      random Fourier features of a Gaussian kernel of width 5 on pixels from 0 to 1
                        w      Φ⁺Y: least squares to one-hot labels, of all solutions the one of least norm
                        error  share of images whose largest score is not their class
                        loss   mean of ‖Φw − Y‖² over images\
                        """)
                .data(
                        "Fashion-MNIST, the part that ships: "
                                + images(tier)
                                + " of its 6000 training images, drawn anew for every seed, and"
                                + " its 1000 test images (smoke: 300 of them)")
                .seeds(tier.pick(1, 5, 5))
                .cost(
                        tier.pick(4.0, 60.0, 500.0),
                        tier.pick(2e8, 1e9, 4e9),
                        tier.pick(2e10, 1e12, 8e12))
                .predict("N/n of the highest test error", between(0.85, 1.2))
                .predict(
                        "best test error with N < n, minus that with 16 n",
                        Oracle.DIRECTION,
                        atLeast(0))
                .predict("training error, N = n", near(0))
                .predict("training loss, N = 1.2 n", atMost(1e-12))
                .predict("training loss, N = 0.85 n", atLeast(1e-3))
                .positive(
                        "test error with 16 n features, minus that of the kernel",
                        near(0).within(tier.pick(0.08, 0.03, 0.03)))
                .sabotage("N/n of the highest test error, with a ridge of 0.1", between(0.85, 1.2));
    }

    /** Images and their one-hot labels, float64. */
    private record Sample(Tensor x, Tensor y, Tensor labels) {
        static Sample of(Images images) {
            Tensor y = Shaping.take(Creation.eye(FLOAT64, Images.CLASSES), images.y(), 0);
            return new Sample(images.x().cast(FLOAT64), y, images.y());
        }

        double error(Tensor scores) {
            Tensor right = scores.argMax(1).equalTo(labels);
            return 1 - right.cast(FLOAT64).mean().item();
        }

        double loss(Tensor scores) {
            return scores.minus(y).square().sum(1).mean().item();
        }
    }

    private static Sample train(Trial trial, Tier tier) {
        var all = Images.train(6000);
        Tensor order = trial.data().permutation(all.size());
        return Sample.of(all.rows(order.slice(0, 0, images(tier))));
    }

    /** Φ⁺Y, or the ridge solution where there is a ridge. */
    private static Tensor fit(Tensor phi, Tensor y, double ridge) {
        if (ridge > 0) {
            return LeastSquares.ridge(phi, y, ridge);
        }
        if (phi.dim(0) > phi.dim(1)) {
            var qr = Linalg.qr(phi);
            return Linalg.solveUpper(qr.r(), transpose(qr.q()).matmul(y));
        }
        Tensor t = transpose(phi);
        return t.matmul(LeastSquares.kernelRidge(phi.matmul(t), y, 0));
    }

    private static RandomFeatures features(Key key, int n) {
        return RandomFeatures.of(
                Images.PIXELS, (int) Math.round(SIZES.getLast() * n), BANDWIDTH, key);
    }

    @Override
    public void run(Trial trial) {
        var train = train(trial, trial.tier());
        var test = Sample.of(Images.test(trial.tier().pick(300, 1000, 1000)));
        int n = train.x().dim(0);
        var features = features(trial.init(), n);
        double best = 1;
        double highest = 0;
        double peak = 0;
        double last = 1;
        for (int i = 0; i < SIZES.size(); i++) {
            double size = SIZES.get(i);
            var some = features.first((int) Math.round(size * n));
            Tensor phi = some.of(train.x()); // (n, N)
            Tensor w = fit(phi, train.y(), 0); // (N, 10)
            Tensor fitted = phi.matmul(w); // (n, 10)
            Tensor scores = some.of(test.x()).matmul(w); // (m, 10)
            double error = test.error(scores);
            trial.point("test error", size, error);
            trial.point("training error", size, train.error(fitted));
            trial.point("test loss", size, test.loss(scores));
            trial.point("norm", size, Math.sqrt(w.square().sum().item()));
            if (error > highest) {
                highest = error;
                peak = size;
            }
            best = size < 1 ? Math.min(best, error) : best;
            last = error;
            if (size == 0.85 || size == 1.2) {
                trial.measure("training loss, N = " + size + " n", train.loss(fitted));
            }
            if (size == 1) {
                trial.measure("training error, N = n", train.error(fitted));
            }
            trial.progress(i + 1, SIZES.size());
        }
        trial.measure("N/n of the highest test error", peak);
        trial.measure("best test error with N < n, minus that with 16 n", best - last);
        trial.measure("test error, highest", highest);
        trial.measure("test error, best with N < n", best);
        trial.measure("test error, N = 16 n", last);
        trial.measure("test error, kernel", kernel(train, test));
    }

    /** Test error of the interpolating kernel machine, N = ∞. */
    private static double kernel(Sample train, Sample test) {
        Tensor k = LeastSquares.gaussianKernel(train.x(), train.x(), BANDWIDTH);
        Tensor c = LeastSquares.kernelRidge(k, train.y(), 0); // (n, 10)
        return test.error(LeastSquares.gaussianKernel(test.x(), train.x(), BANDWIDTH).matmul(c));
    }

    @Override
    public void controls(Trial trial) {
        var train = train(trial, trial.tier());
        var test = Sample.of(Images.test(trial.tier().pick(300, 1000, 1000)));
        int n = train.x().dim(0);
        var features = features(trial.init(), n);
        Tensor w = fit(features.of(train.x()), train.y(), 0);
        trial.measure(
                "test error with 16 n features, minus that of the kernel",
                test.error(features.of(test.x()).matmul(w)) - kernel(train, test));
        double highest = 0;
        double peak = 0;
        for (double size : SIZES) {
            var some = features.first((int) Math.round(size * n));
            Tensor ridge = fit(some.of(train.x()), train.y(), RIDGE);
            double error = test.error(some.of(test.x()).matmul(ridge));
            trial.point("test error with a ridge", size, error);
            if (error > highest) {
                highest = error;
                peak = size;
            }
        }
        trial.measure("N/n of the highest test error, with a ridge of 0.1", peak);
    }

    @Override
    public List<Figure> figures(Results results) {
        var ridge = results.controls().curve("test error with a ridge");
        double limit = results.mean("test error, kernel");
        return List.of(
                Plot.of("error", "The second descent goes lower than the first")
                        .x("features per training image, N / n", Scale.LOG)
                        .y("share of wrong images")
                        .yRange(0, 1)
                        .vertical("N = n: one fit through all", 1)
                        .band("test", results.band("test error"))
                        .band("training", results.band("training error"))
                        .dashed("test, with a ridge of 0.1", ridge.x(), ridge.y())
                        .dashed(
                                "test, kernel machine, N = ∞",
                                new double[] {SIZES.getFirst(), SIZES.getLast()},
                                new double[] {limit, limit})
                        .caption(
                                "Mean over the seeds and its 95 % interval. Every point is a fit of"
                                    + " least squares in closed form: no step size, no stopping, no"
                                    + " noise in the labels."),
                new Figure.Panels(
                        "norm",
                        "Where the error peaks the weights explode",
                        "A line for each seed.",
                        2,
                        List.of(
                                lines(results, "norm", "Norm of the weights", "‖w‖"),
                                lines(results, "test loss", "Test loss", "mean ‖Φw − Y‖²"))));
    }

    private static Plot lines(Results results, String curve, String title, String axis) {
        var plot =
                Plot.of(curve.replace(' ', '-'), title)
                        .x("N / n", Scale.LOG)
                        .y(axis, Scale.LOG)
                        .vertical("N = n", 1);
        for (var line : results.curves(curve)) {
            plot = plot.line("", line);
        }
        return plot;
    }
}
