package dev.fathom.bench.dl4j;

import dev.fathom.bench.measure.Job.Unsupported;
import dev.fathom.bench.measure.Steps;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

import java.util.List;
import java.util.function.Supplier;

/** What each workload is in Deeplearning4j's terms: layers of a network that fits data sets. */
final class Networks {
    private static final double RATE = 1e-4;
    private static final int CLASSES = 10;

    private Networks() {}

    /**
     * The steps of a workload.
     *
     * @throws Unsupported if this side has none for it, with the reason
     */
    static Steps of(String name, Problem problem) {
        if (name.startsWith("gemm-")) {
            var a = problem.get("a");
            var b = problem.get("b");
            return new Repeated(() -> a.mmul(b));
        }
        if (name.startsWith("chain-")) {
            var x = problem.get("x");
            return new Repeated(() -> chain(x));
        }
        return switch (name) {
            case "mlp" -> mlp(problem);
            case "tiny" -> tiny(problem);
            case "lenet" -> lenet(problem);
            case "conv-bn" -> convBatchNorm(problem);
            case "lstm" -> lstm(problem);
            case "gru" -> throw new Unsupported("has no GRU layer");
            default -> throw new Unsupported("not written for Deeplearning4j");
        };
    }

    private static INDArray chain(INDArray x) {
        var y = Transforms.tanh(x.mul(2).addi(1), false);
        try (var gate = Transforms.sigmoid(x.mul(3), false);
                var ramp = Transforms.relu(x).muli(0.5)) {
            return y.muli(gate).addi(ramp);
        }
    }

    private static Steps mlp(Problem problem) {
        var net =
                network(
                        list(new Adam(RATE))
                                .layer(dense(784, 512, Activation.RELU))
                                .layer(dense(512, 512, Activation.RELU))
                                .layer(classes(512)));
        for (int layer = 0; layer < 3; layer++) {
            both(net, layer, problem.weight(2 * layer), problem.weight(2 * layer + 1));
        }
        return new Fitted(net, problem.batches(x -> x));
    }

    private static Steps tiny(Problem problem) {
        var net =
                network(
                        list(new Sgd(1e-2))
                                .layer(dense(2, 16, Activation.TANH))
                                .layer(
                                        new OutputLayer.Builder(LossFunction.MSE)
                                                .activation(Activation.IDENTITY)
                                                .nIn(16)
                                                .nOut(1)
                                                .build()));
        for (int layer = 0; layer < 2; layer++) {
            both(net, layer, problem.weight(2 * layer), problem.weight(2 * layer + 1));
        }
        return new Fitted(net, problem.batches(x -> x));
    }

    private static Steps lenet(Problem problem) {
        var net =
                network(
                        list(new Adam(RATE))
                                .layer(conv(1, 6, 5, 2, Activation.RELU))
                                .layer(pool())
                                .layer(conv(6, 16, 5, 0, Activation.RELU))
                                .layer(pool())
                                .layer(dense(400, 120, Activation.RELU))
                                .layer(dense(120, 84, Activation.RELU))
                                .layer(classes(84))
                                .setInputType(InputType.convolutional(28, 28, 1)));
        both(net, 0, Problem.kernel(problem.weight(0)), problem.weight(1));
        both(net, 2, Problem.kernel(problem.weight(2)), problem.weight(3));
        both(net, 4, Problem.afterFlatten(problem.weight(4), 5, 5, 16), problem.weight(5));
        both(net, 5, problem.weight(6), problem.weight(7));
        both(net, 6, problem.weight(8), problem.weight(9));
        return new Fitted(net, problem.batches(Networks::channelsFirst));
    }

