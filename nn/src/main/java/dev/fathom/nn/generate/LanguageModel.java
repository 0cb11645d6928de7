package dev.fathom.nn.generate;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.layer.Layer;

/**
 * A model of sequences of tokens: p(token at t + 1 | tokens up to t) = softmax(logits at t). As a
 * layer it maps ids, int32 (n, time), to logits (n, time, vocabulary), for training. The
 * incremental form below gives the same logits one token at a time, and keeps what it needs of the
 * past in a state: the hidden state of a recurrent network, the keys and values of an attending
 * one.
 *
 * @param <S> the state, a tree whose types do not change from step to step
 */
public interface LanguageModel<S> extends Layer {

    /** Logits for the token that follows, (n, vocabulary), and the state after the one given. */
    record Next<S>(Tensor logits, S state) {}

    /** The number of different tokens. */
    int vocabulary();

    /** The state of {@code batch} sequences before their first token. */
    S start(int batch);

    /**
     * Reads one token of each sequence, without dropout.
     *
     * @param ids int32 (n)
     */
    Next<S> step(Tensor ids, S state);

    /**
     * Reads several tokens of each sequence; the logits are those after the last. One step at a
     * time unless a model knows better.
     *
     * @param ids int32 (n, time), with time at least 1
     */
    default Next<S> read(Tensor ids, S state) {
        Tensor steps = Shaping.moveAxis(ids, 1, 0); // (time, n)
        var next = step(steps.get(0), state);
        for (int t = 1; t < steps.dim(0); t++) {
            next = step(steps.get(t), next.state());
        }
        return next;
    }
}
