package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.math.Creation.eye;
import static dev.fathom.core.math.Functions.relu;
import static dev.fathom.core.math.Shaping.take;
import static dev.fathom.core.tensor.DType.FLOAT32;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jacobian;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;
import static dev.fathom.lab.study.Expectation.oracle;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.studies.support.Images;
import dev.fathom.lab.studies.support.Training;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.recurrent.Cell;
import dev.fathom.nn.recurrent.Elman;
import dev.fathom.nn.recurrent.Lstm;
import dev.fathom.nn.recurrent.Recurrent;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Sgd;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** L07: what keeps signals and gradients at one scale through many layers. */
public final class SignalPropagation implements Study {
    private static final int DEPTH = 20;
    private static final int LAG = 100;
    private static final int STATE = 32; // width of the recurrent networks
    private static final double OPEN = 5; // bias of a forget gate that is held open
    private static final List<Integer> DEPTHS = List.of(4, 12, 40);
    private static final int WIDTH = 32; // of the networks that are trained
    private static final int BATCH = 50;

    private static int width(Tier tier) {
        return tier.pick(300, 2000, 4000);
    }

    @Override
    public Card card(Tier tier) {
        double percent = tier.pick(10.0, 3.0, 3.0);
        return Card.of("L07", "signal-propagation", Oracle.EXACT)
                .claim(
                        "He's and Glorot's variances, shortcuts and the lane of an LSTM keep the"
                                + " scale of signals or gradients from layer to layer; without them"
                                + " it changes by a constant factor each, and deep plain networks"
                                + " train worse than shallow ones.")
                .text("003, initialisation; 000 and 002, residual networks and LSTM; 001, ResNet")
                .paper(
                        "X. Glorot, Y. Bengio, 2010, equation 12; K. He et al., Delving deep into"
                                + " rectifiers, 2015, equation 10; K. He et al., Deep residual"
                                + " learning, 2016; S. Hochreiter, J. Schmidhuber, 1997")
                .story(
                        "A signal that goes through L layers is multiplied by L random numbers. If"
                            + " each is ½ on average, as with variance 1/n and rectifiers, which"
                            + " pass half of the energy, a millionth is left after 20 layers; the"
                            + " same holds for gradients on their way back. So the variance is"
                            + " chosen to make the factor 1. Norms then stay, but directions do"
                            + " not: the singular values of a product of Gaussian matrices drift"
                            + " apart, and a deep plain network maps all inputs to nearly the same"
                            + " line. A shortcut adds the identity to each Jacobian; the forget"
                            + " gate of an LSTM is a shortcut in time.")
                .notation(
                        """
                        q_l    mean square of the preactivations in layer l
                        ratio  (q_L / q_0)^(1/L) over L = 20 layers; the mean of two networks (smoke: one)
                        He     σ² = 2/n: ratio n σ²/2 = 1; σ² = 1/n: ratio ½
                        Glorot σ² = 2/(n_in + n_out): n_in σ² forward, n_out σ² backward
                        short  h + W relu(h)/√L with He's W: ratio 1 + 1/L
                        λ₁     eigenvalue of largest modulus: ln ‖Aᴸx‖ grows by ln |λ₁| a step
                        lane   c' = σ(f) c + …: ∂c_T/∂c_0 = σ(b_f)^T if nothing else feeds the gate\
                        """)
                .data(
                        "Gaussian inputs and weights; sequences of Gaussian inputs; for the trained"
                            + " networks 1000 images of Fashion-MNIST, 32 units a layer, batches of"
                            + " 50, momentum 0.9 with rate 0.01")
                .seeds(tier.pick(1, 5, 5))
                .cost(tier.pick(5.0, 60.0, 400.0), 1e9, tier.pick(2e9, 6e10, 4e11))
                .predict("He, ratio per ReLU layer", near(1).withinPercent(percent))
                .predict("variance 1/n, ratio per ReLU layer", near(0.5).withinPercent(percent))
                .predict("shortcut, ratio per layer", near(1 + 1.0 / DEPTH).withinPercent(percent))
                .predict("Glorot, 1500 to 500, forward", near(1.5).withinPercent(3))
                .predict("Glorot, 1500 to 500, backward", near(0.5).withinPercent(3))
                .predict("slope of ln ‖Aᴸx‖", oracle("ln |λ₁|").within(1e-6))
                .predict("J of x + f(x) minus (I + J of f), largest entry", atMost(1e-12))
                .predict(
                        "singular values of I + J beyond 1 ± ‖J‖, by most",
                        Oracle.BOUND,
                        atMost(1e-12))
                .predict("equal weights, 100 steps: second singular value", atMost(1e-12))
                .predict("LSTM lane, ∂c₁₀₀/∂c₀ with U = 0", oracle("σ(5)¹⁰⁰").withinPercent(1e-8))
                .predict(
                        "gradient over lag 100, log₁₀ of LSTM with b_f = 5 over plain RNN",
                        Oracle.DIRECTION,
                        atLeast(3))
                .predict(
                        "plain: training loss of 40 layers minus that of 4",
                        Oracle.DIRECTION,
                        atLeast(0))
                .predict(
                        "40 layers: training loss with shortcuts minus plain",
                        Oracle.DIRECTION,
                        atMost(0))
                .positive("orthogonal weights, no rectifier, ratio", near(1).within(1e-5))
                .sabotage("He's weights, no rectifier, ratio", near(1).withinPercent(percent))
                .sabotage("shortcut left out: J of f minus (I + J of f)", atMost(1e-12))
                .sabotage("random start, 100 steps: second singular value", atMost(1e-12));
    }

