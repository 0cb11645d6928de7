package dev.fathom.bench.workload;

import dev.fathom.bench.workload.Training.Batch;
import dev.fathom.core.error.Spelling;
import dev.fathom.core.math.Convolutions.Padding;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.nn.zoo.Gpt;
import dev.fathom.nn.zoo.ResNet;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.Momentum;
import dev.fathom.optim.recipe.Sgd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** All workloads, in the order of the table. */
public final class Workloads {
    static final int CLASSES = 10;

    /** Small, so that after the checked steps two sides differ by rounding alone. */
    static final double RATE = 1e-4;

    private Workloads() {}

    /** Every workload. */
    public static List<Workload> all() {
        var all = new ArrayList<Workload>();
        all.addAll(Product.all());
        all.addAll(ElementwiseChain.all());
        all.add(mlp());
        all.add(tiny());
        all.add(new TinyLoop("tiny-loop", tiny(), 125));
        all.add(lenet());
        all.add(convBatchNorm());
        all.add(resNet());
        all.add(lstm());
        all.add(gru());
        all.add(gpt("gpt", 12, 64));
        all.add(gpt("gpt-large-batch", 32, 128));
        all.add(Vit.workload());
        all.add(ManyNets.wide("nets", ", against batched products"));
        all.add(ManyNets.wide("nets-loop", ", against a loop over nets"));
        all.add(ManyNets.tiny("nets-tiny", ", against batched products"));
        all.add(ManyNets.tiny("nets-tiny-loop", ", against a loop over nets"));
        all.add(perSample());
        all.add(clipped());
        all.add(curvature("hvp-mlp", "MLP 784-512-512-10", mlpFlop(3, 7, 8), mlp()));
        all.add(curvature("hvp-resnet", "ResNet-20", resNetFlop(3, 8), resNet()));
        all.add(tangentKernel());
        all.add(Sweep.WHOLE);
        all.add(new Images("data", 50_000));
        all.add(new Images.Fed("resnet-loader", resNet(), new Images("data", 50_000)));
        all.add(Derived.start("start-mlp", mlp()));
        all.add(Derived.start("start-resnet", resNet()));
        all.add(Derived.memory("memory-resnet", resNet()));
        all.add(Derived.memory("memory-gpt", gpt("gpt-large-batch", 32, 128)));
        all.addAll(Checkpoint.all());
        return List.copyOf(all);
    }

    /** What workers know besides {@link #all}. */
    private static Stream<Workload> hidden() {
        return Stream.concat(Stream.of(new Empty()), all().stream().map(Workload::small));
    }

    /** Long workloads in a size that a test has the time for. */
    public static List<Workload> miniatures() {
        return List.of(
                new Sweep("sweep-miniature", 3, 2, 256, 5),
                new Checkpoint("checkpoint-write-miniature", 2000, Checkpoint.Access.WRITE),
                new Checkpoint("checkpoint-read-miniature", 2000, Checkpoint.Access.WARM));
    }

    /** The process of a framework that does next to nothing. */
    public static Workload empty() {
        return new Empty();
    }

    /** Those of which a step is one program, which can be profiled. */
    public static List<Workload> programs() {
        return all().stream().filter(OneProgram.class::isInstance).toList();
    }

    /**
     * The workload as one that can be profiled.
     *
     * @throws IllegalArgumentException if it is none of {@link #programs}
     */
    public static OneProgram program(Workload workload) {
        if (workload instanceof OneProgram program) {
            return program;
        }
        throw new IllegalArgumentException(
                "what "
                        + workload.name()
                        + " times is not one compiled program; --list names what can be profiled");
    }

    /**
     * The compiled step of a workload.
     *
     * @throws IllegalArgumentException if it is none of {@link #programs}
     */
    public static Compiled compiled(Workload workload) {
        return program(workload).steps(workload.problem());
    }

    /**
     * The workload of that name.
     *
     * @throws IllegalArgumentException naming the most similar one
     */
    public static Workload named(String name) {
        return named(name, all());
    }

    /** The same; of those {@code offered} the most similar name is part of the message. */
    public static Workload named(String name, List<Workload> offered) {
        return Stream.concat(all().stream(), hidden())
                .filter(w -> w.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(unknown(name, offered)));
    }

    private static String unknown(String name, List<Workload> offered) {
        return "there is no workload '"
                + name
                + "'"
                + Spelling.hint(name, offered.stream().map(Workload::name).toList())
                + "; --list names what there is";
    }

