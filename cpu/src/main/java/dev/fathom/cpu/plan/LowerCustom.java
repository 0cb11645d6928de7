package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Equation;
import dev.fathom.core.op.Custom;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;

import java.util.ArrayList;
import java.util.List;

/** A user's operation: its operands are handed over as tensors of their own. */
final class LowerCustom {
    private LowerCustom() {}

    static void lower(Lowering to, Equation e, Custom op) {
        var in = new ArrayList<View>();
        var out = new ArrayList<View>();
        for (int i = 0; i < e.operands().size(); i++) {
            in.add(to.contiguous(e, i));
        }
        for (int k = 0; k < e.results().size(); k++) {
            out.add(to.result(e, k));
        }
        to.kernel(
                op.name(),
                in,
                out,
                f -> {
                    List<Array> operands = new ArrayList<>();
                    for (var v : in) {
                        var copy = Memory.allocate(v.type().dtype(), v.length());
                        System.arraycopy(
                                Lowering.array(f, v), Lowering.at(f, v), copy, 0, v.length());
                        operands.add(Array.of(v.type(), new HostBuffer(copy)));
                    }
                    var results = op.op().evaluate(operands);
                    for (int k = 0; k < out.size(); k++) {
                        var y = out.get(k);
                        var host = results.get(k).buffer().host();
                        System.arraycopy(
                                host, 0, Lowering.array(f, y), Lowering.at(f, y), y.length());
                    }
                });
    }
}
