package dev.fathom.bench.workload;

import dev.fathom.bench.measure.Protocol;
import dev.fathom.bench.measure.Steps;
import dev.fathom.core.tensor.Tensor;

import java.util.Map;

/** What a framework takes to be there at all: it adds up eight numbers. */
record Empty() implements Workload {
    /** Every side knows it by this name. */
    static final String NAME = "empty";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String title() {
        return "an empty process";
    }

    @Override
    public double flop() {
        return 8;
    }

    @Override
    public Map<String, Tensor> problem() {
        return Map.of("x", Tensor.ones(8));
    }

    @Override
    public String protocol(String asked) {
        return Protocol.ONCE;
    }

    @Override
    public Steps steps(Map<String, Tensor> problem) {
        var x = problem.get("x");
        return new Steps() {
            private Tensor sum = x;

            @Override
            public void step(long i) {
                sum = x.sum();
            }

            @Override
            public double value() {
                return sum.item();
            }
        };
    }
}