    private static double energy(Tensor h) {
        return h.square().mean().item();
    }

    @Override
    public void run(Trial trial) {
        depth(trial);
        trial.progress(1, 4);
        glorot(trial);
        power(trial);
        jacobians(trial);
        trial.measure(
                "equal weights, 100 steps: second singular value",
                secondSingularValue(trial, Tensor.full(FLOAT64, 0.5, 4, 6)));
        permute(trial);
        trial.progress(2, 4);
        memory(trial);
        trial.progress(3, 4);
        train(trial);
    }

    // ---- forward ----

    /** Four networks on the same draws, which differ in how a layer uses them. */
    private static void depth(Trial trial) {
        int n = width(trial.tier());
        int nets = trial.tier().pick(1, 2, 2);
        var sums = new double[4];
        for (int net = 0; net < nets; net++) {
            Key key = trial.init().stream("depth").fold(net);
            Tensor x = trial.data().stream("depth").fold(net).normal(FLOAT32, 32, n); // (b, n)
            var h = new Tensor[] {x, x, x, x};
            double start = energy(x);
            for (int l = 0; l <= DEPTH; l++) {
                if (net == 0) {
                    trial.point("He", l, energy(h[0]));
                    trial.point("1/n", l, energy(h[1]));
                    trial.point("shortcut", l, energy(h[2]));
                    trial.point("3/n", l, energy(h[3]));
                }
                if (l < DEPTH) {
                    Tensor w = key.fold(l).normal(FLOAT32, n, n).times(Math.sqrt(2.0 / n));
                    h[0] = relu(h[0]).matmul(w);
                    h[1] = relu(h[1]).matmul(w).times(Math.sqrt(0.5));
                    h[2] = h[2].plus(relu(h[2]).matmul(w).times(Math.sqrt(1.0 / DEPTH)));
                    h[3] = relu(h[3]).matmul(w).times(Math.sqrt(1.5));
                    trial.progress(net * DEPTH + l, 4 * nets * DEPTH);
                }
            }
            for (int i = 0; i < sums.length; i++) {
                sums[i] += Math.pow(energy(h[i]) / start, 1.0 / DEPTH) / nets;
            }
        }
        trial.measure("He, ratio per ReLU layer", sums[0]);
        trial.measure("variance 1/n, ratio per ReLU layer", sums[1]);
        trial.measure("shortcut, ratio per layer", sums[2]);
        trial.measure("variance 3/n, ratio per ReLU layer", sums[3]);
    }

