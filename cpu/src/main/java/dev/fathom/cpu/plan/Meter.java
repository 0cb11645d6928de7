package dev.fathom.cpu.plan;

import dev.fathom.core.spi.Program.Cost;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adds up what the instructions of a run cost, by name and by the loops they stand in. */
final class Meter {
    private final Map<String, Cost> costs = new LinkedHashMap<>();
    private String place = "";

    /** To be called before {@code i} runs; gives the place to return to. */
    String enter(Instruction i) {
        var outer = place;
        place = outer + i.name();
        costs.putIfAbsent(place, new Cost(place, 0, 0, 0, 0));
        place += " > ";
        return outer;
    }

    /** To be called after {@code i} ran. */
    void leave(Instruction i, long nanos, String outer) {
        place = outer;
        costs.merge(
                outer + i.name(),
                new Cost("", 1, nanos, i.flop(), i.bytes()),
                (a, b) ->
                        new Cost(
                                a.name(),
                                a.calls() + b.calls(),
                                a.nanos() + b.nanos(),
                                a.flop() + b.flop(),
                                a.bytes() + b.bytes()));
    }

    /** What was measured, in the order of first runs. A loop's time contains that of its body. */
    List<Cost> costs() {
        return List.copyOf(costs.values());
    }
}
