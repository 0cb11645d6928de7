package dev.fathom.core.transform;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Control;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.List;

/**
 * The body of a loop's tangent program, its inputs sorted as {@link Control.Scan} wants them. A
 * residual that is a constant of the loop (a weight) is passed once; an input slice is passed as
 * the input it comes from; only what a step computes is stacked.
 *
 * @param body (constants, dC, dK, per step, dX) to (dK, dY)
 * @param constants residuals that are the same at every step
 * @param perStep residuals that differ from step to step
 */
record ScanTangents(Graph body, List<Split.Residual> constants, List<Split.Residual> perStep) {

    static ScanTangents of(
            Control.Scan scan, Split split, boolean[] wrtC, boolean[] wrtK, boolean[] wrtX) {
        return Derived.of(
                split.tangents(),
                List.of(
                        "scan",
                        scan.constants(),
                        scan.carry(),
                        split.residuals(),
                        Flags.list(wrtC)),
                () -> make(scan, split, wrtC, wrtK, wrtX));
    }

    private static ScanTangents make(
            Control.Scan scan, Split split, boolean[] wrtC, boolean[] wrtK, boolean[] wrtX) {
        var constants = new ArrayList<Split.Residual>();
        var perStep = new ArrayList<Split.Residual>();
        for (var r : split.residuals()) {
            boolean same =
                    switch (r) {
                        case Split.Residual.Input(int i) -> i < scan.constants();
                        case Split.Residual.Known _ -> true;
                        case Split.Residual.Computed _ -> false;
                    };
            (same ? constants : perStep).add(r);
        }
        int dc = count(wrtC);
        int dk = count(wrtK);
        int dx = count(wrtX);
        var linear = split.tangents().inputTypes(); // dC, dK, dX, residuals
        var residualTypes = linear.subList(dc + dk + dx, linear.size());
        var types = new ArrayList<TensorType>();
        split.residuals().stream()
                .filter(constants::contains)
                .forEach(r -> types.add(residualTypes.get(split.residuals().indexOf(r))));
        types.addAll(linear.subList(0, dc + dk));
        split.residuals().stream()
                .filter(perStep::contains)
                .forEach(r -> types.add(residualTypes.get(split.residuals().indexOf(r))));
        types.addAll(linear.subList(dc + dk, dc + dk + dx));
        var body =
                Recorder.record(
                                types,
                                v -> {
                                    int atD = constants.size();
                                    int atStep = atD + dc + dk;
                                    int atX = atStep + perStep.size();
                                    var order = new ArrayList<Tensor>(v.subList(atD, atStep));
                                    order.addAll(v.subList(atX, v.size()));
                                    for (var r : split.residuals()) {
                                        int fixed = constants.indexOf(r);
                                        order.add(
                                                fixed >= 0
                                                        ? v.get(fixed)
                                                        : v.get(atStep + perStep.indexOf(r)));
                                    }
                                    return split.tangents().evaluate(order);
                                })
                        .graph();
        return new ScanTangents(body, constants, perStep);
    }

    private static int count(boolean[] flags) {
        int n = 0;
        for (boolean f : flags) {
            n += f ? 1 : 0;
        }
        return n;
    }
}
