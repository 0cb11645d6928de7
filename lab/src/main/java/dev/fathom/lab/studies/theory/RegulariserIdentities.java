package dev.fathom.lab.studies.theory;

import static dev.fathom.core.math.Linalg.svd;
import static dev.fathom.core.math.Linalg.transpose;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.kernel.LeastSquares;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.PlainDropout;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.AdamW;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.GradientTransform;

import java.util.Arrays;
import java.util.List;

/** L24: dropout is a ridge, early stopping a filter, and decay an L2 penalty for SGD only. */
public final class RegulariserIdentities implements Study {
    private static final int ROWS = 40; // n
    private static final int FEATURES = 6; // d
    private static final int STEPS = 200;
    private static final double DECAY = 0.1; // λ
    private static final double RATE = 0.05; // η of the decay experiment
    private static final double[] KEEP = {0.9, 0.7, 0.5, 0.3};

    @Override
    public Card card(Tier tier) {
        return Card.of("L24", "regulariser-identities", Oracle.EXACT)
                .claim(
                        "On least squares dropout is a ridge penalty, early stopping a filter of"
                                + " singular values, and weight decay an L2 penalty for SGD but not"
                                + " for Adam.")
                .text("003, weight decay, dropout, early stopping; 002, decoupled decay")
                .paper(
                        "S. Wager, S. Wang, P. Liang, Dropout training as adaptive regularization,"
                                + " NIPS 2013; I. Loshchilov, F. Hutter, Decoupled weight decay"
                                + " regularization, ICLR 2019, propositions 1 and 2")
                .story(
                        "Three remedies against overfitting that look different are one. Masks that"
                            + " keep a feature with probability p leave the mean of the output and"
                            + " add a variance p(1−p)x²w², and a variance that grows with w² is a"
                            + " ridge. Gradient descent stopped after k steps has fitted the share"
                            + " 1 − (1−ησ²)ᵏ of every singular direction: the large ones are done,"
                            + " the small ones, where the noise lives, have hardly begun. And"
                            + " shrinking the weights is the gradient of ½λ‖w‖², but Adam divides"
                            + " that gradient by its size, so that there the two part.")
                .notation(
                        """
                        X, y   n = 40 rows of d = 6 features, and targets
                        p      probability to keep a feature; deployed are the weights p·w
                        ridge  argmin ‖y − Xu‖² + ((1−p)/p) uᵀ diag(XᵀX) u
                        σ, k   singular values of X; steps of gradient descent with rate η
                        λ      weight decay, or the factor of ½‖w‖² in the loss\
                        """)
                .data("X Gaussian with columns of scale 1 to ½, y = Xβ + ε, ε of deviation ½")
                .seeds(tier.pick(1, 3, 5))
                .cost(tier.pick(3.0, 10.0, 60.0), 1e7, tier.pick(1e8, 1e9, 1e10))
                .predict("dropout over all masks against ridge", atMost(1e-12))
                .predict(
                        "dropout by averaged SGD against ridge",
                        atMost(tier.pick(0.03, 0.01, 0.003)))
                .predict("early stopping against the filter", atMost(1e-12))
                .predict("SGD: decay against L2, largest difference", near(0))
                .predict("Adam: decay against L2, relative difference", atLeast(1e-3))
                .positive("dropout that keeps all, over all masks, against X⁺y", atMost(1e-10))
                .sabotage("dropout deployed without the factor p, against ridge", atMost(1e-2));
    }

    /** X (n, d) and y (n). */
    private record Problem(Tensor x, Tensor y) {
        static Problem of(Key key) {
            Tensor scale = Creation.linspace(1, 0.5, FEATURES);
            Tensor x = key.stream("x").normal(FLOAT64, ROWS, FEATURES).times(scale);
            Tensor beta = key.stream("beta").normal(FLOAT64, FEATURES);
            Tensor noise = key.stream("noise").normal(FLOAT64, ROWS).times(0.5);
            return new Problem(x, times(x, beta).plus(noise));
        }

        /** (XᵀX + (1−p)/p diag(XᵀX))⁻¹ Xᵀy. */
        Tensor ridge(double keep) {
            Tensor gram = transpose(x).matmul(x);
            Tensor diagonal = gram.times(Creation.eye(FLOAT64, FEATURES));
            return Linalg.solve(
                    gram.plus(diagonal.times((1 - keep) / keep)), times(transpose(x), y));
        }

