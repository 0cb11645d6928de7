package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.text.Tokenizer;
import dev.fathom.data.text.Utf8;
import dev.fathom.nn.layer.Layer;
import dev.fathom.train.loop.Predictor;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

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
     * @param temperature divides the logits; 0 takes the most likely token
     * @param topK only that many of the most likely tokens may come; 0 for all
     */
    public void write(
            String prompt,
            int length,
            double temperature,
            int topK,
            long seed,
            Consumer<String> out) {
        var random = new Random(seed);
        var ids = tokenizer.encode(prompt);
        out.accept(prompt);
        var text = new Utf8();
        for (int i = 0; i < length; i++) {
            int seen = Math.min(ids.length, context);
            var window =
                    Arrays.copyOf(Arrays.copyOfRange(ids, ids.length - seen, ids.length), context);
            int next = draw(logits(window, seen - 1), temperature, topK, random);
            out.accept(text.add(tokenizer.bytes(next)));
            ids = Arrays.copyOf(Arrays.copyOfRange(ids, ids.length - seen, ids.length), seen + 1);
            ids[seen] = next;
        }
        out.accept(text.end());
    }

    private float[] logits(int[] window, int place) {
        var all = model.apply(Tensor.of(window, 1, context)).toFloats();
        int size = tokenizer.size();
        return Arrays.copyOfRange(all, place * size, (place + 1) * size);
    }

    static int draw(float[] logits, double temperature, int topK, Random random) {
        var order =
                IntStream.range(0, logits.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -logits[i]))
                        .limit(topK > 0 ? topK : logits.length)
                        .mapToInt(Integer::intValue)
                        .toArray();
        if (temperature == 0) {
            return order[0];
        }
        var weights = new double[order.length];
        double sum = 0;
        for (int i = 0; i < order.length; i++) {
            weights[i] = Math.exp((logits[order[i]] - logits[order[0]]) / temperature);
            sum += weights[i];
        }
        double left = random.nextDouble() * sum;
        for (int i = 0; i < order.length; i++) {
            left -= weights[i];
            if (left < 0) {
                return order[i];
            }
        }
        return order[order.length - 1];
    }
}
