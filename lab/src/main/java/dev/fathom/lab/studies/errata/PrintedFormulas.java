package dev.fathom.lab.studies.errata;

import static dev.fathom.core.math.Functions.relu;
import static dev.fathom.core.math.Linalg.svd;
import static dev.fathom.core.math.Linalg.transpose;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.atLeast;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.init.Initializer;
import dev.fathom.optim.recipe.Adam;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** E: formulas as the texts print them, beside what was meant. */
public final class PrintedFormulas implements Study {
    private static final double BETA_SQUARE = 0.999;

    @Override
    public Card card(Tier tier) {
        return Card.of("E", "printed-formulas", Oracle.EXACT)
                .claim(
                        "Twelve places of the texts do not hold as they are printed; with the"
                                + " correction named here each holds to the last digits.")
                .text("000, 002, 003 and 004: errata E1 to E7, E10, E12, E13, E14 and E16")
                .paper(
                        "E1: D. Kingma, J. Ba, Adam, 2015, algorithm 1; E14: X. Glorot, Y. Bengio,"
                                + " 2010, equation 16")
                .story(
                        "A printed formula is a program nobody has run. Adam divides its memory by"
                            + " 1 − μᵗ at every step instead of only on the way out, and so"
                            + " overflows in single precision at step 20. The gradient of a linear"
                            + " network has its sign and its right factor wrong; a chain rule uses"
                            + " J where Jᵀ is meant; equal weights are called a saddle where the"
                            + " gradient is not even zero; finite differences are said to search"
                            + " all combinations of features where one step along each is enough"
                            + " (at a million weights still a million passes, where the backward"
                            + " pass takes four, see L01). Derivatives taken by machine are the"
                            + " judge.")
                .notation(
                        """
                        E1    v ← (μ v + (1−μ) g)/(1 − μᵗ) as printed; the memory itself must stay uncorrected
                        E2    L = ½‖W₃W₂W₁x − y‖²: ∂L/∂W₂ = W₃ᵀ (f − y) (W₁x)ᵀ
                        E3    z̄ = Jᵀc̄ with J_ij = ∂c_i/∂z_j
                        E4    a gradient by finite differences: F at d + 1 points, or 2d for central ones
                        E5    the gap between training and validation error is smallest before training
                        E6    equal hidden weights stay equal (rank 1), but their gradient is not zero
                        E7    mlp(w₁, w₂, xᵢ), where mlp takes (x, w₁, w₂), is xᵢ relu(w₁ w₂)
                        E10   for x > 0 every w₁ < 0 is a plateau: gradient zero, loss not
                        E12   ‖Aᵢ‖ < 1 is enough for (I+A_L)⋯(I+A₁) to be non-singular, no 1/L; its determinant
                              stays positive then, so targets with det B < 0 are not reached (L06)
                        E13   (a ∗ w)_i = Σ a_{i−j} w_j is what frameworks compute with w reversed
                        E14   uniform and Gaussian first values of Glorot have the same variance
                        E16   W (n, m), v (n): (B[MM,W](v))_ij = Σ_k ∂(Wz+b)_k/∂W_ij v_k over k ≤ n, not m; = vᵢzⱼ\
                        """)
                .data("Gaussian; no training data")
                .cost(3, 1e8, 1e8)
                .predict("E1: step at which the printed Adam overflows", near(20))
                .predict("E1: first step of the correct one over its rate", near(1).within(1e-6))
                .predict("E2: corrected formula, relative difference", atMost(1e-12))
                .predict("E3: with Jᵀ, relative difference", atMost(1e-12))
                .predict("E4: evaluations of forward differences, d = 40", near(41))
                .predict("E4: evaluations of central differences, d = 40", near(80))
                .predict("E4: central differences, relative difference", atMost(1e-8))
                .predict("E4: directions of 1000 that rise faster than the gradient", near(0))
                .predict("E5: step of the smallest gap", near(0))
                .predict("E6: norm of the gradient at equal weights", atLeast(1e-3))
                .predict("E6: second singular value after 100 steps", atMost(1e-12))
                .predict("E7: printed call minus xᵢ relu(w₁ w₂)", atMost(0))
                .predict("E10: gradient on the plateau", atMost(0))
                .predict("E10: loss on the plateau", atLeast(1e-3))
                .predict("E12: ‖Aᵢ‖ = 0.9, least σ over (1 − 0.9)^L, least", atLeast(1))
                .predict("E12: ‖Aᵢ‖ = 0.9, determinants not positive", near(0))
                .predict("E12: ‖Aᵢ‖ = 0.9, least loss for det B < 0", atLeast(0.245))
                .predict("E13: convolution minus correlation reversed", atMost(1e-12))
                .predict("E14: variance, uniform over Gaussian", near(1).within(0.02))
                .predict("E16: sum over the n outputs, relative difference", atMost(1e-12))
                .predict("E16: outputs that the sum to m leaves out, n = 5, m = 3", near(2))
                .positive("E2 with one layer: the text is right", atMost(1e-12))
                .sabotage("E2 as printed, relative difference", atMost(1e-12))
                .sabotage("E3 as printed, relative difference", atMost(1e-12))
                .sabotage("E12 with ‖Aᵢ‖ = 1.5, determinants not positive", near(0))
                .sabotage("E13 without reversing, difference", atMost(1e-12))
                .sabotage("E16 as printed, relative difference", atMost(1e-12));
    }

