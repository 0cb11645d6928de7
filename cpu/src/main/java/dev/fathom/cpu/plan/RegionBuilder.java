package dev.fathom.cpu.plan;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.plan.Region.Place;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Builds a fused region from the elementwise operations of one level and length. */
final class RegionBuilder {
    private final Lowering to;
    private final Planner.Needed needed;
    private final Map<Storage, Place> results = new IdentityHashMap<>();
    private final Map<View, Integer> loaded = new HashMap<>();
    private final List<Region.Load> loads = new ArrayList<>();
    private final List<DType> registers = new ArrayList<>();
    private final Map<DType, ArrayDeque<Integer>> free = new EnumMap<>(DType.class);
    private final Map<Storage, Integer> lastUse = new IdentityHashMap<>();

    /** Results that are reduced as well: their registers keep them to the end of the tile. */
    private final Set<Storage> summed = new HashSet<>();

    private final Set<Storage> reads = new LinkedHashSet<>();
    private final Set<Storage> writes = new LinkedHashSet<>();

    private RegionBuilder(Lowering to, Planner.Needed needed) {
        this.to = to;
        this.needed = needed;
    }

    static void build(Lowering to, int length, List<Planner.Node> group, Planner.Needed needed) {
        var b = new RegionBuilder(to, needed);
        int unit = unit(group);
        for (int i = 0; i < group.size(); i++) {
            for (var a : group.get(i).equation.operands()) {
                b.lastUse.put(to.view(a).storage(), i);
            }
        }
        group.stream()
                .filter(n -> !n.totals.isEmpty())
                .forEach(n -> b.summed.add(to.view(n.equation.results().getFirst()).storage()));
        var steps = new ArrayList<Region.Step>();
        for (int i = 0; i < group.size(); i++) {
            steps.add(b.step(group.get(i), i));
        }
        int tile = Region.tile(b.registers.size(), unit);
        var summed = new ArrayList<Region.Summed>();
        for (var n : group) {
            for (var t : n.ofOperands) {
                var place = b.place(to.view(t.equation().operands().getFirst()));
                summed.add(new Region.Summed(place, b.total(t, (length + tile - 1) / tile)));
            }
        }
        for (int i = 0; i < group.size(); i++) {
            var totals = b.totals(group.get(i), (length + tile - 1) / tile);
            steps.set(i, steps.get(i).with(totals));
        }
        to.add(
                new Region(
                        layer(group),
                        length,
                        tile,
                        b.loads,
                        summed,
                        steps,
                        b.registers,
                        List.copyOf(b.reads),
                        List.copyOf(b.writes)));
    }

    /** The layers that all operations have in common. */
    private static String layer(List<Planner.Node> group) {
        var common = group.getFirst().equation.layer();
        for (var n : group) {
            while (!(n.equation.layer() + " > ").startsWith(common + " > ")) {
                common = common.substring(0, Math.max(0, common.lastIndexOf(" > ")));
                if (common.isEmpty()) {
                    return "";
                }
            }
        }
        return common;
    }

    /** The longest run or row of the totals; all others divide it. */
    private static int unit(List<Planner.Node> group) {
        return group.stream()
                .flatMap(n -> Stream.concat(n.totals.stream(), n.ofOperands.stream()))
                .mapToInt(t -> t.form().each())
                .max()
                .orElse(1);
    }

    private List<Total> totals(Planner.Node node, int tiles) {
        return node.totals.stream().map(t -> total(t, tiles)).toList();
    }

    private Total total(Planner.Absorbed t, int tiles) {
        var result = to.view(t.equation().results().getFirst());
        var total = Total.of(t.op(), t.form(), result, tiles);
        writes.add(total.result());
        writes.add(total.partial());
        return total;
    }

    private Region.Step step(Planner.Node node, int index) {
        var e = node.equation;
        var op = (Elementwise) e.op();
        var places = e.operands().stream().map(a -> place(to.view(a))).toList();
        for (var a :
                e.operands()) { // registers that are read for the last time can take the result
            var s = to.view(a).storage();
            if (lastUse.get(s) == index
                    && !summed.contains(s)
                    && results.remove(s) instanceof Place.Register(int r)) {
                free.computeIfAbsent(registers.get(r), _ -> new ArrayDeque<>()).push(r);
            }
        }
        var storage = to.view(e.results().getFirst()).storage();
        Place place;
        if (needed.inMemory(storage)) {
            place = new Place.InMemory(storage, 0);
            writes.add(storage);
        } else {
            place = new Place.Register(register(storage.dtype()));
        }
        results.put(storage, place);
        var operandType = e.operands().get(op instanceof Elementwise.Select ? 1 : 0).type().dtype();
        return new Region.Step(
                ElementKernels.of(op, operandType),
                Woven.op(op, operandType),
                op.name(),
                places,
                place,
                List.of());
    }

    private Place place(View v) {
        var own = results.get(v.storage());
        if (own != null) {
            return own;
        }
        if (!writes.contains(v.storage())) {
            reads.add(v.storage());
        }
        if (v.isContiguous()) {
            return new Place.InMemory(v.storage(), v.offset());
        }
        return new Place.Register(
                loaded.computeIfAbsent(
                        v,
                        _ -> {
                            registers.add(v.type().dtype()); // not reused: loaded once per task
                            int r = registers.size() - 1;
                            loads.add(new Region.Load(v, r));
                            return r;
                        }));
    }

    private int register(DType dtype) {
        var known = free.get(dtype);
        if (known != null && !known.isEmpty()) {
            return known.pop();
        }
        registers.add(dtype);
        return registers.size() - 1;
    }
}
