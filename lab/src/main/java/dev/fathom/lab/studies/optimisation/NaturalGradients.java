package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.math.Creation.eye;
import static dev.fathom.core.math.Linalg.eigh;
import static dev.fathom.core.math.Linalg.transpose;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.instrument.operator.Curvature;
import dev.fathom.lab.instrument.operator.ParameterSpace;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.zoo.Mlp;
import dev.fathom.optim.Objective;
import dev.fathom.optim.second.ConjugateGradient;
import dev.fathom.optim.second.Likelihood;
import dev.fathom.optim.second.NaturalGradient;
import dev.fathom.optim.second.ScaleByShampoo;
import dev.fathom.train.loop.BatchObjective;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** L11: steps in the metric of the model's distributions, exact and by Kronecker factors. */
public final class NaturalGradients implements Study {
    private static final int ROWS = 60; // n
    private static final int INPUTS = 5;
    private static final int OUTPUTS = 2;
    private static final int UNKNOWNS = 10; // of the least squares
    private static final double DAMPING = 1e-3;
    private static final Likelihood GAUSS = Likelihood.gaussian(1);

    private static final String LINEAR = "deep linear network: K-FAC against the Fisher matrix";
    private static final String RELU = "ReLU network: the same";
    private static final String ONE = "least squares, one natural step: loss";
    private static final String SAME = "natural steps in two parametrisations: predictions apart";
    private static final String ROOT = "Shampoo's H^(−1/4) against Newton's iteration";
    private static final String ROUND = "deep linear network, first layer: κ with K-FAC";
    private static final String BETTER =
            "ReLU network, first layer: κ with K-FAC over κ with a diagonal";
    private static final String HAND = "one layer: Fisher matrix against XXᵀ/n ⊗ I";
    private static final String EMPIRICAL =
            "deep linear network: K-FAC against the empirical Fisher";
    private static final String PLAIN = "least squares, one plain step: loss";
    private static final String DIFFERENT =
            "plain steps in two parametrisations: predictions apart";

    @Override
    public Card card(Tier tier) {
        return Card.of("L11", "natural-gradient", Oracle.EXACT)
                .claim(
                        "Measured in the model's own metric, least squares is one step; for deep"
                                + " linear networks that metric is exactly a Kronecker product for"
                                + " each layer, for ReLU networks only roughly.")
                .text("002, non-diagonal preconditioned updates: K-FAC and Shampoo")
                .paper(
                        "S. Amari, Natural gradient works efficiently in learning, 1998, theorem 1;"
                            + " J. Martens, R. Grosse, K-FAC, ICML 2015, equation 1; A. Bernacchia,"
                            + " M. Lengyel, G. Hennequin, Exact natural gradient in deep linear"
                            + " networks, NeurIPS 2018; V. Gupta, T. Koren, Y. Singer, Shampoo,"
                            + " ICML 2018, algorithm 1")
                .story(
                        "A gradient depends on how the model is written down: measure one input in"
                            + " metres instead of millimetres and it changes by a thousand. Amari's"
                            + " remedy is to ask how far the predicted distribution moves: that"
                            + " distance is the Fisher matrix F, and steps along F⁻¹g are the same"
                            + " in every parametrisation. But F has as many rows as the network has"
                            + " weights. The block of a layer is the mean of aaᵀ ⊗ ggᵀ, a its"
                            + " inputs and g its output gradients; K-FAC takes the product of the"
                            + " means instead. Without rectifiers g does not depend on the example,"
                            + " so this is exact; with them entries are off by a half. The"
                            + " condition numbers say what that is worth: where steps down the"
                            + " gradient see a valley a thousand times longer than wide, K-FAC sees"
                            + " a round bowl in a linear network, and in the first layer of a ReLU"
                            + " network a better one than a diagonal (Adam, AdaGrad) can give; in"
                            + " its middle layer, where units are nearly dead, it is no better."
                            + " (They are of the block of one layer: the whole F of a network is"
                            + " singular, its condition is that of the damping, as a first try"
                            + " showed.) F is an expectation over the model's own targets: with the"
                            + " real ones, the empirical Fisher matrix, even the linear case is not"
                            + " exact. Shampoo builds its factors from gradients alone; here its"
                            + " roots are checked.")
                .notation(
                        """
                        F        E[Jᵀ s sᵀ J], s the score of a target drawn by the model, of variance 1
                        K-FAC    E[āāᵀ] ⊗ E[ggᵀ] for each layer, bias included
                        against  largest difference of two matrices over the largest entry, worst layer
                        κ        condition number of P^(−½) (F + 10⁻³ I) P^(−½), a layer: P = I, the diagonal, K-FAC + 10⁻³ I
                        plain    the step along −g that lowers the loss most\
                        """)
                .data(
                        "Gaussian inputs whose scales go from 1 to 10 (least squares: to 100, 10"
                                + " unknowns); networks 5-4-3-2, linear, and 5-6-6-2 with ReLU, at"
                                + " random weights, float64")
                .seeds(tier.pick(1, 5, 20))
                .cost(tier.pick(3.0, 15.0, 60.0), 1e8, tier.pick(1e9, 5e9, 2e10))
                .predict(LINEAR, atMost(1e-10))
                .predict(RELU, atLeast(1e-2))
                .predict(ONE, atMost(1e-12))
                .predict(SAME, atMost(1e-8))
                .predict(ROOT, atMost(1e-8))
                .predict(ROUND, near(1).within(1e-6))
                .predict(BETTER, Oracle.DIRECTION, atMost(1))
                .positive(HAND, atMost(1e-12))
                .sabotage(EMPIRICAL, atMost(1e-10))
                .sabotage(PLAIN, atMost(1e-12))
                .sabotage(DIFFERENT, atMost(1e-8));
    }

