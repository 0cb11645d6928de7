package dev.fathom.bench.workload;

import dev.fathom.bench.measure.Protocol;
import dev.fathom.bench.measure.Steps;
import dev.fathom.bench.measure.Unit;
import dev.fathom.bench.measure.Unit.Figure;
import dev.fathom.core.tensor.Tensor;

import java.util.Map;

/**
 * Another workload, of which something else than its speed is looked at.
 *
 * @param fixed the protocol that is always followed, if there is one
 */
record Derived(String name, String title, Workload of, Figure figure, String fixed)
        implements Workload {
    private static final String SMALL = "-small";

    /** A cold process to its first step. */
    static Derived start(String name, Workload of) {
        return new Derived(
                name, "start to first step of: " + of.title(), of, Figure.FIRST_STEP, "");
    }

    /** What a process needs besides what an empty one of the same framework does. */
    static Derived memory(String name, Workload of) {
        return memory(name, of, Protocol.MEMORY);
    }

    private static Derived memory(String name, Workload of, String protocol) {
        int steps = Protocol.of(protocol).checked();
        var title = "memory after " + steps + " steps of: " + of.title();
        return new Derived(name, title, of, Figure.MEMORY, protocol);
    }

    @Override
    public Workload small() {
        return figure == Figure.MEMORY && !name.endsWith(SMALL)
                ? memory(name + SMALL, of, Protocol.MEMORY_SMALL)
                : this;
    }

    @Override
    public double flop() {
        return of.flop();
    }

    @Override
    public Map<String, Tensor> problem() {
        return of.problem();
    }

    @Override
    public Steps steps(Map<String, Tensor> problem) {
        return of.steps(problem);
    }

    @Override
    public Unit unit() {
        return Unit.of(figure);
    }

    @Override
    public String protocol(String asked) {
        if (fixed.isEmpty()) {
            return asked.equals("quick") ? asked + Protocol.LONG : asked;
        }
        return fixed;
    }

    @Override
    public String ofPeers() {
        return of.ofPeers();
    }

    @Override
    public boolean cached() {
        return figure == Figure.FIRST_STEP;
    }
}