    private static void glorot(Trial trial) {
        int in = 1500;
        int out = 500;
        Tensor w = Initializer.glorotNormal().of(trial.init(), FLOAT32, in, out, in, out);
        Tensor x = trial.data().fold(1).normal(FLOAT32, 64, in);
        Tensor g = trial.data().fold(2).normal(FLOAT32, 64, out);
        trial.measure("Glorot, 1500 to 500, forward", energy(x.matmul(w)) / energy(x));
        Tensor back = grad((Tensor v) -> v.matmul(w).times(g).sum()).apply(x); // (64, in)
        trial.measure("Glorot, 1500 to 500, backward", energy(back) / energy(g));
    }

    /** Powers of a symmetric matrix, and of the same stretched to |λ₁| = 0.9, 1 and 1.1. */
    private static void power(Trial trial) {
        int d = 20;
        Tensor g = trial.data().stream("power").normal(FLOAT64, d, d);
        Tensor a = g.plus(Linalg.transpose(g));
        double largest = Linalg.eigh(a).values().abs().max().item();
        var logs = logNorms(a.toDoubles(), d, 40_000);
        trial.measure(
                "slope of ln ‖Aᴸx‖", (logs[40_000] - logs[20_000]) / 20_000, Math.log(largest));
        for (double modulus : new double[] {0.9, 1, 1.1}) {
            for (int l = 0; l <= 100; l += 2) {
                trial.point("|λ₁| = " + modulus, l, logs[l] + l * Math.log(modulus / largest));
            }
        }
    }