    /** Gaussian, the columns growing by equal factors from 1 to {@code scale}. */
    private static Tensor inputs(Key key, int n, int d, double scale) {
        var scales = Grid.spaced(0, Math.log(scale), d);
        return key.normal(FLOAT64, n, d).times(Tensor.of(scales).exp()); // (n, d)
    }

    /** A network and what it is trained on. */
    private record Case<M extends Layer>(M net, Tensor x, Tensor y) {
        static Case<Sequential> linear(Trial trial) {
            var keys = trial.init().split(3);
            return of(
                    trial,
                    Sequential.of(
                            Dense.of(INPUTS, 4, keys[0]),
                            Dense.of(4, 3, keys[1]),
                            Dense.of(3, OUTPUTS, keys[2])));
        }

        static Case<Mlp> relu(Trial trial) {
            return of(trial, Mlp.of(Shape.of(INPUTS), OUTPUTS, trial.init().fold(1), 6, 6));
        }

        static <M extends Layer> Case<M> of(Trial trial, M net) {
            return new Case<>(
                    Tree.map(t -> t.cast(FLOAT64), net),
                    inputs(trial.data().fold(0), ROWS, INPUTS, 10),
                    trial.data().fold(1).normal(FLOAT64, ROWS, OUTPUTS));
        }

        BatchObjective<M> objective() {
            return new BatchObjective<>(
                    (z, t) -> z.minus(t).square().sum().dividedBy(2.0 * ROWS),
                    x,
                    y,
                    Key.of(0),
                    net);
        }

        Tensor fisher() {
            return Curvature.fisher((M m) -> m.apply(x, Pass.eval()), GAUSS, net).dense();
        }

        Tensor empirical() {
            return Curvature.empiricalFisher(
                            (M m) -> m.apply(x, Pass.eval()).minus(y).square().sum(1).times(0.5),
                            net)
                    .dense();
        }

        Tensor kfac() {
            return Curvature.kfac(objective(), GAUSS, net).dense();
        }

        /** The worst layer. */
        double gap(Tensor exact, Tensor factored, String... layers) {
            var space = ParameterSpace.of(net);
            double worst = 0;
            for (var layer : layers) {
                var range = space.range(layer);
                worst =
                        Math.max(
                                worst,
                                apart(
                                        block(factored, range.from(), range.to()),
                                        block(exact, range.from(), range.to())));
            }
            return worst;
        }
    }

