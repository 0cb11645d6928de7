package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.text.Tokenizer;
import dev.fathom.data.text.Utf8;
import dev.fathom.nn.generate.Sampler;
import dev.fathom.nn.layer.Layer;
import dev.fathom.train.loop.Predictor;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Continues a text with the network of a run, a token at a time.
 *
 * @param model takes ids (1, context) and gives logits (1, context, vocabulary), those at a place
 *     without regard to later ones
 * @param tokenizer what the tokens mean
 * @param context how many tokens the network has seen at once in training
 */
public record Writer(Predictor<Layer> model, Tokenizer tokenizer, int context) {
    /** The network of a run. */
    public static Writer of(RunConfig config, Layer model) {
        var saved =
                config.data()
                        .tokenizer()
                        .orElseThrow(() ->
                                new UsageException(
                                        "this run was trained on %s, not on a text; use predict"
                                                .formatted(config.data().name())));
        return new Writer(
                Predictor.of(model), Tokenizer.of(saved), config.data().shape().getFirst());
    }

    /**
     * Gives {@code out} the text as it comes: the prompt, then {@code length} tokens.
     *
     * @param sampler how a token is drawn; token i with {@code key.fold(i)}
     */
    public void write(String prompt, int length, Sampler sampler, Key key, Consumer<String> out) {
        var ids = tokenizer.encode(prompt);
        out.accept(prompt);
        var text = new Utf8();
        for (int i = 0; i < length; i++) {
            int seen = Math.min(ids.length, context);
            var window =
                    Arrays.copyOf(Arrays.copyOfRange(ids, ids.length - seen, ids.length), context);
            int next = (int) sampler.sample(logits(window, seen - 1), key.fold(i)).item();
            out.accept(text.add(tokenizer.bytes(next)));
            ids = Arrays.copyOf(Arrays.copyOfRange(ids, ids.length - seen, ids.length), seen + 1);
            ids[seen] = next;
        }
        out.accept(text.end());
    }

    /** After the token at {@code place}, (vocabulary). */
    private Tensor logits(int[] window, int place) {
        return model.apply(Tensor.of(window, 1, context)).get(0).get(place);
    }
}