        /**
         * The w that minimises the expected loss with every one of the 2ᵈ masks of every row as a
         * row of its own, weighted by its probability.
         */
        Tensor overAllMasks(double keep) {
            int masks = 1 << FEATURES;
            var rows = x.toDoubles();
            var targets = y.toDoubles();
            var bigX = new double[ROWS * masks * FEATURES];
            var bigY = new double[ROWS * masks];
            for (int i = 0; i < ROWS; i++) {
                for (int m = 0; m < masks; m++) {
                    int kept = Integer.bitCount(m);
                    double weight =
                            Math.sqrt(Math.pow(keep, kept) * Math.pow(1 - keep, FEATURES - kept));
                    int row = i * masks + m;
                    for (int j = 0; j < FEATURES; j++) {
                        bigX[row * FEATURES + j] = (m >> j & 1) * weight * rows[i * FEATURES + j];
                    }
                    bigY[row] = weight * targets[i];
                }
            }
            return LeastSquares.minNorm(Tensor.of(bigX, ROWS * masks, FEATURES), Tensor.of(bigY))
                    .weights();
        }

        private record Walk(Tensor w, Tensor sum, Tensor step) {}

        /** The mean of w over the second half of a walk with fresh masks at every step. */
        Tensor byDropout(double keep, int steps, Key key) {
            var layer = PlainDropout.of(keep);
            double rate = 0.3 / x.square().sum().item();
            var walk =
                    jit((Walk from) ->
                            Loops.repeat(
                                    s -> {
                                        var pass = Pass.training(key.fold(s.step));
                                        Tensor masked = layer.apply(x, pass); // (n, d)
                                        Tensor g =
                                                grad((Tensor w) ->
                                                                times(masked, w)
                                                                        .minus(y)
                                                                        .square()
                                                                        .sum())
                                                        .apply(s.w);
                                        Tensor next = s.w.minus(g.times(rate));
                                        return new Walk(next, s.sum.plus(next), s.step.plus(1));
                                    },
                                    from,
                                    steps / 2));
            Tensor zero = Tensor.full(FLOAT64, 0, FEATURES);
            var half = walk.apply(new Walk(zero, zero, Tensor.scalar(0)));
            var end = walk.apply(new Walk(half.w, zero, half.step));
            return end.sum.dividedBy(steps / 2.0);
        }
    }

    @Override
    public void run(Trial trial) {
        var problem = Problem.of(trial.data());
        double exact = 0;
        double sampled = 0;
        int walk = trial.tier().pick(20_000, 100_000, 1_000_000);
        for (int i = 0; i < KEEP.length; i++) {
            double p = KEEP[i];
            Tensor ridge = problem.ridge(p);
            exact = Math.max(exact, apart(problem.overAllMasks(p).times(p), ridge));
            Tensor deployed = problem.byDropout(p, walk, trial.dropout().fold(i)).times(p);
            sampled = Math.max(sampled, apart(deployed, ridge));
            for (int j = 0; j < FEATURES; j++) {
                trial.point("dropout", 1 - p, deployed.get(j).item());
            }
            trial.progress(i + 1, KEEP.length + 1);
        }
        trial.measure("dropout over all masks against ridge", exact);
        trial.measure("dropout by averaged SGD against ridge", sampled);
        for (double rate : Grid.spaced(0, 0.8, 33)) {
            Tensor ridge = problem.ridge(1 - rate);
            for (int j = 0; j < FEATURES; j++) {
                trial.point("ridge " + j, rate, ridge.get(j).item());
            }
        }
        trial.measure("early stopping against the filter", earlyStopping(problem, trial));
        decay(problem, trial);
    }

    @Override
    public void controls(Trial trial) {
        var problem = Problem.of(trial.data());
        trial.measure(
                "dropout that keeps all, over all masks, against X⁺y",
                apart(
                        problem.overAllMasks(1),
                        LeastSquares.minNorm(problem.x, problem.y).weights()));
        trial.measure(
                "dropout deployed without the factor p, against ridge",
                apart(problem.overAllMasks(0.5), problem.ridge(0.5)));
    }

    /** Gradient descent by autodiff against the closed form; the filters go into the picture. */
    private static double earlyStopping(Problem problem, Trial trial) {
        var svd = svd(problem.x);
        var s = svd.s().toDoubles();
        Tensor uy = times(transpose(svd.u()), problem.y);
        double rate = 1 / (s[0] * s[0]);
        var descend =
                jit((Tensor from) ->
                        grad((Tensor w) ->
                                        times(problem.x, w)
                                                .minus(problem.y)
                                                .square()
                                                .sum()
                                                .times(0.5))
                                .apply(from));
        Tensor w = Tensor.full(FLOAT64, 0, FEATURES);
        double worst = 0;
        for (int k = 1; k <= STEPS; k++) {
            w = w.minus(descend.apply(w).times(rate));
            int steps = k;
            var share =
                    Arrays.stream(s)
                            .map(v -> (1 - Math.pow(1 - rate * v * v, steps)) / v)
                            .toArray();
            Tensor filtered = times(transpose(svd.vt()), uy.times(Tensor.of(share)));
            worst = Math.max(worst, apart(w, filtered));
            if (k == 3 || k == 30) {
                for (double relative : Grid.spaced(0.01, 1, 100)) {
                    trial.point("filter " + k, relative, 1 - Math.pow(1 - relative * relative, k));
                    double penalty = 1.0 / k;
                    trial.point(
                            "ridge filter " + k,
                            relative,
                            relative * relative / (relative * relative + penalty));
                }
            }
        }
        return worst;
    }

