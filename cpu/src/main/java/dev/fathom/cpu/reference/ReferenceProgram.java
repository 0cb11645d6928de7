package dev.fathom.cpu.reference;

import dev.fathom.core.error.BackendException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Work;
import dev.fathom.core.spi.Buffer;
import dev.fathom.core.spi.Program;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A graph as it is, run equation by equation. Donated inputs are left alone: that is allowed. */
record ReferenceProgram(ReferenceBackend backend, Graph graph) implements Program {

    @Override
    public List<Buffer> run(List<Buffer> inputs, boolean[] donated) {
        var types = graph.inputTypes();
        if (inputs.size() != types.size()) {
            throw new BackendException(
                    "a program with inputs "
                            + types
                            + " was run with "
                            + inputs.size()
                            + " buffers");
        }
        var arguments = new ArrayList<Values>(inputs.size());
        for (int i = 0; i < inputs.size(); i++) {
            arguments.add(Values.of(types.get(i), inputs.get(i)));
        }
        return ReferenceControl.evaluate(backend, graph, arguments).stream()
                .map(Values::buffer)
                .toList();
    }

    /** One cost, for the whole: the oracle is not there to be fast. */
    @Override
    public List<Cost> profile(List<Buffer> inputs) {
        long start = System.nanoTime();
        run(inputs);
        long nanos = System.nanoTime() - start;
        return List.of(
                new Cost(
                        "reference",
                        "",
                        1,
                        nanos,
                        0,
                        graph.equations().stream().mapToLong(Work::flop).sum(),
                        0));
    }

    @Override
    public String describe() {
        return graph.equations().size() + " equations, each run as it stands";
    }

    @Override
    public Map<String, Long> counts() {
        return Map.of("equations", (long) graph.equations().size());
    }
}