    @Override
    public void run(Trial trial) {
        adam(trial);
        linearNetwork(trial);
        finiteDifferences(trial);
        equalWeights(trial);
        gap(trial);
        minimalNetwork(trial);
        residualProducts(trial);
        matrixBackward(trial);
        var a = trial.data().fold(5).normal(DType.FLOAT64, 12);
        var w = trial.data().fold(6).normal(DType.FLOAT64, 4);
        trial.measure(
                "E13: convolution minus correlation reversed",
                largest(convolved(a, w).minus(correlated(a, reversed(w)))));
        Tensor uniform =
                Initializer.glorotUniform().of(trial.init(), DType.FLOAT64, 300, 200, 300, 200);
        Tensor normal =
                Initializer.glorotNormal().of(trial.init(), DType.FLOAT64, 300, 200, 300, 200);
        trial.measure(
                "E14: variance, uniform over Gaussian",
                uniform.square().mean().item() / normal.square().mean().item());
    }

    // ---- E1 ----

    /** The gradient is 1 at every step; single precision. */
    private static void adam(Trial trial) {
        float s = 0;
        float right = 0;
        for (int t = 1; t <= 40; t++) {
            s = (float) ((BETA_SQUARE * s + (1 - BETA_SQUARE)) / (1 - Math.pow(BETA_SQUARE, t)));
            right = (float) (BETA_SQUARE * right + (1 - BETA_SQUARE));
            trial.point("as printed", t, Float.isFinite(s) ? s : Double.NaN);
            trial.point("corrected", t, right / (1 - Math.pow(BETA_SQUARE, t)));
            if (Float.isInfinite(s)) {
                trial.measure("E1: step at which the printed Adam overflows", t);
                break;
            }
        }
        var adam = Adam.of(0.01);
        Tensor start = Tensor.of(new double[] {1});
        Tensor one = Tensor.of(new double[] {1});
        double moved = 1 - adam.update(one, adam.init(start), start).params().toDoubles()[0];
        trial.measure("E1: first step of the correct one over its rate", moved / 0.01);
    }

    // ---- E2, E3 ----

