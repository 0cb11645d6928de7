package dev.fathom.cpu.reference;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Custom;
import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.op.Ordering;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Solving;
import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.op.Window;
import dev.fathom.core.spi.Backend;
import dev.fathom.core.spi.Buffer;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.List;

/**
 * The backend that every other backend is compared with: each operation as one plain loop over its
 * definition, one file per family. Single-threaded, stateless, and the same bits every time.
 */
public final class ReferenceBackend implements Backend {

    /** For {@link java.util.ServiceLoader}. */
    public ReferenceBackend() {}

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public String description() {
        return "reference: plain Java loops, double accumulators, 1 thread; for checking, not for"
                + " speed";
    }

    @Override
    public List<Buffer> run(
            Primitive op, List<TensorType> types, List<Buffer> operands, List<TensorType> results) {
        var x = new ArrayList<Values>(operands.size());
        for (int i = 0; i < operands.size(); i++) {
            x.add(Values.of(types.get(i), operands.get(i)));
        }
        return run(op, x, results).stream().map(Values::buffer).toList();
    }

    /** The results, in memory of their own. */
    List<Values> run(Primitive op, List<Values> x, List<TensorType> results) {
        return switch (op) {
            case Elementwise e -> List.of(ReferenceElementwise.run(e, x, results.getFirst()));
            case Reduction r ->
                    List.of(ReferenceReduction.run(r, x.getFirst(), results.getFirst()));
            case Structural s -> List.of(ReferenceStructural.run(s, x, results.getFirst()));
            case Indexing i -> List.of(ReferenceIndexing.run(i, x, results.getFirst()));
            case Contraction c -> List.of(ReferenceContraction.run(c, x, results.getFirst()));
            case Window w -> List.of(ReferenceWindow.run(w, x, results.getFirst()));
            case Ordering o -> List.of(ReferenceOrdering.run(o, x.getFirst(), results.getFirst()));
            case Source s -> List.of(ReferenceSource.run(s, x, results.getFirst()));
            case Solving s -> List.of(ReferenceLinalg.run(s, x, results.getFirst()));
            case Decomposition d -> ReferenceLinalg.run(d, x.getFirst(), results);
            case Control c -> ReferenceControl.run(this, c, x, results);
            case Custom c -> ReferenceControl.run(this, c, x, results);
        };
    }

    /** A program that walks over the graph, one equation at a time. */
    @Override
    public Program compile(Graph graph) {
        return new ReferenceProgram(this, graph);
    }
}
