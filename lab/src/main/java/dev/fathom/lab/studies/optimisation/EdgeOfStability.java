package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.tensor.DType.FLOAT32;
import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.between;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.instrument.operator.Curvature;
import dev.fathom.lab.instrument.operator.LinearOperator;
import dev.fathom.lab.instrument.operator.ParameterSpace;
import dev.fathom.lab.instrument.spectrum.Lanczos;
import dev.fathom.lab.studies.support.Images;
import dev.fathom.lab.studies.support.Training;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.optim.recipe.Sgd;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** L13: gradient descent trains at the edge of its own stability. */
public final class EdgeOfStability implements Study {
    private static final int POINTS = 20;
    private static final int WIDTH = 40;
    private static final int PRODUCTS = 16; // of Lanczos' method
    private static final int BATCH = 10; // of the controls
    private static final double CONTROLLED = 20; // 2/η of the controls

    private static final int IMAGES = 1000;
    private static final int IMAGE_WIDTH = 32;
    private static final double IMAGE_EDGE = 14; // 2/η

    /** 2/η of the runs on the curve. */
    private static List<Integer> edges(Tier tier) {
        return tier.pick(List.of(10, 14), List.of(10, 14, 20, 28), List.of(10, 14, 20, 28, 40));
    }

    /** Steps times η. */
    private static double time(Tier tier) {
        return tier.pick(500.0, 800.0, 1600.0);
    }

    @Override
    public Card card(Tier tier) {
        var card =
                Card.of("L13", "edge-of-stability", Oracle.EXACT)
                        .star()
                        .claim(
                                "Gradient descent with step η drives the sharpness of the loss up"
                                        + " to 2/η, and keeps it there.")
                        .text("001, a fine line between chaos and stagnation; bias to flat minima")
                        .paper(
                                "J. Cohen, S. Kaur, Y. Li, J. Z. Kolter, A. Talwalkar, Gradient"
                                    + " descent on neural networks typically occurs at the edge of"
                                    + " stability, ICLR 2021, figure 1; why: A. Damian, E. Nichani,"
                                    + " J. Lee, Self-stabilization, ICLR 2023")
                        .story(
                                "On a parabola of curvature λ a step of size η multiplies the"
                                    + " distance to the bottom by 1 − ηλ: beyond λ = 2/η it grows,"
                                    + " and textbooks forbid such steps. A network has no fixed"
                                    + " curvature. While it trains, its sharpness rises, the same"
                                    + " way for every η if time is counted as η times the steps,"
                                    + " until it reaches 2/η. Then the steps start to swing across"
                                    + " the valley, the swinging pushes the weights to where the"
                                    + " valley is wider, and the two hold each other in balance:"
                                    + " the loss is no longer monotone and still falls. Watch the"
                                    + " curves leave the common path one by one, each at its own"
                                    + " line. SGD is late and stays below: its noise alone keeps it"
                                    + " in wide valleys. On images the mean settles 0 to 4 per cent"
                                    + " above 2/η, \"at, or just above\" in the paper's words: that"
                                    + " was seen before its range was fixed. There the last layer"
                                    + " starts at 0.3 of its usual size, since otherwise the"
                                    + " sharpness starts far above the line and only falls. The"
                                    + " heavy ball, tried first as the broken variant, has no"
                                    + " plateau: its sharpness is a saw.")
                        .notation(
                                """
                                λ          sharpness: the largest eigenvalue of the Hessian of the training loss
                                η          step size of full-batch gradient descent
                                plateau    mean of λ over the last 40 % of training, times η/2
                                time       η times the steps, what a gradient flow would call time\
                                """)
                        .data(
                                "20 points of the Chebyshev polynomial T₄ on [−1, 1], a tanh"
                                    + " network of two layers of 40, float64; the first 1000 images"
                                    + " of Fashion-MNIST minus their mean, divided by 0.7, a tanh"
                                    + " network of two layers of 32, squared error to one-hot"
                                    + " labels, float32")
                        .seeds(tier.pick(1, 6, 6))
                        .cost(tier.pick(6.0, 60.0, 240.0), 2e8, tier.pick(3e10, 2e12, 8e12));
        for (int edge : edges(tier)) {
            card = card.predict(plateau(edge), near(1).within(0.03));
        }
        if (tier != Tier.SMOKE) {
            card = card.predict("images: plateau", Oracle.PAPER, between(0.97, 1.08));
        }
        return card.predict(
                        "parabola: the η from which steps diverge, times λ/2", near(1).within(1e-9))
                .positive("Lanczos against all eigenvalues, relative", atMost(1e-6))
                .sabotage("plateau of SGD on batches of 10", near(1).within(0.03));
    }

    private static String plateau(int edge) {
        return "plateau, 2/η = " + edge;
    }

