package dev.fathom.bench.tensorflow;

import dev.fathom.bench.measure.Job.Unsupported;
import dev.fathom.bench.measure.Steps;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.FusedBatchNorm;
import org.tensorflow.op.nn.SoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat32;

import java.util.List;
import java.util.function.BiFunction;

/** What each workload is in TensorFlow's terms: a graph. */
final class Networks {
    private static final float RATE = 1e-4f;
    private static final int CLASSES = 10;

    private final Model model;
    private final Ops tf;

    Networks(Model model) {
        this.model = model;
        tf = model.tf;
    }

    /** A network without its loss. */
    private interface Network
            extends BiFunction<
                    Operand<TFloat32>, List<? extends Operand<TFloat32>>, Operand<TFloat32>> {}

    /**
     * The steps of a workload.
     *
     * @throws Unsupported if this side has none for it, with the reason
     */
    Steps of(String name) {
        if (name.startsWith("gemm-")) {
            var a = model.floats("a");
            var b = model.floats("b");
            return model.repeated(List.of("a", "b"), List.of(a, b), tf.linalg.matMul(a, b));
        }
        if (name.startsWith("chain-")) {
            var x = model.floats("x");
            return model.repeated(List.of("x"), List.of(x), chain(x));
        }
        return switch (name) {
            case "mlp" -> classifier(Rule.adam(RATE), this::mlp);
            case "tiny" -> tiny();
            case "lenet" -> classifier(Rule.adam(RATE), this::lenet);
            case "conv-bn" -> classifier(Rule.adam(RATE), this::convBatchNorm);
            case "resnet" -> classifier(Rule.momentum(1e-3f, 0.9f), this::resNet);
            case "lstm" -> classifier(Rule.adam(RATE), this::lstm);
            case "gru" -> classifier(Rule.adam(RATE), this::gru);
            default -> throw new Unsupported("not written for TensorFlow");
        };
    }

    private Operand<TFloat32> chain(Operand<TFloat32> x) {
        var wave = tf.math.tanh(tf.math.add(tf.math.mul(x, tf.constant(2f)), tf.constant(1f)));
        var gate = tf.math.sigmoid(tf.math.mul(x, tf.constant(3f)));
        return tf.math.add(tf.math.mul(wave, gate), tf.math.mul(tf.nn.relu(x), tf.constant(0.5f)));
    }

    private Steps classifier(Rule rule, Network network) {
        var x = model.floats("x0");
        var y = model.ints("y0");
        var logits = network.apply(x, model.weights());
        // the one of classes' numbers has no gradient here
        var hot = tf.oneHot(y, tf.constant(CLASSES), tf.constant(1f), tf.constant(0f));
        var each = SoftmaxCrossEntropyWithLogits.create(tf.scope(), logits, hot).loss();
        return model.trained(x, y, tf.math.mean(each, tf.constant(0)), rule);
    }

    private Operand<TFloat32> mlp(Operand<TFloat32> x, List<? extends Operand<TFloat32>> w) {
        var h = tf.nn.relu(dense(x, w, 0));
        return dense(tf.nn.relu(dense(h, w, 2)), w, 4);
    }

    private Steps tiny() {
        var x = model.floats("x0");
        var y = model.floats("y0");
        var w = model.weights();
        var out = dense(tf.math.tanh(dense(x, w, 0)), w, 2);
        var loss = tf.math.mean(tf.math.squaredDifference(out, y), tf.array(0, 1));
        return model.trained(x, y, loss, Rule.descent(1e-2f));
    }

    private Operand<TFloat32> lenet(Operand<TFloat32> x, List<? extends Operand<TFloat32>> w) {
        Operand<TFloat32> h =
                pool(tf.nn.relu(tf.nn.biasAdd(conv(x, w.get(0), 1, "SAME"), w.get(1))));
        h = pool(tf.nn.relu(tf.nn.biasAdd(conv(h, w.get(2), 1, "VALID"), w.get(3))));
        h = tf.nn.relu(dense(flat(h, 400), w, 4));
        return dense(tf.nn.relu(dense(h, w, 6)), w, 8);
    }

    /** Weights: kernel, bias, gamma, beta, mean, variance, twice; two dense layers. */
    private Operand<TFloat32> convBatchNorm(
            Operand<TFloat32> x, List<? extends Operand<TFloat32>> w) {
        Operand<TFloat32> h = tf.nn.biasAdd(conv(x, w.get(0), 1, "SAME"), w.get(1));
        h = pool(tf.nn.relu(normal(h, w, 2)));
        h = tf.nn.biasAdd(conv(h, w.get(6), 1, "SAME"), w.get(7));
        h = pool(tf.nn.relu(normal(h, w, 8)));
        return dense(tf.nn.relu(dense(flat(h, 7 * 7 * 64), w, 12)), w, 14);
    }

