package dev.fathom.nn.zoo;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.generate.LanguageModel;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Embedding;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.recurrent.Cell;
import dev.fathom.nn.recurrent.Elman;
import dev.fathom.nn.recurrent.Gru;
import dev.fathom.nn.recurrent.Lstm;
import dev.fathom.nn.recurrent.Recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A recurrent language model: vectors of tokens, a stack of cells, logits of the next token. After
 * A. Graves, "Generating sequences with recurrent neural networks", 2013, section 2, and A.
 * Karpathy's char-rnn; without Graves's skip connections.
 *
 * <p>Shapes: ids int32 (n, time), logits (n, time, vocabulary).
 *
 * @param <S> the state of a cell
 * @param embedding of tokens
 * @param recurrent the stack, giving all outputs
 * @param output to logits
 */
public record CharRnn<S>(Embedding embedding, Recurrent<S> recurrent, Dense output)
        implements LanguageModel<List<S>> {
    private static final int SIZE = 64;
    private static final int WIDTH = 256;

    /** One layer of 256 {@link Lstm} cells on vectors of 64. */
    public static CharRnn<Lstm.State> lstm(int vocabulary, Key key) {
        return lstm(vocabulary, SIZE, WIDTH, 1, key);
    }

    /** {@code depth} layers of {@link Lstm} cells. */
    public static CharRnn<Lstm.State> lstm(
            int vocabulary, int size, int width, int depth, Key key) {
        var keys = key.split(depth + 2);
        return of(
                vocabulary,
                size,
                width,
                depth,
                i -> Lstm.of(i == 0 ? size : width, width, keys[i]),
                keys);
    }

    /** One layer of 256 {@link Gru} cells on vectors of 64. */
    public static CharRnn<Tensor> gru(int vocabulary, Key key) {
        return gru(vocabulary, SIZE, WIDTH, 1, key);
    }

    /** {@code depth} layers of {@link Gru} cells. */
    public static CharRnn<Tensor> gru(int vocabulary, int size, int width, int depth, Key key) {
        var keys = key.split(depth + 2);
        return of(
                vocabulary,
                size,
                width,
                depth,
                i -> Gru.of(i == 0 ? size : width, width, keys[i]),
                keys);
    }

    /** {@code depth} layers of plain {@link Elman} cells. */
    public static CharRnn<Tensor> elman(int vocabulary, int size, int width, int depth, Key key) {
        var keys = key.split(depth + 2);
        return of(
                vocabulary,
                size,
                width,
                depth,
                i -> Elman.of(i == 0 ? size : width, width, keys[i]),
                keys);
    }

    private static <S> CharRnn<S> of(
            int vocabulary, int size, int width, int depth, IntFunction<Cell<S>> cell, Key[] keys) {
        Checks.positive("CharRnn", "depth", depth);
        var cells = new ArrayList<Cell<S>>();
        for (int i = 0; i < depth; i++) {
            cells.add(cell.apply(i));
        }
        return new CharRnn<>(
                Embedding.of(vocabulary, size, keys[depth]),
                Recurrent.of(cells),
                Dense.of(width, vocabulary, Initializer.glorotUniform(), keys[depth + 1]));
    }

    @Override
    public Tensor apply(Tensor ids, Pass pass) {
        Tensor x = pass.child("embedding", embedding, ids); // (n, time, size)
        Tensor h = pass.child("recurrent", recurrent, x); // (n, time, width)
        return pass.child("output", output, h); // (n, time, vocabulary)
    }

    @Override
    public int vocabulary() {
        return embedding.table().dim(0);
    }

    @Override
    public List<S> start(int batch) {
        return recurrent.start(batch);
    }

    @Override
    public Next<List<S>> step(Tensor ids, List<S> state) {
        var pass = Pass.eval();
        Tensor x = embedding.apply(ids, pass); // (n, size)
        var next = new ArrayList<S>();
        for (int i = 0; i < state.size(); i++) {
            var cell = recurrent.cells().get(i);
            next.add(cell.step(x, state.get(i)));
            x = cell.output(next.getLast());
        }
        return new Next<>(output.apply(x, pass), next);
    }
}
