package dev.fathom.nn.recurrent;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Loops.Carried;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A stack of cells run over a sequence: x (n, time, features) to all outputs of the uppermost cell,
 * (n, time, width), or to the last one, (n, width). Each cell is one scan over time; the products
 * of all inputs with its weights are one product before it.
 *
 * <p>{@link #run} also takes a state to begin with and gives the one at the end, for sequences cut
 * in pieces (put {@code stopGradient} around the state between two pieces: truncated
 * back-propagation through time), and the lengths of sequences filled up to a common time. A step
 * beyond the length leaves the state as it is and has the output zero; reversed, reading so begins
 * at the last true step.
 *
 * <p>Between cells, in training, features are dropped with one mask for all steps of a sequence: Y.
 * Gal and Z. Ghahramani, "A theoretically grounded application of dropout in recurrent neural
 * networks", NeurIPS 2016, without the masks on the recurrent connections.
 *
 * @param cells from the input upwards
 * @param dropout the probability of dropping a feature between two cells, in [0, 1)
 * @param reversed whether time is read from its end; outputs stay at their places
 * @param sequences whether the layer gives all outputs, or only that of the step read last
 */
public record Recurrent<S>(List<Cell<S>> cells, double dropout, boolean reversed, boolean sequences)
        implements Layer {

    /** All outputs, (n, time, width), and the state of each cell after the step read last. */
    public record Run<S>(Tensor outputs, List<S> state) {}

    private record Step(Tensor x, Tensor valid) {}

    /** Checks that the cells fit on each other. */
    public Recurrent {
        cells = List.copyOf(cells);
        Checks.probability("Recurrent", dropout);
        if (cells.isEmpty()) {
            throw new LayerException("Recurrent: no cells; it needs at least one");
        }
        for (int i = 1; i < cells.size(); i++) {
            int below = cells.get(i - 1).width();
            int in = cells.get(i).features();
            if (below != in) {
                throw new ShapeException(
                        "Recurrent: cells["
                                + i
                                + "] takes "
                                + in
                                + " features, the cell below it gives "
                                + below);
            }
        }
    }

    /** One cell, all outputs. */
    public static <S> Recurrent<S> of(Cell<S> cell) {
        return of(List.of(cell));
    }

    /** Stacked cells without dropout, all outputs. */
    public static <S> Recurrent<S> of(List<? extends Cell<S>> cells) {
        return new Recurrent<>(List.copyOf(cells), 0, false, true);
    }

    /** The same with dropout between the cells. */
    public Recurrent<S> withDropout(double probability) {
        return new Recurrent<>(cells, probability, reversed, sequences);
    }

    /** The same, giving only the output of the step read last, (n, width). */
    public Recurrent<S> last() {
        return new Recurrent<>(cells, dropout, reversed, false);
    }

    /** The same, reading time in the other direction. */
    public Recurrent<S> reverse() {
        return new Recurrent<>(cells, dropout, !reversed, sequences);
    }

    /** The state of every cell before the first step. */
    public List<S> start(int batch) {
        return cells.stream().map(c -> c.start(batch)).toList();
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(this, () -> shown(run(x, pass)));
    }

    /** The layer on sequences of different lengths, int32 (n), each in 0 .. time. */
    public Tensor apply(Tensor x, Tensor lengths, Pass pass) {
        return pass.in(this, () -> shown(run(x, startOf(x), Optional.of(lengths), pass)));
    }

    private Tensor shown(Run<S> run) {
        return sequences ? run.outputs() : cells.getLast().output(run.state().getLast());
    }

    /** From the state zero, all sequences as long as x. */
    public Run<S> run(Tensor x, Pass pass) {
        return run(x, startOf(x), Optional.empty(), pass);
    }

    private List<S> startOf(Tensor x) {
        check(x);
        return start(x.dim(0));
    }

    /**
     * From a state of one's own.
     *
     * @param initial one state per cell
     * @param lengths int32 (n), each in 0 .. time; nothing if all are as long as x
     * @throws ShapeException if something does not fit
     */
    public Run<S> run(Tensor x, List<S> initial, Optional<Tensor> lengths, Pass pass) {
        check(x);
        if (initial.size() != cells.size()) {
            throw new ShapeException(
                    "Recurrent: "
                            + initial.size()
                            + " initial states for "
                            + cells.size()
                            + " cells; start(n) gives a list of the right length");
        }
        int n = x.dim(0);
        int time = x.dim(1);
        var valid = lengths.map(l -> valid(l, n, time));
        var states = new ArrayList<S>();
        Tensor h = x; // (n, time, features)
        for (int i = 0; i < cells.size(); i++) {
            if (i > 0 && pass.training() && dropout > 0) {
                Tensor keep = pass.key().bernoulli(1 - dropout, n, 1, h.dim(2));
                h = h.times(keep.cast(h.dtype()).times(1 / (1 - dropout)));
            }
            var r = run(cells.get(i), h, initial.get(i), valid);
            h = Shaping.moveAxis(r.outputs(), 0, 1); // (n, time, width)
            states.add(r.carry());
        }
        return new Run<>(h, states);
    }

    private Carried<S, Tensor> run(Cell<S> cell, Tensor x, S initial, Optional<Tensor> valid) {
        Tensor projected = Shaping.moveAxis(cell.project(x), 1, 0); // (time, n, ..)
        if (valid.isEmpty()) {
            return scan(
                    (s, p) -> {
                        S next = cell.advance(p, s);
                        return new Carried<>(next, cell.output(next));
                    },
                    initial,
                    projected);
        }
        return scan(
                (s, step) -> {
                    S stepped = cell.advance(step.x(), s);
                    S next = Tree.zip((a, b) -> choose(step.valid(), a, b), stepped, s);
                    Tensor out = cell.output(next);
                    return new Carried<>(next, choose(step.valid(), out, Ops.zeros(out.type())));
                },
                initial,
                new Step(projected, valid.get()));
    }

    private <X> Carried<S, Tensor> scan(
            BiFunction<S, X, Carried<S, Tensor>> body, S initial, X inputs) {
        return reversed
                ? Loops.scanReverse(body, initial, inputs)
                : Loops.scan(body, initial, inputs);
    }

    /** By a condition (n), whatever follows the first axis of a and b. */
    private static Tensor choose(Tensor condition, Tensor a, Tensor b) {
        Tensor c = condition;
        while (c.rank() < a.rank()) {
            c = c.expandDims(-1);
        }
        return Functions.where(c.broadcastTo(a.shape().dims()), a, b);
    }

    /** Whether a step is before the end of its sequence, (time, n). */
    private static Tensor valid(Tensor lengths, int n, int time) {
        if (lengths.dtype() != DType.INT32 || !lengths.shape().equals(Shape.of(n))) {
            throw new ShapeException(
                    "Recurrent: the lengths are "
                            + lengths.type()
                            + "; they must be int32("
                            + n
                            + "), one for each sequence");
        }
        var type = new TensorType(Shape.of(time, n), DType.INT32);
        return Creation.iota(type, 0).lessThan(lengths.broadcastTo(time, n));
    }

    private void check(Tensor x) {
        int in = cells.getFirst().features();
        if (x.rank() != 3 || x.dim(2) != in) {
            throw new ShapeException(
                    "Recurrent: input "
                            + x.shape()
                            + " is not (n, time, "
                            + in
                            + ")"
                            + (x.rank() == 2 && x.dim(1) == in
                                    ? ". One sequence? x.expandDims(0). One step? Cell.step"
                                    : ""));
        }
    }
}
