package dev.fathom.bench.workload;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.vmap;

import dev.fathom.bench.measure.Protocol;
import dev.fathom.bench.measure.Steps;
import dev.fathom.bench.measure.Unit;
import dev.fathom.bench.measure.Unit.Figure;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.loss.Losses;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Double descent: networks 784-w-10 of many widths, each from several seeds, trained to the end.
 * The networks of a width train side by side, all steps in one call, so a width is one compiled
 * program; a step of this workload is the whole sweep with all that is compiled for it.
 *
 * @param widths how many; the first is 2, each √2 times the one before
 */
record Sweep(String name, int widths, int seeds, int examples, int trained) implements Workload {
    private static final int INPUTS = 784;
    private static final int CLASSES = 10;
    private static final int BATCH = 128;
    private static final float RATE = 0.02f;

    /** What BENCHMARKS asks for: 95 networks. */
    static final Sweep WHOLE = new Sweep("sweep", 19, 5, 4000, 500);

    /** The narrow half of it, in short. */
    static final Sweep SMALL = new Sweep("sweep-small", 9, 2, 1000, 100);

    /** The weights of networks side by side: a first axis for the seeds. */
    private record Net(Tensor first, Tensor bias, Tensor second, Tensor last) {
        Tensor logits(Tensor x) {
            return Functions.relu(x.matmul(first).plus(bias)).matmul(second).plus(last);
        }
    }

    private record Data(Tensor x, Tensor y) {}

    /** Width {@code i} of the sweep. */
    static int width(int i) {
        return (int) Math.round(2 * Math.pow(2, i / 2.0));
    }

    @Override
    public String title() {
        return String.format(
                "double descent: 784-w-10, %d widths up to %d × %d seeds, %d examples, %d steps",
                widths, width(widths - 1), seeds, examples, trained);
    }

    @Override
    public double flop() {
        double each = 0;
        for (int i = 0; i < widths; i++) {
            each += 2.0 * BATCH * width(i) * (2 * INPUTS + 3 * CLASSES);
        }
        return each * seeds * trained;
    }

    @Override
    public Unit unit() {
        return Unit.of(Figure.STEP_TIME);
    }

    @Override
    public String protocol(String asked) {
        return Protocol.ONCE;
    }

    @Override
    public Workload small() {
        return SMALL;
    }

    @Override
    public Map<String, Tensor> problem() {
        var keys = Key.of(15).split(2 * widths + 2);
        int batches = examples / BATCH;
        var arrays = new LinkedHashMap<String, Tensor>();
        arrays.put("x", keys[0].normal(batches, BATCH, INPUTS));
        arrays.put("y", keys[1].uniform(batches, BATCH).times(CLASSES).cast(DType.INT32));
        arrays.put("steps", Tensor.scalar(trained));
        for (int i = 0; i < widths; i++) {
            int w = width(i);
            arrays.put("v" + i, keys[2 + 2 * i].normal(seeds, INPUTS, w).times(0.05));
            arrays.put("w" + i, keys[3 + 2 * i].normal(seeds, w, CLASSES).times(1 / Math.sqrt(w)));
        }
        return arrays;
    }

    private static Net step(Net net, Data batch) {
        var g = grad((Net n) -> Losses.crossEntropy(n.logits(batch.x()), batch.y())).apply(net);
        return new Net(
                net.first().minus(g.first().times(RATE)),
                net.bias().minus(g.bias().times(RATE)),
                net.second().minus(g.second().times(RATE)),
                net.last().minus(g.last().times(RATE)));
    }

    private static Net epoch(Net net, Data batches) {
        return Loops.scan(
                        (Net n, Data b) -> new Carried<>(step(n, b), List.<Tensor>of()),
                        net,
                        batches)
                .carry();
    }

    /** All steps of one network, and its loss on the first batch. */
    private Tensor train(Net net, Data data) {
        int batches = data.x().dim(0);
        Net end = Loops.repeat(n -> epoch(n, data), net, trained / batches);
        int rest = trained % batches;
        if (rest > 0) {
            end = epoch(end, new Data(data.x().slice(0, 0, rest), data.y().slice(0, 0, rest)));
        }
        var first = new Data(data.x().slice(0, 0, 1), data.y().slice(0, 0, 1));
        return Losses.crossEntropy(
                end.logits(first.x().reshape(BATCH, INPUTS)), first.y().reshape(BATCH));
    }

    @Override
    public Steps steps(Map<String, Tensor> problem) {
        var data = new Data(problem.get("x"), problem.get("y"));
        return new Steps() {
            private double loss;

            @Override
            public void step(long i) {
                loss = 0;
                for (int k = 0; k < widths; k++) {
                    var nets =
                            new Net(
                                    problem.get("v" + k),
                                    Tensor.zeros(seeds, width(k)),
                                    problem.get("w" + k),
                                    Tensor.zeros(seeds, CLASSES));
                    var all = jit((Net n) -> vmap((Net one) -> train(one, data)).apply(n));
                    loss += all.apply(nets).mean().item() / widths;
                }
            }

            @Override
            public double value() {
                return loss;
            }
        };
    }
}