    /** Kernel, gamma, beta, mean, variance, over and over; a dense layer. */
    private Operand<TFloat32> resNet(Operand<TFloat32> x, List<? extends Operand<TFloat32>> w) {
        Operand<TFloat32> h = tf.nn.relu(convNormal(x, w, 0, 1));
        int at = 5;
        for (int block = 0; block < 9; block++) {
            boolean projected = block == 3 || block == 6;
            int stride = projected ? 2 : 1;
            Operand<TFloat32> a = tf.nn.relu(convNormal(h, w, at, stride));
            a = convNormal(a, w, at + 5, 1);
            at += 10;
            if (projected) {
                h = convNormal(h, w, at, stride);
                at += 5;
            }
            h = tf.nn.relu(tf.math.add(a, h));
        }
        return dense(tf.math.mean(h, tf.array(1, 2)), w, at);
    }

    /** Unrolled: gates i, f, g, o. */
    private Operand<TFloat32> lstm(Operand<TFloat32> x, List<? extends Operand<TFloat32>> w) {
        Operand<TFloat32> h = zeros(x, w.get(1));
        Operand<TFloat32> c = h;
        for (var xt : projected(x, w.get(0))) {
            var gates = split(tf.math.add(xt, tf.linalg.matMul(h, w.get(1))), 4);
            c =
                    tf.math.add(
                            tf.math.mul(tf.math.sigmoid(gates.get(1)), c),
                            tf.math.mul(tf.math.sigmoid(gates.get(0)), tf.math.tanh(gates.get(2))));
            h = tf.math.mul(tf.math.sigmoid(gates.get(3)), tf.math.tanh(c));
        }
        return tf.linalg.matMul(h, w.get(2));
    }

    /** Unrolled: gates r, z, n, and r after the product. */
    private Operand<TFloat32> gru(Operand<TFloat32> x, List<? extends Operand<TFloat32>> w) {
        Operand<TFloat32> h = zeros(x, w.get(1));
        for (var xt : projected(x, w.get(0))) {
            var a = split(xt, 3);
            var b = split(tf.linalg.matMul(h, w.get(1)), 3);
            var r = tf.math.sigmoid(tf.math.add(a.get(0), b.get(0)));
            var z = tf.math.sigmoid(tf.math.add(a.get(1), b.get(1)));
            var n = tf.math.tanh(tf.math.add(a.get(2), tf.math.mul(r, b.get(2))));
            h = tf.math.add(n, tf.math.mul(z, tf.math.sub(h, n)));
        }
        return tf.linalg.matMul(h, w.get(2));
    }

    /** x (n, time, in) times w (in, gates) in one product, one after another in time. */
    private List<? extends Operand<TFloat32>> projected(Operand<TFloat32> x, Operand<TFloat32> w) {
        long n = x.shape().get(0);
        long time = x.shape().get(1);
        var rows = tf.reshape(x, tf.array(n * time, x.shape().get(2)));
        var all = tf.reshape(tf.linalg.matMul(rows, w), tf.array(n, time, w.shape().get(1)));
        return tf.unstack(all, time, org.tensorflow.op.core.Unstack.axis(1L)).output();
    }

    private List<? extends Operand<TFloat32>> split(Operand<TFloat32> gates, long parts) {
        return tf.split(tf.constant(1), gates, parts).output();
    }

    /** The first state for a batch x, where a product with w follows. */
    private Operand<TFloat32> zeros(Operand<TFloat32> x, Operand<TFloat32> w) {
        return tf.zeros(tf.array(x.shape().get(0), w.shape().get(0)), TFloat32.class);
    }

    private Operand<TFloat32> dense(
            Operand<TFloat32> x, List<? extends Operand<TFloat32>> w, int at) {
        return tf.nn.biasAdd(tf.linalg.matMul(x, w.get(at)), w.get(at + 1));
    }

    private Operand<TFloat32> convNormal(
            Operand<TFloat32> x, List<? extends Operand<TFloat32>> w, int at, long stride) {
        return normal(conv(x, w.get(at), stride, "SAME"), w, at + 1);
    }

    private Operand<TFloat32> conv(
            Operand<TFloat32> x, Operand<TFloat32> w, long stride, String padding) {
        return tf.nn.conv2d(x, w, List.of(1L, stride, stride, 1L), padding);
    }

    private Operand<TFloat32> pool(Operand<TFloat32> x) {
        var two = tf.array(1, 2, 2, 1);
        return tf.nn.maxPool(x, two, two, "VALID");
    }

    private Operand<TFloat32> flat(Operand<TFloat32> x, int features) {
        return tf.reshape(x, tf.array(-1, features));
    }

    /** Weights at {@code at}: gamma, beta, and the running mean and variance. */
    private Operand<TFloat32> normal(
            Operand<TFloat32> x, List<? extends Operand<TFloat32>> w, int at) {
        var y =
                tf.nn.fusedBatchNorm(
                        x,
                        w.get(at),
                        w.get(at + 1),
                        w.get(at + 2),
                        w.get(at + 3),
                        FusedBatchNorm.epsilon(1e-5f),
                        FusedBatchNorm.exponentialAvgFactor(0.1f),
                        FusedBatchNorm.isTraining(true));
        model.statistic(at + 2, y.batchMean());
        model.statistic(at + 3, y.batchVariance());
        return y.y();
    }
}
