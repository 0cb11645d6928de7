package dev.fathom.testkit.conformance;

import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.Tracer;

import java.util.ArrayList;
import java.util.List;

/** Batches put together by copying memory, so that no operation under test takes part. */
final class Stacks {
    private Stacks() {}

    /** Lists of tensors, position by position along a new first axis. */
    static List<Tensor> stack(List<List<Tensor>> rows) {
        var r = new ArrayList<Tensor>();
        for (int i = 0; i < rows.getFirst().size(); i++) {
            int at = i;
            r.add(join(rows.stream().map(row -> row.get(at)).toList()));
        }
        return r;
    }

    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the dtype's element type
    private static Tensor join(List<Tensor> rows) {
        var type = rows.getFirst().type();
        int n = type.shape().length();
        var memory = HostBuffer.allocate(type.dtype(), n * rows.size());
        for (int b = 0; b < rows.size(); b++) {
            System.arraycopy(host(rows.get(b)), 0, memory.array(), b * n, n);
        }
        return Array.of(type.batched(rows.size()), memory);
    }

    private static Object host(Tensor t) {
        return switch (t) {
            case Array a -> a.buffer().host();
            case Tracer s -> s.concrete().buffer().host();
        };
    }
}