    private static Layer mlp(int outputs, Key key) {
        var k = key.split(3);
        return Sequential.of(
                Dense.of(784, 512, k[0]),
                Activation.RELU,
                Dense.of(512, 512, k[1]),
                Activation.RELU,
                Dense.of(512, outputs, k[2]));
    }

    /** With so many products for each weight; the first has no gradient in its input. */
    private static double mlpFlop(int first, int second, int third) {
        return 2.0 * 128 * (first * 784 * 512 + second * 512 * 512 + third * 512 * CLASSES);
    }

    private static Training mlp() {
        return new Training(
                "mlp",
                "MLP 784-512-512-10, batch 128, Adam",
                mlpFlop(2, 3, 3),
                key -> mlp(CLASSES, key),
                Losses::crossEntropy,
                Adam.of(RATE),
                key -> classified(key, 128, 784));
    }

    static Training tiny() {
        Function<Key, Layer> model =
                key -> {
                    var k = key.split(2);
                    return Sequential.of(
                            Dense.of(2, 16, k[0]), Activation.TANH, Dense.of(16, 1, k[1]));
                };
        return new Training(
                "tiny",
                "MLP 2-16-1, tanh, batch 32, SGD",
                2.0 * 32 * (2 * 2 * 16 + 3 * 16),
                model,
                Losses::mse,
                Sgd.of(1e-2),
                key -> {
                    var k = key.split(2);
                    return new Batch(k[0].normal(32, 2), k[1].normal(32, 1));
                });
    }

    private static Training lenet() {
        Function<Key, Layer> model =
                key -> {
                    var k = key.split(5);
                    return Sequential.of(
                            Conv2d.of(1, 6, 5, k[0]),
                            Activation.RELU,
                            MaxPool.of(2),
                            Conv2d.of(6, 16, 5, k[1]).withPadding(Padding.VALID),
                            Activation.RELU,
                            MaxPool.of(2),
                            Flatten.of(),
                            Dense.of(400, 120, k[2]),
                            Activation.RELU,
                            Dense.of(120, 84, k[3]),
                            Activation.RELU,
                            Dense.of(84, CLASSES, k[4]));
                };
        double flop =
                2.0
                        * 128
                        * (2 * 784 * 25 * 6
                                + 3 * 100 * 150 * 16
                                + 3 * (400 * 120 + 120 * 84 + 84 * CLASSES));
        return new Training(
                "lenet",
                "LeNet-5, batch 128, Adam",
                flop,
                model,
                Losses::crossEntropy,
                Adam.of(RATE),
                key -> classified(key, 128, 28, 28, 1));
    }

    private static Workload convBatchNorm() {
        Function<Key, Layer> model =
                key -> {
                    var k = key.split(4);
                    return Sequential.of(
                            Conv2d.of(1, 32, 3, k[0]),
                            BatchNorm.of(32),
                            Activation.RELU,
                            MaxPool.of(2),
                            Conv2d.of(32, 64, 3, k[1]),
                            BatchNorm.of(64),
                            Activation.RELU,
                            MaxPool.of(2),
                            Flatten.of(),
                            Dense.of(7 * 7 * 64, 128, k[2]),
                            Activation.RELU,
                            Dense.of(128, CLASSES, k[3]));
                };
        double flop =
                2.0
                        * 128
                        * (2 * 784 * 9 * 32
                                + 3 * 196 * 288 * 64
                                + 3 * (3136 * 128 + 128 * CLASSES));
        return new Training(
                "conv-bn",
                "conv32-BN-pool-conv64-BN-pool-128-10, batch 128, Adam",
                flop,
                model,
                Losses::crossEntropy,
                Adam.of(RATE),
                key -> classified(key, 128, 28, 28, 1),
                // An ulp of the weights moves the loss after fifty steps by 1e-4, libtorch's AVX2
                // kernels by 1.01e-3 from what it is in double (docs/benchmarks.md).
                2e-3);
    }

    private static Workload lstm() {
        double flop = 2.0 * 64 * 64 * (2 * 64 * 512 + 3 * 128 * 512);
        return new Training(
                "lstm",
                "LSTM 64 to 128, 64 steps, batch 64, Adam",
                flop,
                key -> Lstm.of(64, 128, CLASSES, key),
                Losses::crossEntropy,
                Adam.of(RATE),
                key -> classified(key, 64, 64, 64));
    }