    private static Tensor block(Tensor m, int from, int to) {
        return m.slice(0, from, to).slice(1, from, to);
    }

    private static double apart(Tensor a, Tensor b) {
        return a.minus(b).abs().max().item() / b.abs().max().item();
    }

    private static double gapOfLinear(Trial trial, boolean empirical) {
        var linear = Case.linear(trial);
        Tensor exact = empirical ? linear.empirical() : linear.fisher();
        return linear.gap(exact, linear.kfac(), "layers[0]", "layers[1]", "layers[2]");
    }

    @Override
    public void run(Trial trial) {
        trial.measure(LINEAR, gapOfLinear(trial, false));
        var relu = Case.relu(trial);
        Tensor fisher = relu.fisher();
        Tensor kfac = relu.kfac();
        trial.measure(RELU, relu.gap(fisher, kfac, "hidden[0]", "hidden[1]", "output"));
        var linear = Case.linear(trial);
        Tensor linearFisher = linear.fisher();
        Tensor linearKfac = linear.kfac();
        var round = conditions(trial, "linear", linear, linearFisher, linearKfac, "layers[0]");
        trial.measure(ROUND, round[2]);
        var first = conditions(trial, "ReLU, first", relu, fisher, kfac, "hidden[0]");
        trial.measure(BETTER, first[2] / first[1]);
        conditions(trial, "ReLU, middle", relu, fisher, kfac, "hidden[1]");
        if (trial.index() == 0) {
            picture(trial, "linear: F", linearFisher);
            picture(trial, "linear: K-FAC", linearKfac);
            picture(trial, "ReLU: F", fisher);
            picture(trial, "ReLU: K-FAC", kfac);
        }
        trial.progress(1, 2);
        trial.measure(ONE, oneStep(trial, true));
        trial.measure(SAME, parametrisations(trial, true));
        trial.measure(ROOT, shampoo(trial));
        if (trial.index() == 0) {
            paths(trial);
        }
    }

    @Override
    public void controls(Trial trial) {
        Tensor x = inputs(trial.data().fold(0), ROWS, INPUTS, 10);
        var layer =
                Case.of(
                        trial,
                        Sequential.of(Dense.of(INPUTS, OUTPUTS, trial.init()).withoutBias()));
        Tensor a = transpose(x).matmul(x).dividedBy((double) ROWS); // (d, d)
        Tensor known =
                a.reshape(INPUTS, 1, INPUTS, 1)
                        .times(eye(FLOAT64, OUTPUTS).reshape(1, OUTPUTS, 1, OUTPUTS))
                        .reshape(INPUTS * OUTPUTS, INPUTS * OUTPUTS);
        trial.measure(HAND, apart(layer.fisher(), known));
        trial.measure(EMPIRICAL, gapOfLinear(trial, true));
        trial.measure(PLAIN, oneStep(trial, false));
        trial.measure(DIFFERENT, parametrisations(trial, false));
    }

    /** κ of the block of a layer: bare, with a diagonal, with K-FAC. */
    private static <M extends Layer> double[] conditions(
            Trial trial, String name, Case<M> of, Tensor fisher, Tensor kfac, String layer) {
        var range = ParameterSpace.of(of.net).range(layer);
        Tensor f = damped(block(fisher, range.from(), range.to()));
        Tensor one = eye(FLOAT64, f.dim(0));
        double[] all = {
            condition(f, one),
            condition(f, f.times(one)),
            condition(f, damped(block(kfac, range.from(), range.to())))
        };
        trial.measure("κ, " + name + " layer: bare", all[0]);
        trial.measure("κ, " + name + " layer: diagonal", all[1]);
        trial.measure("κ, " + name + " layer: K-FAC", all[2]);
        return all;
    }

    private static Tensor damped(Tensor m) {
        return m.plus(eye(FLOAT64, m.dim(0)).times(DAMPING));
    }

