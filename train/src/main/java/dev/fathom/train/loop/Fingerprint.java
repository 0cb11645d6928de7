package dev.fathom.train.loop;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.data.dataset.Batch;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Loss;
import dev.fathom.train.mixing.Mixed;
import dev.fathom.train.mixing.Mixing;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * By what a checkpoint knows a loss and a mixing again, which are functions and have no name: the
 * hash of the program that they record for a batch. Numbers in it count, such as an α or an ε;
 * whole tensors, such as weights of classes, count by their type alone.
 */
final class Fingerprint {
    private Fingerprint() {}

    /** What goes into the model. */
    record In<M>(M model, Tensor features, Key key) {}

    /** What goes into the loss. */
    record Out(Tensor output, Tensor features, Tensor labels, Key key) {}

    /** Nothing is computed: the model and the loss are recorded. */
    static <M extends Layer> String of(
            M model, Loss loss, Optional<Mixing> mixing, Batch batch, Key key) {
        var forward =
                Transforms.jit(
                        (In<M> in) -> in.model().apply(in.features(), Pass.training(in.key())));
        var output = forward.graph(new In<>(model, batch.features(), key)).outputTypes().getFirst();
        var objective =
                Transforms.jit((Out in) -> {
                    var mixed = mixing.map(m -> m.mix(in.features(), in.labels(), in.key()));
                    Loss whole = mixed.map((Mixed m) -> m.loss(loss)).orElse(loss);
                    return whole.apply(in.output(), in.labels());
                });
        var zeros = Tensor.full(output.dtype(), 0, output.shape().dims());
        var graph = objective.graph(new Out(zeros, batch.features(), batch.labels(), key));
        return UUID.nameUUIDFromBytes(graph.toString().getBytes(StandardCharsets.UTF_8)).toString();
    }
}