    private static Workload gru() {
        double flop = 2.0 * 64 * 64 * (2 * 64 * 384 + 3 * 128 * 384);
        return new Training(
                "gru",
                "GRU 64 to 128, 64 steps, batch 64, Adam",
                flop,
                key -> Gru.of(64, 128, CLASSES, key),
                Losses::crossEntropy,
                Adam.of(RATE),
                key -> classified(key, 64, 64, 64));
    }

    private static double resNetFlop(int ofFirst, int ofRest) {
        // 3x3 convolutions of an image of 32x32: the first, 6 of 16, 1 + 5 of 32, 1 + 5 of 64, and
        // two of 1x1 in the shortcuts
        double first = 1024.0 * 9 * 3 * 16;
        double rest =
                1024.0 * 9 * 6 * 16 * 16
                        + 256.0 * 9 * (16 * 32 + 5 * 32 * 32)
                        + 64.0 * 9 * (32 * 64 + 5 * 64 * 64)
                        + 256.0 * 16 * 32
                        + 64.0 * 32 * 64;
        return 2.0 * 128 * (ofFirst * first + ofRest * (rest + 64 * CLASSES));
    }

    private static Training resNet() {
        return new Training(
                "resnet",
                "ResNet-20 on 32×32×3, batch 128, momentum",
                resNetFlop(2, 3),
                key -> ResNet.of(Shape.of(32, 32, 3), CLASSES, 3, key),
                Losses::crossEntropy,
                Momentum.of(1e-3),
                key -> classified(key, 128, 32, 32, 3));
    }

    /** The floating-point operations are those of the gradient: the outer products come on top. */
    private static Workload perSample() {
        var net = lenet();
        return new Derivative(
                "per-sample",
                "per-sample gradients of LeNet-5, batch 128, written out",
                net.flop(),
                net.model(),
                false,
                net.data(),
                Derivative.gradients());
    }

    private static Workload clipped() {
        var net = mlp();
        return new Derivative(
                "clipped",
                "per-sample norms and clipped sum, MLP 784-512-512-10, batch 128",
                net.flop(),
                net.model(),
                false,
                net.data(),
                Derivative.clipped());
    }

    /**
     * Forward and its tangent (1 + 2 products for each weight), cotangents and theirs (1 + 2), the
     * tangents of the gradients (2): 8 where a gradient takes 3. For the first weight they are 3,
     * for the second one of a network without norms 7: what they meet is zero or not needed.
     */
    private static Workload curvature(String name, String title, double flop, Training net) {
        return new Derivative(
                name,
                "Hessian times vector, " + title + ", batch 128",
                flop,
                net.model(),
                true,
                net.data(),
                Derivative.curvature());
    }

    private static Workload tangentKernel() {
        int n = 512;
        double forward = 784 * 512 + 512 * 512 + 512;
        double backward = 512 * 512 + 512;
        double grams = n * (784 + 4.0 * 512); // inputs, two activations, two cotangents
        return new Derivative(
                "ntk",
                "tangent kernel 512×512, MLP 784-512-512-1; the peer forms J Jᵀ",
                2.0 * n * (forward + backward + grams),
                key -> mlp(1, key),
                false,
                key -> classified(key, n, 784),
                Derivative.kernel());
    }

    private static Workload gpt(String name, int batch, int time) {
        int width = 128;
        int vocabulary = 65;
        int tokens = batch * time;
        double products = 12.0 * width * width + 1.0 * time * width; // causal: half the scores
        return new Training(
                name,
                "GPT, 4 blocks of width 128, " + batch + "×" + time + " characters, Adam",
                6.0 * tokens * (4 * products + width * vocabulary),
                key -> Gpt.of(Gpt.Config.of(vocabulary, time, width, 4, 4), key),
                Losses::crossEntropy,
                Adam.of(RATE),
                key -> {
                    var keys = key.split(2);
                    return new Batch(
                            characters(keys[0], vocabulary, batch, time),
                            characters(keys[1], vocabulary, batch, time));
                });
    }

    private static Tensor characters(Key key, int vocabulary, int batch, int time) {
        return key.uniform(batch, time).times(vocabulary).cast(DType.INT32);
    }

    static Batch classified(Key key, int... shape) {
        var keys = key.split(2);
        Tensor labels = keys[1].uniform(shape[0]).times(CLASSES).cast(DType.INT32);
        return new Batch(keys[0].normal(shape), labels);
    }
}
