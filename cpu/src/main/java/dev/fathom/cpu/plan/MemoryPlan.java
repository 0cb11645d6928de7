package dev.fathom.cpu.plan;

import dev.fathom.core.tensor.DType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Assigns slots: two temporary values that are never alive at the same time may share one; a result
 * may take the place of an operand that is read for the last time; an output may take the memory of
 * a donated input.
 */
final class MemoryPlan {
    private final List<Instruction> instructions;
    private final List<Room> rooms = new ArrayList<>();
    private final Map<DType, List<Room>> free = new EnumMap<>(DType.class);
    private final Map<Storage, Room> roomOf = new IdentityHashMap<>();
    private int slots;

    private static final class Room {
        final int slot;
        final DType dtype;
        int capacity;

        Room(int slot, DType dtype, int capacity) {
            this.slot = slot;
            this.dtype = dtype;
            this.capacity = capacity;
        }
    }

    private MemoryPlan(List<Instruction> instructions) {
        this.instructions = instructions;
    }

    static Plan assign(
            Lowering lowering,
            List<Storage> inputs,
            boolean[] donated,
            Outputs outputs,
            List<Storage> constants) {
        var m = new MemoryPlan(lowering.instructions());
        m.lifetimes();
        inputs.forEach(s -> s.slot = m.slots++);
        constants.forEach(s -> s.slot = m.slots++);
        int[] taken = m.reuseDonated(inputs, donated, outputs);
        m.temporaries();
        return new Plan(
                List.copyOf(m.instructions),
                List.copyOf(lowering.levels()),
                inputs.stream().mapToInt(s -> s.slot).toArray(),
                outputs.storages().stream().mapToInt(s -> s.slot).toArray(),
                taken,
                List.copyOf(outputs.storages()),
                List.copyOf(constants),
                m.rooms.stream().map(r -> new Plan.Temporary(r.slot, r.dtype, r.capacity)).toList(),
                m.slots,
                Straight.of(m.instructions, m.slots));
    }

    private void lifetimes() {
        for (int i = 0; i < instructions.size(); i++) {
            for (var s : instructions.get(i).reads()) {
                s.lastUse = i;
            }
            for (var s : instructions.get(i).writes()) {
                s.lastUse = i;
                s.firstWrite = Math.min(s.firstWrite, i);
            }
        }
    }

    /** Pairs outputs with donated inputs that are no longer needed when the output is written. */
    private int[] reuseDonated(List<Storage> inputs, boolean[] donated, Outputs outputs) {
        var out = outputs.storages();
        int[] taken = outputs.passed().clone();
        var used = new boolean[inputs.size()];
        for (int k = 0; k < taken.length; k++) {
            if (taken[k] >= 0) {
                used[taken[k]] = true;
                out.get(k).slot = inputs.get(taken[k]).slot;
            }
        }
        var numbers = IntStream.range(0, donated.length).filter(i -> donated[i]).toArray();
        for (int pass = 0; pass < 2; pass++) { // first the donated one of the same number, then any
            for (int k = 0; k < taken.length; k++) {
                for (int i = 0; i < inputs.size() && taken[k] < 0; i++) {
                    boolean same = k < numbers.length && i == numbers[k];
                    if (donated[i]
                            && !used[i]
                            && (pass == 1 || same)
                            && fits(inputs.get(i), out.get(k))) {
                        taken[k] = i;
                        used[i] = true;
                        out.get(k).slot = inputs.get(i).slot;
                    }
                }
            }
        }
        for (var s : out) {
            if (s.slot < 0) {
                s.slot = slots++;
            }
        }
        return taken;
    }

    private boolean fits(Storage in, Storage out) {
        return in.dtype() == out.dtype() && in.length() == out.length() && follows(in, out);
    }

    /** Whether {@code out} is first written when {@code in} has been read for the last time. */
    private boolean follows(Storage in, Storage out) {
        return in.lastUse < out.firstWrite
                || (in.lastUse == out.firstWrite
                        && instructions.get(in.lastUse).allowsInPlace(in, out));
    }

    private void temporaries() {
        for (int i = 0; i < instructions.size(); i++) {
            var instruction = instructions.get(i);
            for (var s : instruction.reads()) {
                if (s.kind() == Storage.Kind.TEMPORARY && s.slot < 0) {
                    place(s, instruction); // without elements, so that nothing writes it
                }
            }
            for (var s : instruction.writes()) {
                if (s.kind() == Storage.Kind.TEMPORARY && s.slot < 0) {
                    place(s, instruction);
                }
            }
            Set<Storage> touched = new LinkedHashSet<>(instruction.reads());
            touched.addAll(instruction.writes());
            for (var s : touched) {
                var room = roomOf.get(s);
                if (s.lastUse == i && room != null) {
                    roomOf.remove(s);
                    if (!roomOf.containsValue(room)) {
                        free.computeIfAbsent(room.dtype, _ -> new ArrayList<>()).add(room);
                    }
                }
            }
        }
    }

    private void place(Storage s, Instruction instruction) {
        var room = inPlace(s, instruction);
        if (room == null) {
            room = best(s);
        }
        room.capacity = Math.max(room.capacity, s.length());
        s.slot = room.slot;
        roomOf.put(s, room);
    }

    private @Nullable Room inPlace(Storage s, Instruction instruction) {
        for (var in : instruction.reads()) {
            var room = roomOf.get(in);
            if (room != null
                    && room.dtype == s.dtype()
                    && in.length() == s.length()
                    && follows(in, s)
                    && sole(room)) {
                return room;
            }
        }
        return null;
    }

    private boolean sole(Room room) {
        return roomOf.values().stream().filter(r -> r == room).count() == 1;
    }

    /**
     * The smallest free room that is large enough, else the largest, which grows, else a new one.
     */
    private Room best(Storage s) {
        var candidates = free.getOrDefault(s.dtype(), List.of());
        Room found = null;
        for (var r : candidates) {
            boolean better =
                    found == null
                            || (r.capacity >= s.length()
                                    ? found.capacity < s.length() || r.capacity < found.capacity
                                    : found.capacity < s.length() && r.capacity > found.capacity);
            if (better) {
                found = r;
            }
        }
        if (found != null) {
            candidates.remove(found);
            return found;
        }
        var room = new Room(slots++, s.dtype(), s.length());
        rooms.add(room);
        return room;
    }
}