    private static void linearNetwork(Trial trial) {
        var k = trial.data().split(6);
        Tensor w1 = k[0].normal(DType.FLOAT64, 4, 3);
        Tensor w2 = k[1].normal(DType.FLOAT64, 5, 4);
        Tensor w3 = k[2].normal(DType.FLOAT64, 2, 5);
        Tensor x = k[3].normal(DType.FLOAT64, 3, 1);
        Tensor y = k[4].normal(DType.FLOAT64, 2, 1);
        Tensor miss = w3.matmul(w2).matmul(w1).matmul(x).minus(y); // (2, 1)
        Tensor truth =
                grad((Tensor w) -> half(w3.matmul(w).matmul(w1).matmul(x).minus(y))).apply(w2);
        Tensor corrected = transpose(w3).matmul(miss).matmul(transpose(w1.matmul(x)));
        trial.measure("E2: corrected formula, relative difference", relative(corrected, truth));

        Tensor j = k[5].normal(DType.FLOAT64, 4, 4);
        Tensor up = k[5].fold(1).normal(DType.FLOAT64, 4);
        Tensor down = grad((Tensor z) -> j.matmul(z).times(up).sum()).apply(up);
        trial.measure("E3: with Jᵀ, relative difference", relative(transpose(j).matmul(up), down));
    }

    // ---- E4 ----

    /** A smooth function of 40 numbers, and how often it was asked for. */
    private static void finiteDifferences(Trial trial) {
        int d = 40;
        var k = trial.data().fold(8).split(3);
        Tensor a = k[0].normal(DType.FLOAT64, 8, d);
        Function<Tensor, Tensor> f = x -> a.matmul(x.expandDims(1)).tanh().square().sum();
        Tensor at = k[1].normal(DType.FLOAT64, d).times(0.1);
        var count = new int[1];
        ToDoubleFunction<double[]> counted =
                x -> {
                    count[0]++;
                    return f.apply(Tensor.of(x)).item();
                };
        var x = at.toDoubles();
        double base = counted.applyAsDouble(x);
        for (int i = 0; i < d; i++) {
            counted.applyAsDouble(moved(x, i, 1e-7));
        }
        trial.measure("E4: evaluations of forward differences, d = 40", count[0]);
        count[0] = 0;
        var central = new double[d];
        double h = 1e-5;
        for (int i = 0; i < d; i++) {
            central[i] =
                    (counted.applyAsDouble(moved(x, i, h)) - counted.applyAsDouble(moved(x, i, -h)))
                            / (2 * h);
        }
        trial.measure("E4: evaluations of central differences, d = 40", count[0]);
        Tensor gradient = grad(f).apply(at);
        trial.measure(
                "E4: central differences, relative difference",
                relative(Tensor.of(central), gradient));
        // what "all combinations" would search for is known: no direction beats g/‖g‖
        double step = 1e-4;
        double length = Math.sqrt(gradient.square().sum().item());
        double best = f.apply(at.plus(gradient.times(step / length))).item() - base;
        Tensor directions = k[2].normal(DType.FLOAT64, 1000, d);
        int faster = 0;
        for (int i = 0; i < 1000; i++) {
            Tensor u = directions.get(i);
            double size = Math.sqrt(u.square().sum().item());
            faster += f.apply(at.plus(u.times(step / size))).item() - base > best ? 1 : 0;
        }
        trial.measure("E4: directions of 1000 that rise faster than the gradient", faster);
    }

    private static double[] moved(double[] x, int i, double h) {
        var y = x.clone();
        y[i] += h;
        return y;
    }

    // ---- E6 ----

    private record Net(Tensor hidden, Tensor output) {}

