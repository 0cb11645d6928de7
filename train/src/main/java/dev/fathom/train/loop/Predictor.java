package dev.fathom.train.loop;

import static dev.fathom.core.transform.Transforms.jit;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Jitted;
import dev.fathom.data.dataset.Batches;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.train.error.SettingException;

import java.util.Arrays;

/**
 * A trained model in use: compiled, immutable, safe to share between threads.
 *
 * @param <M> the model
 */
public final class Predictor<M extends Layer> {
    private final M model;
    private final Jitted<Input<M>, Tensor> compiled =
            jit(in -> in.model().apply(in.features(), Pass.eval()));

    /** What the compiled function takes. */
    record Input<M>(M model, Tensor features) {}

    private Predictor(M model) {
        this.model = model;
    }

    /** Uses {@code model} in evaluation: no dropout, running statistics as they are. */
    public static <M extends Layer> Predictor<M> of(M model) {
        return new Predictor<>(model);
    }

    /** The model. */
    public M model() {
        return model;
    }

    /** The outputs for a batch, (n, ...). Compiled anew for each new n. */
    public Tensor apply(Tensor features) {
        return compiled.apply(new Input<>(model, features));
    }

    /** The outputs for all examples in their order, (n, k), float32. */
    public Tensor outputs(Dataset data) {
        return outputs(Evaluator.batches(data));
    }

    /**
     * The outputs for all examples of these batches, in the order of their first epoch, (n, k),
     * float32.
     */
    public Tensor outputs(Batches batches) {
        var all = new float[0];
        int rows = 0;
        int width = 0;
        for (var batch : batches.epoch(0)) {
            Tensor output = apply(batch.features());
            if (output.rank() != 2) {
                throw new SettingException(
                        "the model's output for a batch has the shape "
                                + output.shape()
                                + ", not (n, k)");
            }
            width = output.dim(1);
            if (rows == 0) {
                all = new float[Math.multiplyExact(batches.data().size(), width)];
            }
            System.arraycopy(output.toFloats(), 0, all, rows * width, batch.size() * width);
            rows += batch.size();
        }
        return Tensor.of(Arrays.copyOf(all, rows * width), rows, width);
    }

    /** The class of the largest output of each example, the first of several equally large. */
    public int[] classes(Dataset data) {
        Tensor outputs = outputs(data);
        int k = outputs.dim(1);
        var values = outputs.toFloats();
        var classes = new int[outputs.dim(0)];
        for (int i = 0; i < classes.length; i++) {
            int best = 0;
            for (int j = 1; j < k; j++) {
                if (values[i * k + j] > values[i * k + best]) {
                    best = j;
                }
            }
            classes[i] = best;
        }
        return classes;
    }
}