    /** ln ‖Aᴸx‖ for L = 0, 1, .., with x the vector of ones. */
    private static double[] logNorms(double[] a, int d, int steps) {
        var x = new double[d];
        Arrays.fill(x, 1 / Math.sqrt(d));
        var logs = new double[steps + 1];
        for (int l = 1; l <= steps; l++) {
            var y = new double[d];
            double sum = 0;
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    y[i] += a[i * d + j] * x[j];
                }
                sum += y[i] * y[i];
            }
            double norm = Math.sqrt(sum);
            for (int i = 0; i < d; i++) {
                x[i] = y[i] / norm;
            }
            logs[l] = logs[l - 1] + Math.log(norm);
        }
        return logs;
    }

    // ---- Jacobians ----

    /** B relu(A x), with A and B of small Gaussian numbers. */
    private static Function<Tensor, Tensor> branch(Key key, int d) {
        Tensor a = key.fold(0).normal(FLOAT64, d, d).times(0.5 / Math.sqrt(d));
        Tensor b = key.fold(1).normal(FLOAT64, d, d).times(0.5 / Math.sqrt(d));
        return x -> relu(x.matmul(a)).matmul(b);
    }

    private static void jacobians(Trial trial) {
        int d = 30;
        var f = branch(trial.init().stream("block"), d);
        Tensor x = trial.data().fold(3).normal(FLOAT64, d);
        Tensor inner = jacobian(f).apply(x); // (d, d)
        Tensor outer = jacobian((Tensor v) -> v.plus(f.apply(v))).apply(x);
        trial.measure(
                "J of x + f(x) minus (I + J of f), largest entry",
                outer.minus(eye(FLOAT64, d).plus(inner)).abs().max().item());
        double norm = Linalg.svd(inner).s().max().item();
        trial.measure(
                "singular values of I + J beyond 1 ± ‖J‖, by most",
                Linalg.svd(outer).s().minus(1).abs().max().item() - norm);
        trial.measure("‖J‖", norm);
        if (trial.index() == 0) {
            spectrum(trial, "Gaussian, rectifiers", Initializer.heNormal(), true, false);
            spectrum(trial, "Gaussian, linear", Initializer.leCunNormal(), false, false);
            spectrum(trial, "orthogonal, linear", Initializer.orthogonal(1), false, false);
            spectrum(trial, "shortcuts", Initializer.heNormal(), true, true);
        }
    }

    /** The singular values of the Jacobian of 20 layers, each over the largest. */
    private static void spectrum(
            Trial trial, String name, Initializer law, boolean rectified, boolean shortcut) {
        int d = trial.tier().pick(30, 100, 200);
        Key key = trial.init().stream("spectrum");
        var weights =
                IntStream.range(0, DEPTH)
                        .mapToObj(l -> law.of(key.fold(l), FLOAT64, d, d, d, d))
                        .toList();
        Function<Tensor, Tensor> net =
                x -> {
                    Tensor h = x; // (d)
                    for (Tensor w : weights) {
                        Tensor next = (rectified ? relu(h) : h).matmul(w);
                        h = shortcut ? h.plus(next.times(Math.sqrt(1.0 / DEPTH))) : next;
                    }
                    return h;
                };
        var s =
                Linalg.svd(jacobian(net).apply(trial.data().fold(4).normal(FLOAT64, d)))
                        .s()
                        .toDoubles();
        for (int i = 0; i < d; i++) {
            trial.point("spectrum, " + name, i + 1, Math.max(s[i] / s[0], 1e-12));
        }
    }

    /** After 100 steps of gradient descent from a first layer of four inputs and six units. */
    private static double secondSingularValue(Trial trial, Tensor start) {
        record Net(Tensor w, Tensor v) {}
        Tensor x = trial.data().fold(5).normal(FLOAT64, 40, 4);
        Tensor y = x.square().sum(1).expandDims(1).sqrt(); // (40, 1)
        Net end =
                Training.minimise(
                        new Net(start, Tensor.full(FLOAT64, 0.5, 6, 1)),
                        Sgd.of(0.02),
                        100,
                        (net, _) -> relu(x.matmul(net.w)).matmul(net.v).minus(y).square().mean());
        return Linalg.svd(end.w).s().toDoubles()[1];
    }

    /** The units of a hidden layer have no order: their columns and rows may change places. */
    private static void permute(Trial trial) {
        Key key = trial.init().stream("permuted");
        Tensor x = trial.data().fold(6).normal(FLOAT64, 10, 20);
        Tensor w = key.fold(0).normal(FLOAT64, 20, 50);
        Tensor v = key.fold(1).normal(FLOAT64, 50, 3);
        Tensor order = key.fold(2).permutation(50);
        Tensor same = relu(x.matmul(take(w, order, 1))).matmul(take(v, order, 0));
        trial.measure(
                "hidden units permuted: change of the output",
                same.minus(relu(x.matmul(w)).matmul(v)).abs().max().item());
    }

    // ---- time ----

    private static void memory(Trial trial) {
        Lstm lstm = Lstm.of(STATE, STATE, OPEN, trial.init().stream("lstm"));
        trial.measure(
                "LSTM lane, ∂c₁₀₀/∂c₀ with U = 0",
                lane(lstm),
                Math.pow(1 / (1 + Math.exp(-OPEN)), LAG));
        var plain = lags(trial, "RNN", Elman.of(STATE, STATE, trial.init().stream("rnn")));
        lags(trial, "LSTM, b_f = 1", Lstm.of(STATE, STATE, trial.init().stream("lstm")));
        var open = lags(trial, "LSTM, b_f = 5", lstm);
        trial.measure(
                "gradient over lag 100, log₁₀ of LSTM with b_f = 5 over plain RNN",
                Math.log10(open / plain));
    }

    /** Without inputs and without U only the lane is left: c_T is linear in c_0. */
    private static double lane(Lstm lstm) {
        Lstm wide = Tree.map(t -> t.cast(FLOAT64), lstm);
        Lstm bare = new Lstm(wide.weight(), wide.recurrent().times(0), wide.bias());
        Tensor none = bare.bias().expandDims(0); // (1, 4 width)
        return grad(
                        (Tensor c) -> {
                            var state = new Lstm.State(c.times(0), c);
                            for (int t = 0; t < LAG; t++) {
                                state = bare.advance(none, state);
                            }
                            return state.cell().get(0).get(0);
                        })
                .apply(Tensor.full(FLOAT64, 0.3, 1, STATE))
                .get(0)
                .get(0)
                .item();
    }

    /** The gradient of a random sum of the last outputs, by the input so many steps before. */
    private static <S> double lags(Trial trial, String name, Cell<S> cell) {
        var net = Recurrent.of(cell).last();
        Tensor x = trial.data().stream("sequence").normal(FLOAT32, 8, LAG + 1, STATE); // (n, t, in)
        Tensor r = trial.data().stream("direction").normal(FLOAT32, 8, STATE);
        Tensor g = grad((Tensor v) -> net.apply(v, Pass.eval()).times(r).sum()).apply(x);
        var norms = g.square().sum(0, 2).sqrt().toDoubles(); // (t)
        for (int lag = 0; lag <= LAG; lag++) {
            trial.point("lag, " + name, lag, Math.max(norms[LAG - lag], 1e-30));
        }
        return Math.max(norms[0], 1e-30);
    }

    // ---- training ----

    /**
     * Hidden layers of equal width, stacked.
     *
     * @param in (784, w)
     * @param layers (depth, w, w)
     * @param out (w, 10)
     */
    private record Deep(Tensor in, Tensor layers, Tensor out) {
        static Deep of(Key key, int depth) {
            var he = Initializer.heNormal();
            return new Deep(
                    he.of(key.stream("in"), FLOAT32, 784, WIDTH, 784, WIDTH),
                    he.of(key, FLOAT32, WIDTH, WIDTH, depth, WIDTH, WIDTH),
                    Initializer.leCunNormal().of(key.stream("out"), FLOAT32, WIDTH, 10, WIDTH, 10));
        }

        Tensor logits(Tensor x, boolean shortcuts) {
            double scale = Math.sqrt(1.0 / layers.dim(0));
            Tensor h =
                    Loops.scan(
                                    (Tensor before, Tensor w) -> {
                                        Tensor next = relu(before).matmul(w); // (n, w)
                                        return new Carried<>(
                                                shortcuts ? before.plus(next.times(scale)) : next,
                                                List.<Tensor>of());
                                    },
                                    x.matmul(in),
                                    layers)
                            .carry(); // (n, w)
            return relu(h).matmul(out); // (n, 10)
        }
    }

    private static void train(Trial trial) {
        var images = Images.train(1000);
        int steps = trial.tier().pick(20, 200, 1000);
        var losses = new double[2][DEPTHS.size()];
        for (int s = 0; s < 2; s++) {
            boolean shortcuts = s == 1;
            for (int i = 0; i < DEPTHS.size(); i++) {
                Deep end =
                        Training.minimise(
                                Deep.of(trial.init().stream("deep"), DEPTHS.get(i)),
                                Momentum.of(0.01),
                                steps,
                                (net, step) -> {
                                    var batch = images.batch(trial.order(), step, BATCH);
                                    return Losses.crossEntropy(
                                            net.logits(batch.x(), shortcuts), batch.y());
                                });
                losses[s][i] =
                        Losses.crossEntropy(end.logits(images.x(), shortcuts), images.y()).item();
                trial.point(
                        shortcuts ? "loss, shortcuts" : "loss, plain", DEPTHS.get(i), losses[s][i]);
                trial.progress(3 * 6 + s * 3 + i, 24);
            }
        }
        trial.measure(
                "plain: training loss of 40 layers minus that of 4", losses[0][2] - losses[0][0]);
        trial.measure(
                "40 layers: training loss with shortcuts minus plain", losses[1][2] - losses[0][2]);
    }

    @Override
    public void controls(Trial trial) {
        int n = 100;
        Tensor x = trial.data().normal(FLOAT32, 32, n);
        Tensor turned = x;
        Tensor he = x;
        for (int l = 0; l < DEPTH; l++) {
            Key key = trial.init().fold(l);
            turned = turned.matmul(Initializer.orthogonal(1).of(key, FLOAT32, n, n, n, n));
            he = he.matmul(Initializer.heNormal().of(key, FLOAT32, n, n, n, n));
        }
        trial.measure(
                "orthogonal weights, no rectifier, ratio",
                Math.pow(energy(turned) / energy(x), 1.0 / DEPTH));
        trial.measure(
                "He's weights, no rectifier, ratio", Math.pow(energy(he) / energy(x), 1.0 / DEPTH));
        var f = branch(trial.init(), 30);
        Tensor j = jacobian(f).apply(trial.data().normal(FLOAT64, 30));
        trial.measure(
                "shortcut left out: J of f minus (I + J of f)",
                j.minus(eye(FLOAT64, 30).plus(j)).abs().max().item());
        trial.measure(
                "random start, 100 steps: second singular value",
                secondSingularValue(trial, trial.init().normal(FLOAT64, 4, 6).times(0.5)));
    }

    // ---- figures ----

    @Override
    public List<Figure> figures(Results results) {
        var steps = IntStream.rangeClosed(0, DEPTH).asDoubleStream().toArray();
        var forward =
                Plot.of("depth", "Energy of a signal through 20 layers")
                        .x("layer")
                        .y("mean square", Scale.LOG)
                        .line("2/n, He", results.curve("He"))
                        .line("1/n", results.curve("1/n"))
                        .line("3/n", results.curve("3/n"))
                        .line("shortcuts", results.curve("shortcut"))
                        .dashed("theory", steps, powers(steps, 0.5))
                        .dashed("theory", steps, powers(steps, 1.5));
        var spectra =
                Plot.of("spectra", "Singular values of 20 layers")
                        .x("number")
                        .y("over the largest", Scale.LOG)
                        .yRange(1e-9, 2);
        for (String name :
                List.of(
                        "Gaussian, rectifiers",
                        "Gaussian, linear",
                        "orthogonal, linear",
                        "shortcuts")) {
            spectra = spectra.line(name, results.curve("spectrum, " + name));
        }
        var lags =
                Plot.of("lags", "How far back a gradient reaches")
                        .x("steps back")
                        .y("norm of the gradient", Scale.LOG);
        for (String name : List.of("RNN", "LSTM, b_f = 1", "LSTM, b_f = 5")) {
            lags = lags.line(name, results.curve("lag, " + name));
        }
        var training =
                Plot.of("training", "Training loss by depth")
                        .x("layers", Scale.LOG)
                        .y("loss")
                        .band("plain", results.band("loss, plain"))
                        .band("shortcuts", results.band("loss, shortcuts"));
        var powers = Plot.of("powers", "Powers of a matrix go with its largest eigenvalue").x("L");
        for (String name : List.of("|λ₁| = 0.9", "|λ₁| = 1.0", "|λ₁| = 1.1")) {
            powers = powers.line(name, results.curve(name));
        }
        return List.of(
                new Figure.Panels(
                        "propagation",
                        "What keeps its scale can be deep",
                        "Top: a factor a layer makes or breaks a signal; even where the energy"
                                + " stays, Gaussian layers lose directions, orthogonal ones and"
                                + " shortcuts do not. Bottom: an LSTM whose gate is open carries a"
                                + " gradient over 100 steps; plain networks get worse with depth,"
                                + " on the examples they are trained on.",
                        2,
                        List.of(forward, spectra, lags, training)),
                powers.y("ln ‖Aᴸx‖")
                        .caption("The same matrix, stretched; after a few steps each is a line."));
    }

    private static double[] powers(double[] x, double base) {
        return Arrays.stream(x).map(l -> Math.pow(base, l)).toArray();
    }
}
