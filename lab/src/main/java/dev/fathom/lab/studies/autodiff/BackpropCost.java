package dev.fathom.lab.studies.autodiff;

import static dev.fathom.core.tensor.DType.FLOAT32;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jacobian;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.valueAndGrad;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.between;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Work;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;

import java.util.ArrayList;
import java.util.List;

/** L01: a gradient costs a constant number of forward passes. */
public final class BackpropCost implements Study {
    private static final int[] WIDTHS = {4, 16, 64, 256};
    private static final int[] DEPTHS = {1, 2, 4, 8};
    private static final int BATCH = 8;

    @Override
    public Card card(Tier tier) {
        return Card.of("L01", "backprop-cost", Oracle.EXACT)
                .claim(
                        "The gradient of a network costs at most four forward passes, however many"
                                + " parameters it has; finite differences cost two for each.")
                .text("002, backpropagation; algorithm 3")
                .paper(
                        "W. Baur, V. Strassen, The complexity of partial derivatives, 1983; A."
                                + " Griewank, A. Walther, Evaluating derivatives, 2008, chapter 4")
                .story(
                        "Going backwards through a layer needs two products of the size of the one"
                            + " that went forwards: one for the weights, one for the input. So a"
                            + " gradient with its value is about three forward passes, be there ten"
                            + " parameters or a million. A finite difference has to be taken for"
                            + " each parameter, and it is not even right: a large step is off by"
                            + " the curvature of the slope, a small one by rounding, and between"
                            + " them lies a valley that is never as deep as backpropagation.")
                .notation(
                        """
                        d      number of parameters
                        flop   a multiplication and an addition are two, tanh is one
                        h      step of the central difference (f(θ+hv) − f(θ−hv)) / 2h; best near ε^{1/3} = 6e-6,
                               taken as met within a factor of ten, as the constant is the function's
                        δˡ     ∂loss/∂zˡ, the error that algorithm 3 carries backwards\
                        """)
                .data("tanh networks with random normal weights; 8 random normal inputs")
                .seeds(tier.pick(1, 5, 20))
                .cost(tier.pick(2.0, 6.0, 25.0), 1e8, tier.pick(1e8, 5e8, 2e9))
                .predict("gradient with its value, in forward passes, at most", atMost(4))
                .predict("difference to algorithm 3", atMost(1e-12))
                .predict("difference to the chain of Jacobians", atMost(1e-12))
                .predict("step of the best finite difference", between(6e-7, 6e-5))
                .positive("central difference of a quadratic, h = ½", atMost(1e-12))
                .sabotage("finite differences, width 64, in forward passes", atMost(4))
                .sabotage("algorithm 3 without the factor 1 − tanh²", atMost(1e-12));
    }

    @Override
    public void run(Trial trial) {
        double worst = 0;
        for (int depth : DEPTHS) {
            for (int width : WIDTHS) {
                var net = net(trial.init(), width, depth, FLOAT64);
                Tensor x = trial.data().normal(FLOAT64, BATCH, width);
                double forward = flop(jit((List<Tensor> w) -> loss(w, x)).graph(net));
                double all = flop(jit(valueAndGrad((List<Tensor> w) -> loss(w, x))).graph(net));
                double ratio = all / forward;
                double d = Tree.countTrained(net);
                worst = Math.max(worst, ratio);
                trial.point("gradient", d, ratio);
                trial.point("finite differences", d, 2 * d);
            }
        }
        trial.measure("gradient with its value, in forward passes, at most", worst);

        var net = net(trial.init(), 16, 4, FLOAT64);
        Tensor x = trial.data().normal(FLOAT64, BATCH, 16);
        var auto = grad((List<Tensor> w) -> loss(w, x)).apply(net);
        trial.measure("difference to algorithm 3", distance(auto, algorithm3(net, x, true)));
        trial.measure("difference to the chain of Jacobians", chainDifference(net, x, auto));
        valley(trial, net, x, auto);
    }