    /** Weights: kernel, bias, gamma, beta, mean, variance, twice; two dense layers. */
    private static Steps convBatchNorm(Problem problem) {
        var net =
                network(
                        list(new Adam(RATE))
                                .layer(conv(1, 32, 3, 1, Activation.IDENTITY))
                                .layer(new BatchNormalization())
                                .layer(new ActivationLayer(Activation.RELU))
                                .layer(pool())
                                .layer(conv(32, 64, 3, 1, Activation.IDENTITY))
                                .layer(new BatchNormalization())
                                .layer(new ActivationLayer(Activation.RELU))
                                .layer(pool())
                                .layer(dense(7 * 7 * 64, 128, Activation.RELU))
                                .layer(classes(128))
                                .setInputType(InputType.convolutional(28, 28, 1)));
        both(net, 0, Problem.kernel(problem.weight(0)), problem.weight(1));
        set(net, "1_gamma", problem.weight(2));
        set(net, "1_beta", problem.weight(3));
        both(net, 4, Problem.kernel(problem.weight(6)), problem.weight(7));
        set(net, "5_gamma", problem.weight(8));
        set(net, "5_beta", problem.weight(9));
        both(net, 8, Problem.afterFlatten(problem.weight(12), 7, 7, 64), problem.weight(13));
        both(net, 9, problem.weight(14), problem.weight(15));
        return new Fitted(net, problem.batches(Networks::channelsFirst));
    }

    /** This library's layer always has a bias; it begins at zero and its rate is zero. */
    private static Steps lstm(Problem problem) {
        int in = 64;
        int width = 128;
        var net =
                network(
                        list(new Adam(RATE))
                                .layer(
                                        new LastTimeStep(
                                                new LSTM.Builder()
                                                        .nIn(in)
                                                        .nOut(width)
                                                        .activation(Activation.TANH)
                                                        .forgetGateBiasInit(0)
                                                        .biasUpdater(new Sgd(0))
                                                        .build()))
                                .layer(
                                        new OutputLayer.Builder(LossFunction.MCXENT)
                                                .activation(Activation.SOFTMAX)
                                                .nIn(width)
                                                .nOut(CLASSES)
                                                .hasBias(false)
                                                .build()));
        set(net, "0_W", Problem.gates(problem.weight(0)));
        set(net, "0_RW", Problem.gates(problem.weight(1)));
        set(net, "1_W", problem.weight(2));
        return new Fitted(net, problem.batches(x -> x.permute(0, 2, 1)));
    }

    private static ListBuilder list(IUpdater updater) {
        return new NeuralNetConfiguration.Builder().updater(updater).list();
    }

    private static MultiLayerNetwork network(ListBuilder layers) {
        var net = new MultiLayerNetwork(layers.build());
        net.init();
        return net;
    }

    private static DenseLayer dense(int in, int out, Activation activation) {
        return new DenseLayer.Builder().nIn(in).nOut(out).activation(activation).build();
    }

    private static OutputLayer classes(int in) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nIn(in)
                .nOut(CLASSES)
                .build();
    }

    private static ConvolutionLayer conv(
            int in, int out, int size, int padding, Activation activation) {
        return new ConvolutionLayer.Builder(size, size)
                .nIn(in)
                .nOut(out)
                .padding(padding, padding)
                .activation(activation)
                .build();
    }

    private static SubsamplingLayer pool() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }

    private static INDArray channelsFirst(INDArray x) {
        return x.permute(0, 3, 1, 2);
    }

    private static void both(MultiLayerNetwork net, int layer, INDArray weight, INDArray bias) {
        set(net, layer + "_W", weight);
        set(net, layer + "_b", bias);
    }

    private static void set(MultiLayerNetwork net, String name, INDArray value) {
        var parameter = net.getParam(name);
        parameter.assign(value.reshape(parameter.shape()));
    }

    /** A computation without memory. */
    private static final class Repeated implements Steps {
        private final Supplier<INDArray> what;
        private @Nullable INDArray last;

        Repeated(Supplier<INDArray> what) {
            this.what = what;
        }

        @Override
        public void step(long i) {
            if (last != null) {
                last.close();
            }
            last = what.get();
        }

        @Override
        public double value() {
            if (last == null) {
                throw new IllegalStateException("no step was made");
            }
            return Math.sqrt(last.mul(last).meanNumber().doubleValue());
        }
    }

    /** A network that is fitted to one batch after another. */
    private record Fitted(MultiLayerNetwork net, List<DataSet> batches) implements Steps {
        @Override
        public void step(long i) {
            net.fit(batches.get((int) (i % batches.size())));
        }

        @Override
        public double value() {
            return net.score();
        }
    }
}