    /** x to W₃ tanh(W₂ tanh(W₁ x)), with biases. */
    private record TanhNet(Dense first, Dense second, Dense last) implements Layer {
        static TanhNet of(int in, int width, int out, Key key) {
            var keys = key.split(3);
            var glorot = Initializer.glorotUniform();
            return new TanhNet(
                    Dense.of(in, width, glorot, keys[0]),
                    Dense.of(width, width, glorot, keys[1]),
                    Dense.of(width, out, glorot, keys[2]));
        }

        @Override
        public Tensor apply(Tensor x, Pass pass) { // x: (n, in)
            Tensor a = first.apply(x, pass).tanh(); // (n, width)
            Tensor b = second.apply(a, pass).tanh(); // (n, width)
            return last.apply(b, pass); // (n, out)
        }
    }

    /** Half the squared error of a network. */
    private record Loss(Tensor x, Tensor y) {
        Tensor of(TanhNet net) {
            return net.apply(x, Pass.eval()).minus(y).square().sum(1).mean().times(0.5);
        }

        Loss rows(Tensor which) {
            return new Loss(Shaping.take(x, which, 0), Shaping.take(y, which, 0));
        }
    }

    private record Probe(TanhNet net, TanhNet direction) {}

    /** λ of a loss, its product with vectors compiled once for all networks of a shape. */
    private static Function<TanhNet, Double> sharpness(Loss loss, TanhNet like, Key key) {
        var product = jit((Probe p) -> hvp(loss::of, p.net, p.direction));
        var space = ParameterSpace.of(like);
        return net -> {
            var hessian =
                    LinearOperator.symmetric(
                            space.size(),
                            v -> space.vector(product.apply(new Probe(net, space.tree(v)))));
            return Lanczos.of(hessian, PRODUCTS, key).largest();
        };
    }

