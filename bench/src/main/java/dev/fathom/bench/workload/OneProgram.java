package dev.fathom.bench.workload;

import dev.fathom.core.tensor.Tensor;

import java.util.Map;

/** A workload of which a step is one compiled program, so that it can be profiled. */
public interface OneProgram extends Workload {
    @Override
    Compiled steps(Map<String, Tensor> problem);
}