    private static void equalWeights(Trial trial) {
        Tensor x = trial.data().fold(1).normal(DType.FLOAT64, 30, 3);
        Tensor y = x.square().sum(1).expandDims(1); // (30, 1)
        Function<Net, Tensor> loss =
                n -> relu(x.matmul(n.hidden)).matmul(n.output).minus(y).square().mean();
        var descend =
                jit((Net n) -> {
                    var g = grad(loss).apply(n);
                    return new Net(
                            n.hidden.minus(g.hidden.times(0.01)),
                            n.output.minus(g.output.times(0.01)));
                });
        var net =
                new Net(
                        Tensor.full(DType.FLOAT64, 0.3, 3, 4),
                        Tensor.full(DType.FLOAT64, 0.2, 4, 1));
        trial.measure(
                "E6: norm of the gradient at equal weights",
                Math.sqrt(grad(loss).apply(net).hidden.square().sum().item()));
        for (int i = 0; i < 100; i++) {
            net = descend.apply(net);
        }
        var values = svd(net.hidden).s().toDoubles();
        trial.measure("E6: second singular value after 100 steps", values[1] / values[0]);
    }

    // ---- E5 ----

    /** Linear regression with nearly as many weights as examples. */
    private static void gap(Trial trial) {
        var k = trial.stream("gap").split(3);
        Tensor all = k[0].normal(DType.FLOAT64, 240, 30);
        Tensor truth = k[1].normal(DType.FLOAT64, 30, 1);
        Tensor y = all.matmul(truth).plus(k[2].normal(DType.FLOAT64, 240, 1).times(3));
        Tensor x = all.slice(0, 0, 40);
        Tensor labels = y.slice(0, 0, 40);
        Tensor others = all.slice(0, 40, 240);
        Tensor otherLabels = y.slice(0, 40, 240);
        // begun where training and validation error agree: predictions of zero
        Tensor w = Tensor.full(DType.FLOAT64, 0, 30, 1);
        double smallest = Double.POSITIVE_INFINITY;
        int at = 0;
        double unit = half(labels).item() / 40 / (half(otherLabels).item() / 200);
        for (int t = 0; t <= 200; t++) {
            double train = half(x.matmul(w).minus(labels)).item() / 40 / unit;
            double validation = half(others.matmul(w).minus(otherLabels)).item() / 200;
            trial.point("training error", t, train);
            trial.point("validation error", t, validation);
            if (validation - train < smallest) {
                smallest = validation - train;
                at = t;
            }
            Tensor g = transpose(x).matmul(x.matmul(w).minus(labels)).times(1.0 / 40);
            w = w.minus(g.times(0.05));
        }
        trial.measure("E5: step of the smallest gap", at);
    }

    // ---- E7, E10 ----

    /** The text's network of one weight a layer. */
    private static Tensor mlp(Tensor x, Tensor w1, Tensor w2) {
        return relu(x.times(w1)).times(w2);
    }

    private static void minimalNetwork(Trial trial) {
        Tensor w1 = Tensor.scalar(1.5);
        Tensor w2 = Tensor.scalar(0.7);
        Tensor x = trial.data().fold(2).normal(DType.FLOAT64, 20);
        trial.measure(
                "E7: printed call minus xᵢ relu(w₁ w₂)",
                largest(mlp(w1, w2, x).minus(x.times(relu(w1.times(w2))))));
        Tensor positive = x.abs();
        Function<Tensor, Tensor> loss =
                w -> mlp(positive, w, w2).minus(positive.times(2)).square().mean();
        Tensor plateau = Tensor.scalar(-1.0);
        trial.measure("E10: gradient on the plateau", largest(grad(loss).apply(plateau)));
        trial.measure("E10: loss on the plateau", loss.apply(plateau).item());
    }

    // ---- E12 ----

    /** What products of eight factors I + A of two rows do, over draws of A of one norm. */
    private record Products(double leastSingular, int notPositive, double leastLoss) {
        static final int FACTORS = 8;

