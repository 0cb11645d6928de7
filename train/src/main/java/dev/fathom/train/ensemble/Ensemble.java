package dev.fathom.train.ensemble;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.dataset.Batches;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.Trainer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The mean of the probabilities of several classifiers,
 *
 * <pre>z = ln (1/m Σ_i softmax(z_i))</pre>
 *
 * so that softmax(z) is that mean, and losses, metrics and predictions take z like the logits of
 * one model. Its cross-entropy is at most the mean of the members' (−ln is convex). B.
 * Lakshminarayanan, A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty estimation
 * using deep ensembles", NeurIPS 2017, section 2.4.
 *
 * <p>Shapes: x as the members take it, z (.., classes).
 *
 * @param members at least one
 */
public record Ensemble<M extends Layer>(List<M> members) implements Layer {
    /** Copies the list. */
    public Ensemble {
        members = List.copyOf(members);
        if (members.isEmpty()) {
            throw new SettingException("an ensemble needs at least one member");
        }
    }

    /**
     * A deep ensemble: {@code count} models trained alike, each with a key of its own for its first
     * weights, its order of examples and its masks, such as {@code k -> Trainer.of(Mlp.of(.., k),
     * ..).key(k).fit(train.batches(64).shuffled(k), epochs(10)).model()}.
     */
    public static <M extends Layer> Ensemble<M> deep(int count, Key key, Function<Key, M> trained) {
        if (count < 1) {
            throw new SettingException(
                    "an ensemble of " + count + " members; at least 1 is needed");
        }
        return new Ensemble<>(Arrays.stream(key.split(count)).map(trained).toList());
    }

    /**
     * A snapshot ensemble: one run of {@code cycles} cycles of {@code limit} each, and the model at
     * the end of every cycle. The optimizer begins each cycle anew, so that a learning rate that
     * falls within the limit, such as a cosine, starts again from the top. G. Huang et al.,
     * "Snapshot ensembles: train 1, get M for free", ICLR 2017, section 3. We differ: there the
     * momentum is kept over a restart. Batches and masks of every cycle are its own, given by the
     * trainer's key.
     */
    public static <M extends Layer, S> Ensemble<M> snapshots(
            Trainer<M, S> trainer, Batches train, int cycles, Limit limit) {
        if (cycles < 1) {
            throw new SettingException(
                    "an ensemble of " + cycles + " cycles; at least 1 is needed");
        }
        var members = new ArrayList<M>();
        var keys = trainer.key().split(cycles);
        var at = trainer;
        for (var key : keys) {
            M end = at.key(key).fit(train.shuffled(key), limit).model();
            members.add(end);
            at = at.model(end);
        }
        return new Ensemble<>(members);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        var logs = new Tensor[members.size()];
        for (int i = 0; i < logs.length; i++) {
            Tensor z = pass.child("members[" + i + "]", members.get(i), x); // (.., classes)
            logs[i] = Functions.logSoftmax(z, -1);
        }
        Tensor sum = Functions.logSumExp(Shaping.stack(0, logs), 0); // (.., classes)
        return sum.minus(Math.log(logs.length));
    }
}