    /** κ of P^(−½) M P^(−½). */
    private static double condition(Tensor m, Tensor preconditioner) {
        var p = eigh(preconditioner);
        Tensor root =
                p.vectors().times(p.values().pow(-0.5)).matmul(transpose(p.vectors())); // P^(−½)
        var values = eigh(root.matmul(m).matmul(root)).values().toDoubles();
        return Arrays.stream(values).max().orElseThrow()
                / Arrays.stream(values).min().orElseThrow();
    }

    private static NaturalGradient natural(double rate) {
        return NaturalGradient.of(GAUSS, rate)
                .withDamping(0)
                .withSolver(new ConjugateGradient(400, 1e-15));
    }

    /** The loss of noiseless least squares after one step from 0. */
    private static double oneStep(Trial trial, boolean natural) {
        Tensor x = inputs(trial.data().fold(2), ROWS, UNKNOWNS, 100);
        Tensor y = x.matmul(trial.data().fold(3).normal(FLOAT64, UNKNOWNS, 1)); // (n, 1)
        Objective<Tensor> objective =
                Objective.of(
                        w -> x.matmul(w), z -> z.minus(y).square().sum().dividedBy(2.0 * ROWS));
        Tensor start = Tensor.full(FLOAT64, 0, UNKNOWNS, 1);
        if (natural) {
            var rule = natural(1);
            return objective.at(rule.update(objective, rule.init(start), start).params()).item();
        }
        Tensor g = grad(objective::at).apply(start);
        Tensor h = x.matmul(g); // (n, 1)
        Tensor rate = g.square().sum().dividedBy(h.square().sum().dividedBy((double) ROWS));
        return objective.at(start.minus(g.times(rate))).item();
    }

    /** tanh(Xw) after five steps, in w and in v with w = Av: how far the two are apart. */
    private static double parametrisations(Trial trial, boolean natural) {
        Tensor x = inputs(trial.data().fold(4), ROWS, INPUTS, 2).times(0.5);
        Tensor y = trial.data().fold(5).uniform(FLOAT64, ROWS, 1).minus(0.5); // (n, 1)
        Tensor a =
                trial.stream("map")
                        .normal(FLOAT64, INPUTS, INPUTS)
                        .plus(eye(FLOAT64, INPUTS).times(3));
        Tensor w = trial.init().fold(2).normal(FLOAT64, INPUTS, 1).times(0.3);
        Tensor v = Linalg.solve(a, w);
        return apart(walk(x, y, v, a, natural), walk(x, y, w, eye(FLOAT64, INPUTS), natural));
    }

    private static Tensor walk(Tensor x, Tensor y, Tensor start, Tensor a, boolean natural) {
        Objective<Tensor> objective =
                Objective.of(
                        v -> x.matmul(a.matmul(v)).tanh(),
                        z -> z.minus(y).square().sum().dividedBy(2.0 * ROWS));
        var rule = natural(0.5);
        var state = rule.init(start);
        Tensor v = start;
        for (int i = 0; i < 5; i++) {
            v =
                    natural
                            ? rule.update(objective, state, v).params()
                            : v.minus(grad(objective::at).apply(v).times(0.05));
        }
        return objective.output(v);
    }

    /** The roots after five random gradients, by the library and by Newton's iteration. */
    private static double shampoo(Trial trial) {
        var scaling = new ScaleByShampoo(1, 1e-4, 1, 1024, ScaleByShampoo.Graft.NONE);
        Tensor w = Tensor.full(FLOAT64, 0, 6, 4);
        var state = scaling.init(w);
        for (int i = 0; i < 5; i++) {
            Tensor g = trial.stream("gradients").fold(i).normal(FLOAT64, 6, 4);
            state = scaling.update(g, state, w).state();
        }
        var sums = state.statistics().values().iterator().next();
        var roots = state.roots().values().iterator().next();
        double worst = 0;
        for (int axis = 0; axis < 2; axis++) {
            worst = Math.max(worst, apart(roots.get(axis), newton(sums.get(axis))));
        }
        return worst;
    }