    /** T₄(x) = cos(4 arccos x). */
    private static Loss chebyshev() {
        var x = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            x[i] = -1 + 2.0 * i / (POINTS - 1);
        }
        var y = Arrays.stream(x).map(v -> Math.cos(4 * Math.acos(v))).toArray();
        return new Loss(Tensor.of(x, POINTS, 1), Tensor.of(y, POINTS, 1));
    }

    private static TanhNet small(Key key, int width) {
        return Tree.map(t -> t.cast(FLOAT64), TanhNet.of(1, width, 1, key));
    }

    private static Loss images() {
        var images = Images.train(IMAGES);
        Tensor x = images.x().minus(images.x().mean(0)).dividedBy(0.7);
        Tensor y = Shaping.take(Creation.eye(FLOAT32, Images.CLASSES), images.y(), 0);
        return new Loss(x, y);
    }

    @Override
    public void run(Trial trial) {
        var tier = trial.tier();
        var edges = edges(tier);
        var loss = chebyshev();
        TanhNet start = small(trial.init(), WIDTH);
        var sharpness = sharpness(loss, start, trial.stream("lanczos"));
        for (int i = 0; i < edges.size(); i++) {
            int edge = edges.get(i);
            double plateau =
                    train(
                            trial,
                            "2/η = " + edge,
                            start,
                            loss,
                            (net, _) -> loss.of(net),
                            sharpness,
                            edge,
                            time(tier));
            trial.measure(plateau(edge), plateau);
            trial.progress(i + 1, edges.size() + 2);
        }
        if (tier != Tier.SMOKE) {
            var net = TanhNet.of(Images.PIXELS, IMAGE_WIDTH, Images.CLASSES, trial.init());
            var last = new Dense(net.last.weight().times(0.3), net.last.bias());
            var calm = new TanhNet(net.first, net.second, last);
            var many = images();
            trial.measure(
                    "images: plateau",
                    train(
                            trial,
                            "images",
                            calm,
                            many,
                            (m, _) -> many.of(m),
                            sharpness(many, calm, trial.stream("lanczos")),
                            IMAGE_EDGE,
                            tier.pick(200.0, 200.0, 400.0)));
        }
        trial.measure("parabola: the η from which steps diverge, times λ/2", divergence(trial));
    }

    /** Trains and records loss and sharpness over time; the plateau. */
    private static double train(
            Trial trial,
            String name,
            TanhNet start,
            Loss loss,
            BiFunction<TanhNet, Tensor, Tensor> batch,
            Function<TanhNet, Double> sharpness,
            double edge,
            double time) {
        double rate = 2 / edge;
        int looks = trial.tier().pick(50, 100, 200);
        int each = (int) Math.round(time / rate / looks);
        var late = new double[looks];
        var value = jit(loss::of);
        trial.point(name, 0, sharpness.apply(start));
        trial.point(name + ": loss", 0, value.apply(start).item());
        Training.minimise(
                start,
                Sgd.of(rate),
                each * looks,
                each,
                batch,
                (step, net) -> {
                    double lambda = sharpness.apply(net);
                    late[step / each - 1] = lambda;
                    trial.point(name, step * rate, lambda);
                    trial.point(name + ": loss", step * rate, value.apply(net).item());
                });
        return Arrays.stream(late, looks * 3 / 5, looks).average().orElseThrow() * rate / 2;
    }

    private record Descent(Tensor x, Tensor rate) {}

    /** By bisection on a parabola in ten dimensions, curvatures 2, 4, .., 20 in random axes. */
    private static double divergence(Trial trial) {
        Tensor q = Linalg.qr(trial.data().normal(FLOAT64, 10, 10)).q();
        var curvatures = new double[10];
        for (int i = 0; i < 10; i++) {
            curvatures[i] = 2 * i + 2;
        }
        Tensor h = q.times(Tensor.of(curvatures)).matmul(Linalg.transpose(q));
        var slope = grad((Tensor x) -> x.times(h.matmul(x)).sum().times(0.5));
        var walk =
                jit((Descent d) ->
                        Loops.repeat(
                                s -> new Descent(s.x.minus(slope.apply(s.x).times(s.rate)), s.rate),
                                d,
                                2000));
        var step = jit((Descent d) -> d.x.minus(slope.apply(d.x).times(d.rate)));
        Tensor start = trial.init().normal(FLOAT64, 10);
        double low = 0.09;
        double high = 0.11;
        for (int i = 0; i < 40; i++) {
            double middle = (low + high) / 2;
            var far = walk.apply(new Descent(start, Tensor.scalar(middle)));
            double ratio = step.apply(far).square().sum().item() / far.x.square().sum().item();
            if (ratio > 1) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high * 20 / 2;
    }

    @Override
    public void controls(Trial trial) {
        var loss = chebyshev();
        TanhNet few = small(trial.init().fold(1), 8);
        var eigenvalues =
                Linalg.eigh(Curvature.hessian(loss::of, few).dense()).values().toDoubles();
        double largest = Arrays.stream(eigenvalues).max().orElseThrow();
        double found = sharpness(loss, few, trial.stream("lanczos")).apply(few);
        trial.measure(
                "Lanczos against all eigenvalues, relative", Math.abs(found - largest) / largest);

        TanhNet start = small(trial.init(), WIDTH);
        var order = trial.order();
        double plateau =
                train(
                        trial,
                        "SGD",
                        start,
                        loss,
                        (net, step) -> loss.rows(order.fold(step).integers(POINTS, BATCH)).of(net),
                        sharpness(loss, start, trial.stream("lanczos")),
                        CONTROLLED,
                        trial.tier().pick(200.0, 800.0, 800.0));
        trial.measure("plateau of SGD on batches of 10", plateau);
    }

    @Override
    public List<Figure> figures(Results results) {
        var edges = edges(results.tier()).reversed();
        var sharp =
                Plot.of(
                                "sharpness",
                                "Gradient descent climbs to the edge of its own stability, and"
                                        + " stays there")
                        .x("time  η × steps")
                        .y("sharpness λ")
                        .caption(
                                "The same network from the same start, full batch. Counted in time"
                                    + " all runs go the same way, until each meets the dashed line"
                                    + " from which its own steps would diverge. SGD, on half of the"
                                    + " points at a time, is late and stays below its own.");
        var loss =
                Plot.of("loss", "The loss jumps, and falls all the same")
                        .x("time  η × steps")
                        .y("training loss", Scale.LOG);
        for (int edge : edges) {
            var name = "2/η = " + edge;
            var curve = results.curve(name);
            sharp =
                    sharp.line(name, curve)
                            .dashed(
                                    name,
                                    new double[] {0, curve.x()[curve.size() - 1]},
                                    new double[] {edge, edge});
            loss = loss.line(name, results.curve(name + ": loss"));
        }
        sharp = sharp.line("SGD, 2/η = 20", results.controls().curve("SGD"));
        if (results.tier() == Tier.SMOKE) {
            return List.of(sharp, loss);
        }
        var images =
                Plot.of("images", "The same on 1000 images").x("time  η × steps").y("sharpness λ");
        for (var curve : results.curves("images")) {
            images = images.line("λ, six starts", curve);
        }
        var time = results.curve("images").x();
        images =
                images.dashed(
                        "2/η",
                        new double[] {0, time[time.length - 1]},
                        new double[] {IMAGE_EDGE, IMAGE_EDGE});
        return List.of(
                sharp,
                new Figure.Panels(
                        "loss-and-images",
                        "It is no accident of the toy",
                        "Left: the loss of the runs above. Right: Fashion-MNIST, squared error.",
                        2,
                        List.of(loss, images)));
    }
}