        static Products of(Key key, double norm) {
            int draws = 1000;
            var numbers = key.normal(DType.FLOAT64, draws, FACTORS, 4).toDoubles();
            double singular = Double.POSITIVE_INFINITY;
            double loss = Double.POSITIVE_INFINITY;
            int notPositive = 0;
            for (int i = 0; i < draws; i++) {
                var m = new double[] {1, 0, 0, 1};
                for (int l = 0; l < FACTORS; l++) {
                    var a =
                            Arrays.copyOfRange(
                                    numbers, 4 * (FACTORS * i + l), 4 * (FACTORS * i + l + 1));
                    double scale = norm / Math.sqrt(squares(a)[0]);
                    var f =
                            new double[] {
                                1 + scale * a[0], scale * a[1], scale * a[2], 1 + scale * a[3]
                            };
                    m =
                            new double[] {
                                f[0] * m[0] + f[1] * m[2], f[0] * m[1] + f[1] * m[3],
                                f[2] * m[0] + f[3] * m[2], f[2] * m[1] + f[3] * m[3]
                            };
                }
                singular = Math.min(singular, Math.sqrt(squares(m)[1]));
                notPositive += m[0] * m[3] - m[1] * m[2] > 0 ? 0 : 1;
                // the target is B = diag(1, −0.7)
                double miss =
                        Math.pow(m[0] - 1, 2) + m[1] * m[1] + m[2] * m[2] + Math.pow(m[3] + 0.7, 2);
                loss = Math.min(loss, miss / 2);
            }
            return new Products(singular, notPositive, loss);
        }

        /** The squares of the singular values of a 2 × 2 matrix, the larger first. */
        private static double[] squares(double[] a) {
            double sum = a[0] * a[0] + a[1] * a[1] + a[2] * a[2] + a[3] * a[3];
            double det = a[0] * a[3] - a[1] * a[2];
            double large = (sum + Math.sqrt(Math.max(0, sum * sum - 4 * det * det))) / 2;
            return new double[] {large, det * det / large};
        }
    }

    private static void residualProducts(Trial trial) {
        var products = Products.of(trial.data().fold(9), 0.9);
        trial.measure(
                "E12: ‖Aᵢ‖ = 0.9, least σ over (1 − 0.9)^L, least",
                products.leastSingular / Math.pow(0.1, Products.FACTORS));
        trial.measure("E12: ‖Aᵢ‖ = 0.9, determinants not positive", products.notPositive);
        trial.measure("E12: ‖Aᵢ‖ = 0.9, least loss for det B < 0", products.leastLoss);
    }

    // ---- E16 ----

    /** (W z + b)ₖ vₖ differentiated by W and summed over the first {@code outputs} k. */
    private static Tensor backward(Key key, int outputs) {
        var k = key.split(3);
        Tensor z = k[1].normal(DType.FLOAT64, 3, 1);
        Tensor v = k[2].normal(DType.FLOAT64, 5, 1);
        Tensor sum = Tensor.full(DType.FLOAT64, 0, 5, 3);
        for (int out = 0; out < outputs; out++) {
            int one = out;
            Function<Tensor, Tensor> component = w -> w.matmul(z).slice(0, one, one + 1).sum();
            Tensor derivative = grad(component).apply(k[0].normal(DType.FLOAT64, 5, 3)); // (n, m)
            sum = sum.plus(derivative.times(v.slice(0, one, one + 1)));
        }
        return sum;
    }

    /** v zᵀ: the gradient of vᵀ(W z + b). */
    private static Tensor outer(Key key) {
        var k = key.split(3);
        return k[2].normal(DType.FLOAT64, 5, 1).matmul(transpose(k[1].normal(DType.FLOAT64, 3, 1)));
    }

    private static void matrixBackward(Trial trial) {
        var key = trial.data().fold(10);
        trial.measure(
                "E16: sum over the n outputs, relative difference",
                relative(backward(key, 5), outer(key)));
        int missing = 0;
        for (double row : backward(key, 3).abs().sum(1).toDoubles()) {
            missing += row == 0 ? 1 : 0;
        }
        trial.measure("E16: outputs that the sum to m leaves out, n = 5, m = 3", missing);
    }

