package dev.fathom.cpu.plan;

import dev.fathom.core.spi.Program.Cost;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adds up what the instructions of a run cost, by name, layer and the loops they stand in. */
final class Meter {
    private final Map<Key, Cost> costs = new LinkedHashMap<>();
    private String place = "";

    private record Key(String name, String layer) {}

    /** To be called before {@code i} runs; gives the place to return to. */
    String enter(Instruction i) {
        var outer = place;
        place = outer + i.name();
        costs.putIfAbsent(new Key(place, i.layer()), new Cost(place, i.layer(), 0, 0, 0, 0, 0));
        place += " > ";
        return outer;
    }

    /** To be called after {@code i} ran. */
    void leave(Instruction i, long nanos, long idle, String outer) {
        place = outer;
        var name = outer + i.name();
        costs.merge(
                new Key(name, i.layer()),
                new Cost(name, i.layer(), 1, nanos, idle, i.flop(), i.bytes()),
                Cost::plus);
    }

    /** What was measured, in the order of first runs. A loop's time contains that of its body. */
    List<Cost> costs() {
        return List.copyOf(costs.values());
    }
}
