package dev.fathom.bench.tensorflow;

import dev.fathom.bench.measure.Steps;
import dev.fathom.core.tensor.DType;

import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.OptimizerOptions;
import org.tensorflow.proto.OptimizerOptions.GlobalJitLevel;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A graph in the making, with the weights and the data of a problem; and the session that runs it.
 */
final class Model {
    private static final int BATCHES = 8;

    private final Map<String, dev.fathom.core.tensor.Tensor> problem;
    private final Graph graph = new Graph();
    private final List<Variable> weights = new ArrayList<>();
    private final Map<Integer, Operand<TFloat32>> statistics = new TreeMap<>();
    private int variables;

    /** Operations of the graph. */
    final Ops tf = Ops.create(graph);

    Model(Map<String, dev.fathom.core.tensor.Tensor> problem) {
        this.problem = problem;
        while (problem.containsKey("p" + weights.size())) {
            weights.add(variable("weight", (TFloat32) array("p" + weights.size())));
        }
    }

    /** The weights, which begin as the problem says; its layouts are TensorFlow's own. */
    List<? extends Operand<TFloat32>> weights() {
        return weights.stream().map(Variable::value).toList();
    }

    /** Each step sets weight {@code i} to {@code value}; no gradient changes it. */
    void statistic(int i, Operand<TFloat32> value) {
        statistics.put(i, value);
    }

    Variable variable(String name, TFloat32 first) {
        var start = tf.withInitScope();
        var handle =
                start.varHandleOp(
                        TFloat32.class, first.shape(), VarHandleOp.sharedName(name + variables++));
        start.assignVariableOp(handle, start.constantOf(first));
        return new Variable(handle, tf.readVariableOp(handle, TFloat32.class));
    }

    Placeholder<TFloat32> floats(String name) {
        return tf.placeholder(TFloat32.class, Placeholder.shape(array(name).shape()));
    }

    Placeholder<TInt32> ints(String name) {
        return tf.placeholder(TInt32.class, Placeholder.shape(array(name).shape()));
    }

    private Tensor array(String name) {
        var t = problem.get(name);
        if (t == null) {
            throw new IllegalArgumentException("the problem has no array " + name);
        }
        var shape = Shape.of(IntStream.of(t.shape().dims()).asLongStream().toArray());
        return t.dtype() == DType.INT32
                ? TInt32.tensorOf(shape, DataBuffers.of(t.toInts()))
                : TFloat32.tensorOf(shape, DataBuffers.of(t.toFloats()));
    }

    /** Training on eight batches in turn. */
    Steps trained(Operand<?> x, Operand<?> y, Operand<TFloat32> loss, Rule rule) {
        var trained =
                IntStream.range(0, weights.size())
                        .filter(i -> !statistics.containsKey(i))
                        .mapToObj(weights::get)
                        .toList();
        var slopes =
                Stream.of(
                                graph.addGradients(
                                        loss.asOutput(),
                                        trained.stream()
                                                .map(w -> w.value().asOutput())
                                                .toArray(Output<?>[]::new)))
                        .map(g -> g.expect(TFloat32.class))
                        .toList();
        var targets = new ArrayList<>(rule.updates(this, trained, slopes));
        statistics.forEach(
                (i, value) -> targets.add(tf.assignVariableOp(weights.get(i).handle(), value)));
        var batches = new ArrayList<Map<Operand<?>, Tensor>>();
        for (int i = 0; i < BATCHES; i++) {
            batches.add(Map.of(x, array("x" + i), y, array("y" + i)));
        }
        return new Run(session(), batches, targets, loss, false);
    }

    /** One computation over and over; its value is the root of the mean square. */
    Steps repeated(
            List<String> names, List<? extends Operand<?>> inputs, Operand<TFloat32> result) {
        var feeds = new LinkedHashMap<Operand<?>, Tensor>();
        for (int i = 0; i < names.size(); i++) {
            feeds.put(inputs.get(i), array(names.get(i)));
        }
        return new Run(session(), List.of(feeds), List.of(), result, true);
    }

    /** With XLA where the system property {@code fathom.bench.xla} says so. */
    private Session session() {
        var options = OptimizerOptions.newBuilder();
        if (Boolean.getBoolean("fathom.bench.xla")) {
            options.setGlobalJitLevel(GlobalJitLevel.ON_2);
        }
        int threads =
                Integer.getInteger("fathom.threads", Runtime.getRuntime().availableProcessors());
        var config =
                ConfigProto.newBuilder()
                        .setIntraOpParallelismThreads(threads)
                        .setGraphOptions(GraphOptions.newBuilder().setOptimizerOptions(options))
                        .build();
        var session = new Session(graph, config);
        session.initialize();
        return session;
    }

    private static final class Run implements Steps {
        private final Session session;
        private final List<? extends Map<Operand<?>, Tensor>> batches;
        private final List<Op> targets;
        private final Operand<TFloat32> fetched;
        private final boolean rootMeanSquare;
        private @Nullable Result last;

        Run(
                Session session,
                List<? extends Map<Operand<?>, Tensor>> batches,
                List<Op> targets,
                Operand<TFloat32> fetched,
                boolean rootMeanSquare) {
            this.session = session;
            this.batches = batches;
            this.targets = targets;
            this.fetched = fetched;
            this.rootMeanSquare = rootMeanSquare;
        }

        @Override
        public void step(long i) {
            var runner = session.runner();
            batches.get((int) (i % batches.size())).forEach(runner::feed);
            targets.forEach(runner::addTarget);
            if (last != null) {
                last.close();
            }
            last = runner.fetch(fetched).run();
        }

        @Override
        public double value() {
            if (last == null) {
                throw new IllegalStateException("no step was made");
            }
            var result = (TFloat32) last.get(0);
            if (!rootMeanSquare) {
                return result.getFloat();
            }
            double[] sum = new double[1];
            result.scalars().forEach(s -> sum[0] += (double) s.getFloat() * s.getFloat());
            return Math.sqrt(sum[0] / result.size());
        }
    }
}