    /** The error of finite differences over the step, in both precisions. */
    private static void valley(Trial trial, List<Tensor> net, Tensor x, List<Tensor> gradient) {
        int directions = trial.tier().pick(4, 40, 40);
        var value = jit((List<Tensor> w) -> loss(w, x));
        Tensor x32 = x.cast(FLOAT32);
        var value32 = jit((List<Tensor> w) -> loss(w, x32));
        double step = trial.tier().pick(0.5, 0.25, 0.25);
        double best = Double.POSITIVE_INFINITY;
        double at = Double.NaN;
        for (double exponent = -12; exponent <= 0; exponent += step) {
            double h = Math.pow(10, exponent);
            double log = 0;
            double log32 = 0;
            for (int i = 0; i < directions; i++) {
                var v = Tree.times(net(trial.stream("direction").fold(i), 16, 4, FLOAT64), 1.0);
                double exact = Tree.dot(gradient, v).item();
                var up = Tree.plus(net, Tree.times(v, h));
                var down = Tree.minus(net, Tree.times(v, h));
                double fd = (value.apply(up).item() - value.apply(down).item()) / (2 * h);
                log += Math.log10(Math.max(1e-18, Math.abs(fd - exact) / Math.abs(exact)));
                var up32 = Tree.map(t -> t.cast(FLOAT32), up);
                var down32 = Tree.map(t -> t.cast(FLOAT32), down);
                double fd32 = (value32.apply(up32).item() - value32.apply(down32).item()) / (2 * h);
                log32 += Math.log10(Math.max(1e-18, Math.abs(fd32 - exact) / Math.abs(exact)));
            }
            double error = Math.pow(10, log / directions);
            trial.point("float64", h, error);
            trial.point("float32", h, Math.pow(10, log32 / directions));
            if (error < best) {
                best = error;
                at = h;
            }
        }
        trial.measure("step of the best finite difference", at);
        trial.measure("its error", best);
    }

    @Override
    public void controls(Trial trial) {
        Tensor a = trial.init().normal(FLOAT64, 20);
        Tensor v = trial.stream("direction").normal(FLOAT64, 20);
        double exact = a.times(v).sum().item();
        double fd =
                a.plus(v.times(0.5)).square().sum().times(0.5).item()
                        - a.minus(v.times(0.5)).square().sum().times(0.5).item();
        trial.measure("central difference of a quadratic, h = ½", Math.abs(fd - exact));
        var net = net(trial.init(), 64, 2, FLOAT64);
        trial.measure(
                "finite differences, width 64, in forward passes", 2.0 * Tree.countTrained(net));
        var small = net(trial.init(), 16, 4, FLOAT64);
        Tensor x = trial.data().normal(FLOAT64, BATCH, 16);
        var auto = grad((List<Tensor> w) -> loss(w, x)).apply(small);
        trial.measure(
                "algorithm 3 without the factor 1 − tanh²",
                distance(auto, algorithm3(small, x, false)));
    }

    private static List<Tensor> net(Key key, int width, int depth, DType dtype) {
        var weights = new ArrayList<Tensor>();
        for (int i = 0; i < depth; i++) {
            weights.add(key.fold(i).normal(dtype, width, width).dividedBy(Math.sqrt(width)));
        }
        return weights;
    }

    private static Tensor loss(List<Tensor> weights, Tensor x) {
        Tensor a = x; // (n, d)
        for (var w : weights) {
            a = a.matmul(w).tanh();
        }
        return a.square().sum().times(0.5);
    }

    private static double flop(Graph graph) {
        return graph.equations().stream().mapToLong(Work::flop).sum();
    }

