package dev.fathom.core.transform;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * A program cut into the part that computes values and the part that is linear in tangents.
 *
 * @param values from the inputs to the outputs followed by the residuals
 * @param tangents from the tangents of the inputs asked for, then the residuals, to the tangents of
 *     the outputs that have one
 * @param residuals where each residual comes from
 * @param present which outputs have a tangent
 */
record Split(Graph values, Graph tangents, List<Residual> residuals, boolean[] present) {

    /** What the tangent part needs from the value part. */
    sealed interface Residual {
        /** The residual, given the program's inputs and what was computed. */
        default Tensor value(List<Tensor> inputs, List<Tensor> computed) {
            return switch (this) {
                case Input(int i) -> inputs.get(i);
                case Known(Tensor t) -> t;
                case Computed(int p) -> computed.get(p);
            };
        }

        /** It is an input of the program. */
        record Input(int index) implements Residual {}

        /** It is known from the start. */
        record Known(Tensor value) implements Residual {}

        /** It is computed: output {@code position} of the value part, after the proper outputs. */
        record Computed(int position) implements Residual {}
    }

    private record Key(List<Boolean> wrt, List<Boolean> needed, List<Boolean> kept) {}

    /**
     * Cuts {@code graph}.
     *
     * @param wrt which inputs have tangents
     * @param needed which outputs must have a tangent, zeros if need be
     * @param kept which inputs the caller still has when the tangent part runs
     */
    static Split of(Graph graph, boolean[] wrt, boolean[] needed, boolean[] kept) {
        return Derived.of(
                graph,
                new Key(Flags.list(wrt), Flags.list(needed), Flags.list(kept)),
                () -> make(graph, wrt, needed, kept));
    }

    private static Split make(Graph graph, boolean[] wrt, boolean[] needed, boolean[] kept) {
        var recorder = Recorder.complete();
        var inputs = graph.inputTypes().stream().map(recorder::input).toList();
        return recorder.run(() -> {
            var tape = Recorder.tape(recorder);
            var forward = Forward.onto(recorder, tape);
            var arguments = new ArrayList<Tensor>();
            for (int i = 0; i < inputs.size(); i++) {
                var x = inputs.get(i);
                arguments.add(wrt[i] ? forward.dual(x, tape.input(x.type().ofDerivative())) : x);
            }
            var outputs = forward.run(() -> graph.evaluate(arguments));
            var present = new boolean[outputs.size()];
            var tangents = new ArrayList<Tensor>();
            for (int k = 0; k < present.length; k++) {
                @Nullable Tensor d = forward.tangent(outputs.get(k));
                present[k] = d != null || needed[k];
                if (present[k]) {
                    tangents.add(d != null ? d : tape.zeros(outputs.get(k).type().ofDerivative()));
                }
            }
            var linear = tape.finish(tangents);
            var residuals = new ArrayList<Residual>();
            var values = new ArrayList<>(outputs.stream().map(forward::primal).toList());
            int proper = values.size();
            for (var r : linear.captured()) {
                int input = inputs.indexOf(r);
                if (input >= 0 && kept[input]) {
                    residuals.add(new Residual.Input(input));
                } else if (!recorder.owns(r)) {
                    residuals.add(new Residual.Known(r));
                } else {
                    residuals.add(new Residual.Computed(values.size() - proper));
                    values.add(r);
                }
            }
            return new Split(recorder.finish(values).graph(), linear.graph(), residuals, present);
        });
    }

    /** Types of the computed residuals, in order. */
    List<TensorType> computedTypes() {
        var out = values.outputTypes();
        return out.subList(present.length, out.size());
    }

    /** The residuals' values, given the inputs and the computed ones. */
    List<Tensor> residuals(List<Tensor> inputs, List<Tensor> computed) {
        return residuals.stream().map(r -> r.value(inputs, computed)).toList();
    }
}