    @Override
    public void controls(Trial trial) {
        trial.measure(
                "E12 with ‖Aᵢ‖ = 1.5, determinants not positive",
                Products.of(trial.data().fold(9), 1.5).notPositive);
        trial.measure(
                "E16 as printed, relative difference",
                relative(backward(trial.data().fold(10), 3), outer(trial.data().fold(10))));
        var k = trial.data().split(5);
        Tensor w1 = k[0].normal(DType.FLOAT64, 4, 4);
        Tensor w2 = k[1].normal(DType.FLOAT64, 4, 4);
        Tensor x = k[2].normal(DType.FLOAT64, 4, 1);
        Tensor y = k[3].normal(DType.FLOAT64, 4, 1);
        Tensor one = grad((Tensor w) -> half(w.matmul(x).minus(y))).apply(w1);
        trial.measure(
                "E2 with one layer: the text is right",
                relative(w1.matmul(x).minus(y).matmul(transpose(x)), one));
        Tensor truth = grad((Tensor w) -> half(w2.matmul(w).matmul(x).minus(y))).apply(w1);
        Tensor printed = w2.matmul(w1).matmul(x).minus(y).negate().matmul(transpose(w2.matmul(x)));
        trial.measure("E2 as printed, relative difference", relative(printed, truth));
        Tensor up = k[4].normal(DType.FLOAT64, 4);
        Tensor down = grad((Tensor z) -> w1.matmul(z).times(up).sum()).apply(up);
        trial.measure("E3 as printed, relative difference", relative(w1.matmul(up), down));
        Tensor a = k[4].fold(1).normal(DType.FLOAT64, 12);
        Tensor w = k[4].fold(2).normal(DType.FLOAT64, 4);
        trial.measure(
                "E13 without reversing, difference",
                largest(convolved(a, w).minus(correlated(a, w))));
    }

    /** Σⱼ a_{i−j} w_j where all of them exist, by loops. */
    private static Tensor convolved(Tensor a, Tensor w) {
        var x = a.toDoubles();
        var kernel = w.toDoubles();
        var sums = new double[x.length - kernel.length + 1];
        for (int i = 0; i < sums.length; i++) {
            for (int j = 0; j < kernel.length; j++) {
                sums[i] += x[i + kernel.length - 1 - j] * kernel[j];
            }
        }
        return Tensor.of(sums);
    }

    /** What frameworks call a convolution. */
    private static Tensor correlated(Tensor a, Tensor w) {
        return Convolutions.conv(a.reshape(1, -1, 1), w.reshape(-1, 1, 1), Padding.VALID)
                .reshape(-1);
    }

    private static Tensor reversed(Tensor w) {
        var values = w.toDoubles();
        var back = new double[values.length];
        for (int i = 0; i < back.length; i++) {
            back[i] = values[back.length - 1 - i];
        }
        return Tensor.of(back);
    }

    private static Tensor half(Tensor miss) {
        return miss.square().sum().times(0.5);
    }

    private static double largest(Tensor difference) {
        return difference.abs().max().item();
    }

    private static double relative(Tensor ours, Tensor truth) {
        return largest(ours.minus(truth)) / largest(truth);
    }

    @Override
    public List<Figure> figures(Results results) {
        return List.of(
                Plot.of("adam", "Adam's second moment for gradients of 1, as printed and corrected")
                        .x("step", Scale.LINEAR)
                        .y("s", Scale.LOG)
                        .line("as printed", results.curve("as printed"))
                        .line("corrected", results.curve("corrected"))
                        .caption("E1: the printed one passes the largest float at step 20."),
                Plot.of("gap", "The gap is smallest before anything is learned")
                        .x("step", Scale.LINEAR)
                        .y("squared error", Scale.LINEAR)
                        .line("training error", results.curve("training error"))
                        .line("validation error", results.curve("validation error"))
                        .caption("E5: in units in which both begin equal."));
    }
}