    private static void decay(Problem problem, Trial trial) {
        Recipe sgdDecay =
                () ->
                        GradientTransform.chain(
                                GradientTransform.addDecayedWeights(DECAY),
                                GradientTransform.scaleByLearningRate(Schedule.constant(RATE)));
        var sgd = path(problem, Sgd.of(RATE), DECAY);
        var sgdDecayed = path(problem, sgdDecay, 0);
        trial.measure(
                "SGD: decay against L2, largest difference",
                sgd.minus(sgdDecayed).abs().max().item());
        var adam = path(problem, Adam.of(RATE), DECAY);
        var adamW = path(problem, AdamW.of(RATE).withWeightDecay(DECAY), 0);
        trial.measure(
                "Adam: decay against L2, relative difference",
                apart(adamW.get(STEPS - 1), adam.get(STEPS - 1)));
        show(trial, "SGD, L2 and decay", sgd);
        show(trial, "Adam, L2", adam);
        show(trial, "AdamW, decay", adamW);
    }

    private record Fit(Tensor w, Chain.State optimizer) {}

    /** The weights after every step, (steps, d). */
    private static Tensor path(Problem problem, Recipe optimizer, double penalty) {
        Tensor zero = Tensor.full(FLOAT64, 1, FEATURES);
        var run =
                jit((Fit from) ->
                        Loops.scan(
                                        (Fit s, Tensor _) -> {
                                            Tensor g =
                                                    grad((Tensor w) -> loss(problem, w, penalty))
                                                            .apply(s.w);
                                            var next = optimizer.update(g, s.optimizer, s.w);
                                            return new Loops.Carried<>(
                                                    new Fit(next.params(), next.state()),
                                                    next.params());
                                        },
                                        from,
                                        Creation.range(FLOAT64, STEPS))
                                .outputs());
        return run.apply(new Fit(zero, optimizer.init(zero)));
    }

    private static Tensor loss(Problem problem, Tensor w, double penalty) {
        Tensor fit = times(problem.x, w).minus(problem.y).square().mean().times(0.5);
        return penalty == 0 ? fit : fit.plus(w.square().sum().times(0.5 * penalty));
    }

    private static void show(Trial trial, String name, Tensor path) {
        trial.curve(name, path.square().sum(1).sqrt().toDoubles());
    }

    private static Tensor times(Tensor matrix, Tensor vector) {
        return matrix.matmul(vector.expandDims(1)).squeeze(1);
    }

    /** ‖a − b‖/‖b‖. */
    private static double apart(Tensor a, Tensor b) {
        return Math.sqrt(a.minus(b).square().sum().item() / b.square().sum().item());
    }

    @Override
    public List<Figure> figures(Results results) {
        var paths =
                Plot.of("dropout", "Dropout shrinks weights exactly as a ridge does")
                        .x("share of features dropped, 1 − p")
                        .y("deployed weight");
        for (int j = 0; j < FEATURES; j++) {
            paths = paths.line(j == 0 ? "ridge, closed form" : "", results.curve("ridge " + j));
        }
        return List.of(
                paths.points("dropout, averaged SGD", results.curve("dropout"))
                        .caption(
                                "One line a weight, computed by solving one linear system; the"
                                        + " dots are training runs with random masks."),
                Plot.of("filter", "Stopping early keeps the strong directions, as a ridge does")
                        .x("singular value over the largest")
                        .y("share that is fitted")
                        .line("stopped after 3 steps", results.curve("filter 3"))
                        .line("stopped after 30 steps", results.curve("filter 30"))
                        .dashed(
                                "ridge, penalty 1/(3η)",
                                results.curve("ridge filter 3").x(),
                                results.curve("ridge filter 3").y())
                        .dashed(
                                "ridge, penalty 1/(30η)",
                                results.curve("ridge filter 30").x(),
                                results.curve("ridge filter 30").y())
                        .caption("The filters are near each other, not equal."),
                Plot.of("decay", "L2 and decay are one for SGD, two for Adam")
                        .x("step", Scale.LINEAR)
                        .y("length of the weights")
                        .line("SGD, L2 and decay", results.curve("SGD, L2 and decay"))
                        .line("Adam, L2", results.curve("Adam, L2"))
                        .line("AdamW, decay", results.curve("AdamW, decay")));
    }
}
