package dev.fathom.nn.zoo;

import static dev.fathom.core.math.Functions.tanh;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.ArrayList;

/**
 * The neural probabilistic language model: Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin, "A neural
 * probabilistic language model", JMLR 3, 2003, equation 1 without the direct connections W. The
 * vectors C of the last {@code order} tokens side by side give the logits of the next one: y = b +
 * U tanh(d + H x). Ids are int32 (n, time), logits (n, time, vocabulary); before the first token
 * the vectors are 0. The logits at a time depend on that token and those before it alone.
 *
 * @param embedding C, (vocabulary, size)
 * @param hidden d + H x
 * @param output b + U h
 * @param order how many tokens are seen
 */
public record NeuralNgram(Tensor embedding, Dense hidden, Dense output, int order)
        implements Layer {
    private static final int SIZE = 16;
    private static final int ORDER = 12;
    private static final int WIDTH = 256;

    /** Twelve tokens as vectors of 16, and 256 hidden units. */
    public static NeuralNgram of(int vocabulary, Key key) {
        return of(vocabulary, SIZE, ORDER, WIDTH, key);
    }

    /** With the given sizes. */
    public static NeuralNgram of(int vocabulary, int size, int order, int width, Key key) {
        Checks.positive("NeuralNgram", "vocabulary", vocabulary);
        Checks.positive("NeuralNgram", "size", size);
        Checks.positive("NeuralNgram", "order", order);
        Checks.positive("NeuralNgram", "width", width);
        var keys = key.split(3);
        return new NeuralNgram(
                keys[0].normal(DType.FLOAT32, vocabulary, size),
                Dense.of(order * size, width, Initializer.glorotUniform(), keys[1]),
                Dense.of(width, vocabulary, Initializer.glorotUniform(), keys[2]),
                order);
    }

    @Override
    public Tensor apply(Tensor ids, Pass pass) { // ids: (n, time)
        int time = ids.dim(1);
        Tensor e = Shaping.take(embedding, ids, 0); // (n, time, size)
        var seen = new ArrayList<Tensor>();
        for (int back = 0; back < order; back++) {
            Tensor later = Shaping.pad(e, new int[] {0, back, 0}, new int[3]);
            seen.add(Shaping.slice(later, 1, 0, time, 1)); // (n, time, size)
        }
        Tensor x = Shaping.concatenate(-1, seen.toArray(Tensor[]::new)); // (.., order size)
        return output.apply(tanh(hidden.apply(x, pass)), pass); // (n, time, vocabulary)
    }
}