    /** Algorithm 3 in plain loops: errors carried back, layer by layer, example by example. */
    private static List<Tensor> algorithm3(List<Tensor> net, Tensor x, boolean slope) {
        int m = x.dim(1);
        int layers = net.size();
        var w = net.stream().map(Tensor::toDoubles).toList();
        var sums = new double[layers][m * m];
        var inputs = x.toDoubles();
        for (int n = 0; n < BATCH; n++) {
            var a = new double[layers + 1][m];
            System.arraycopy(inputs, n * m, a[0], 0, m);
            for (int l = 0; l < layers; l++) {
                for (int j = 0; j < m; j++) {
                    double z = 0;
                    for (int i = 0; i < m; i++) {
                        z += a[l][i] * w.get(l)[i * m + j];
                    }
                    a[l + 1][j] = Math.tanh(z);
                }
            }
            var back = a[layers].clone(); // ∂loss/∂a
            for (int l = layers - 1; l >= 0; l--) {
                var next = new double[m];
                for (int j = 0; j < m; j++) {
                    double delta = back[j] * (slope ? 1 - a[l + 1][j] * a[l + 1][j] : 1);
                    for (int i = 0; i < m; i++) {
                        sums[l][i * m + j] += a[l][i] * delta;
                        next[i] += w.get(l)[i * m + j] * delta;
                    }
                }
                back = next;
            }
        }
        var result = new ArrayList<Tensor>();
        for (var sum : sums) {
            result.add(Tensor.of(sum, m, m));
        }
        return result;
    }

    /** The gradient of the first layer's output, pulled back as a product of Jacobians. */
    private static double chainDifference(List<Tensor> net, Tensor x, List<Tensor> auto) {
        int m = x.dim(1);
        Tensor total = Tensor.full(FLOAT64, 0, m, m);
        for (int n = 0; n < BATCH; n++) {
            Tensor a = x.get(n); // (m)
            Tensor out = layer(a, net.getFirst());
            Tensor product = null;
            for (int l = 1; l < net.size(); l++) {
                Tensor w = net.get(l);
                Tensor j = jacobian((Tensor t) -> layer(t, w)).apply(out); // (m, m)
                product = product == null ? j : j.matmul(product);
                out = layer(out, w);
            }
            Tensor back = out.reshape(1, m).matmul(product); // (1, m)
            Tensor first = layer(a, net.getFirst()).reshape(1, m);
            Tensor delta = back.times(first.square().negate().plus(1));
            total = total.plus(a.reshape(m, 1).matmul(delta));
        }
        return distance(List.of(auto.getFirst()), List.of(total));
    }

    private static Tensor layer(Tensor a, Tensor w) {
        return a.reshape(1, w.dim(0)).matmul(w).reshape(w.dim(1)).tanh();
    }

    /** Largest difference over the largest entry. */
    private static double distance(List<Tensor> a, List<Tensor> b) {
        double difference = 0;
        double scale = 0;
        for (int i = 0; i < a.size(); i++) {
            difference = Math.max(difference, a.get(i).minus(b.get(i)).abs().max().item());
            scale = Math.max(scale, a.get(i).abs().max().item());
        }
        return difference / scale;
    }

    @Override
    public List<Figure> figures(Results results) {
        var gradient = results.curve("gradient");
        var differences = results.curve("finite differences");
        return List.of(
                Plot.of("cost", "One gradient costs three forward passes, at any size")
                        .x("parameters d", Scale.LOG)
                        .y("cost, in forward passes", Scale.LOG)
                        .yRange(1, Double.NaN)
                        .horizontal("bound: 4", 4)
                        .points("finite differences", differences)
                        .points("backpropagation", gradient)
                        .caption(
                                "Each dot is a network: 1, 2, 4 or 8 layers of width 4, 16, 64 or"
                                        + " 256. Operations are counted, not timed."),
                Plot.of("valley", "Finite differences are never exact")
                        .x("step h", Scale.LOG)
                        .y("relative error", Scale.LOG)
                        .vertical("∛(machine epsilon)", Math.cbrt(Math.ulp(1.0)))
                        .line("float32", results.curve("float32"))
                        .line("float64", results.curve("float64"))
                        .caption(
                                "Right of the valley the error is h² times a third derivative, left"
                                        + " of it rounding divided by h."));
    }
}
