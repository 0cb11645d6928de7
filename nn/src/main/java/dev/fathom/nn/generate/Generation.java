package dev.fathom.nn.generate;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.error.LayerException;

import java.util.ArrayList;
import java.util.function.Consumer;

/** The loop that lets a model continue sequences, one token at a time. */
public final class Generation {
    private Generation() {}

    private record Turn<S>(Tensor ids, S state, Key key) {}

    private record Drawn<S>(Tensor ids, S state) {}

    /**
     * Continues each prompt by {@code count} tokens. Token i is drawn with {@code key.fold(i)}, so
     * that the same key gives the same text, and a longer text begins with the shorter one.
     *
     * @param prompt int32 (n, time), with time at least 1
     * @return the new tokens, int32 (n, count)
     */
    public static <S> Tensor generate(
            LanguageModel<S> model, Tensor prompt, int count, Sampler sampler, Key key) {
        return generate(model, prompt, count, sampler, key, _ -> {});
    }

    /**
     * The same, telling {@code each} the tokens, int32 (n), as they come.
     *
     * @throws ShapeException if the prompt is not int32 (n, time), or is empty
     */
    public static <S> Tensor generate(
            LanguageModel<S> model,
            Tensor prompt,
            int count,
            Sampler sampler,
            Key key,
            Consumer<Tensor> each) {
        if (prompt.dtype() != DType.INT32 || prompt.rank() != 2 || prompt.dim(1) == 0) {
            throw new ShapeException(
                    "generate: the prompt is "
                            + prompt.type()
                            + "; it must be int32(n, time) with at least one token to start from");
        }
        if (count < 1) {
            throw new LayerException(
                    "generate: " + count + " tokens were asked for; at least 1 is needed");
        }
        var turn =
                Transforms.jit((Turn<S> t) -> {
                    var next = model.step(t.ids(), t.state());
                    return new Drawn<>(sampler.sample(next.logits(), t.key()), next.state());
                });
        var read = model.read(prompt, model.start(prompt.dim(0)));
        var ids = new ArrayList<Tensor>();
        ids.add(sampler.sample(read.logits(), key.fold(0)));
        each.accept(ids.getFirst());
        S state = read.state();
        for (int i = 1; i < count; i++) {
            var drawn = turn.apply(new Turn<>(ids.getLast(), state, key.fold(i)));
            state = drawn.state();
            ids.add(drawn.ids());
            each.accept(drawn.ids());
        }
        return Shaping.stack(1, ids.toArray(Tensor[]::new));
    }
}
