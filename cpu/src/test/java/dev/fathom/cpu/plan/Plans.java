package dev.fathom.cpu.plan;

import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.cpu.workers.Workers;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Plans that are run without a backend. */
final class Plans {
    private Plans() {}

    /** The arrays that a plan returns when {@code how} has run it. */
    static List<Object> run(Plan plan, List<Tensor> inputs, Workers workers, Consumer<Frame> how) {
        var frame = plan.frame(workers);
        for (int i = 0; i < inputs.size(); i++) {
            frame.bind(plan.inputs()[i], ((Array) inputs.get(i)).buffer().host(), 0);
        }
        var results = new ArrayList<>();
        for (int k = 0; k < plan.outputs().length; k++) {
            var s = plan.outputStorages().get(k);
            results.add(HostBuffer.allocate(s.dtype(), s.length()).array());
            frame.bind(plan.outputs()[k], results.getLast(), 0);
        }
        how.accept(frame);
        return results;
    }
}