    /**
     * H^(−1/4) by the coupled iteration X ← X(5I − M)/4, M ← ((5I − M)/4)⁴M from M = zH: C. Guo, N.
     * Higham, A Schur-Newton method for the matrix pth root and its inverse, 2006.
     */
    private static Tensor newton(Tensor h) {
        int n = h.dim(0);
        double z = 5 / (2 * Math.sqrt(h.square().sum().item()));
        Tensor x = eye(FLOAT64, n).times(Math.pow(z, 0.25));
        Tensor m = h.times(z);
        for (int i = 0; i < 60; i++) {
            Tensor t = eye(FLOAT64, n).times(5).minus(m).dividedBy(4);
            x = x.matmul(t);
            Tensor square = t.matmul(t);
            m = square.matmul(square).matmul(m);
        }
        return x;
    }

    /** Plain and natural steps in a narrow valley: ½xᵀHx, eigenvalues 20 and 0.5. */
    private static void paths(Trial trial) {
        Tensor h = Tensor.of(new double[] {10.25, 9.75, 9.75, 10.25}, 2, 2);
        Tensor x = Tensor.of(new double[] {-0.6, 1.8});
        for (int i = 0; i <= 30; i++) {
            var at = x.toDoubles();
            trial.point("plain", at[0], at[1]);
            if (i == 0) {
                var to = x.minus(Linalg.solve(h, h.matmul(x))).toDoubles();
                trial.curve("natural", new double[] {at[0], to[0]}, new double[] {at[1], to[1]});
            }
            x = x.minus(h.matmul(x).times(0.09));
        }
        trial.grid(
                "valley",
                Grid.of(-2, 2, 81, -2, 2, 81, (a, b) -> 5.125 * (a * a + b * b) + 9.75 * a * b));
    }

    private static void picture(Trial trial, String name, Tensor m) {
        var shown = Arrays.stream(m.toDoubles()).map(v -> Math.signum(v) * Math.sqrt(Math.abs(v)));
        trial.grid(name, Grid.image(shown.toArray(), m.dim(0), m.dim(0)));
    }

    @Override
    public List<Figure> figures(Results results) {
        var kinds = List.of("bare", "diagonal", "K-FAC");
        var layers = List.of("linear", "ReLU, first", "ReLU, middle");
        var bars =
                Plot.of("condition", "Condition of a layer's block")
                        .x("layer")
                        .xNames(layers)
                        .y("log₁₀ κ");
        for (int i = 0; i < kinds.size(); i++) {
            var kind = kinds.get(i);
            bars =
                    bars.bars(
                            kind,
                            i,
                            kinds.size(),
                            layers.stream()
                                    .mapToDouble(layer ->
                                            Math.log10(
                                                    results.mean(
                                                            "κ, " + layer + " layer: " + kind)))
                                    .toArray());
        }
        var path =
                Plot.of("path", "Least squares: one natural step")
                        .x("w₁")
                        .y("w₂")
                        .contours(results.grid("valley"), 0.1, 0.5, 1.5, 4, 9, 18, 32)
                        .line("30 plain steps", results.curve("plain"))
                        .points("30 plain steps", results.curve("plain"))
                        .line("1 natural step", results.curve("natural"))
                        .points("1 natural step", results.curve("natural"));
        return List.of(
                new Figure.Panels(
                        "fisher",
                        "K-FAC keeps a layer's block of the Fisher matrix: exactly, or roughly",
                        "Rows and columns are the weights, layer by layer. Above without, below"
                            + " with rectifiers. What lies outside the blocks K-FAC leaves out.",
                        2,
                        List.of(
                                heat("linear: F", "Deep linear network: F", results),
                                heat("linear: K-FAC", "Its K-FAC", results),
                                heat("ReLU: F", "ReLU network: F", results),
                                heat("ReLU: K-FAC", "Its K-FAC", results))),
                new Figure.Panels(
                        "steps",
                        "What a better metric is good for",
                        "Left: a valley with eigenvalues 20 and 0.5. Right: bars of height 0 are"
                                + " κ = 1, a round bowl.",
                        2,
                        List.of(path, bars)));
    }

    private static Plot heat(String grid, String title, Results results) {
        return Plot.of(grid.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-"), title)
                .x("weight")
                .y("weight")
                .heat("±√|entry|", results.grid(grid), Colours.DIVERGING);
    }
}
