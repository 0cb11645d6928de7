package dev.fathom.cpu.plan;

import dev.fathom.core.error.FathomException;
import dev.fathom.core.graph.Work;
import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.simd.Chain;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Elementwise operations over the same number of elements, fused: the elements are cut into tiles
 * that fit the first-level cache, and all operations run on one tile before the next is begun.
 * Values that nobody else needs live in registers (arrays of a tile's length) only. Tiles are
 * spread over the workers; no element depends on where a tile begins. Reductions of a value may be
 * done on its tiles as well ({@link Total}).
 */
final class Region implements Instruction {
    /** Below so many elements, and so much work, handing tiles over costs more than it saves. */
    private static final int SERIAL = 1 << 14;

    private static final long SERIAL_WORK = 1 << 17;

    /** From here on a task is four tiles. */
    private static final int MANY = 1 << 16;

    private static final int LONGEST = 4096;

    /** Shorter regions are not woven into loops. */
    private static final int SHORTEST_WOVEN = 1024;

    /** Where an operand or result of one operation is. */
    sealed interface Place {
        /** The array that holds it. */
        Object array(Frame frame, Frame.Tile tile);

        /** Where in the array the elements from {@code start} on begin. */
        int at(Frame frame, Frame.Tile tile, int start);

        /** Whether it is all of this memory, element by element. */
        default boolean isOf(Storage s) {
            return this instanceof InMemory(Storage m, int offset) && m == s && offset == 0;
        }

        /** Tile register {@code index}. */
        record Register(int index) implements Place {
            @Override
            public Object array(Frame frame, Frame.Tile tile) {
                return tile.current[index];
            }

            @Override
            public int at(Frame frame, Frame.Tile tile, int start) {
                return tile.starts[index];
            }
        }

        /** Element {@code offset} + position of a storage. */
        record InMemory(Storage storage, int offset) implements Place {
            @Override
            public Object array(Frame frame, Frame.Tile tile) {
                return frame.arrays[storage.slot];
            }

            @Override
            public int at(Frame frame, Frame.Tile tile, int start) {
                return frame.offsets[storage.slot] + offset + start;
            }
        }

        /** Element by element what has been handed over ({@link #take}), of this dtype. */
        record Part(DType dtype) implements Place {
            @Override
            public Object array(Frame frame, Frame.Tile tile) {
                return tile.part;
            }

            @Override
            public int at(Frame frame, Frame.Tile tile, int start) {
                return start - tile.partStart;
            }
        }
    }

    /** One operation on tiles. */
    record Step(
            ElementKernels.Kernel kernel,
            Chain.@Nullable Op op,
            String name,
            List<Place> operands,
            Place result,
            List<Total> totals) {
        /** The same on other operands. */
        Step on(List<Place> places) {
            return new Step(kernel, op, name, places, result, totals);
        }

        /** The same with reductions of its result. */
        Step with(List<Total> reductions) {
            return new Step(kernel, op, name, operands, result, reductions);
        }
    }

    /** A reduction of what is read element by element from memory. */
    record Summed(Place place, Total total) {}

    /** Fills a register from a view that is not simply contiguous. */
    record Load(View view, int register) {}

    private final String layer;
    private final long work;
    private final int length;
    private final int tile;

    /** Of a region that takes parts: so many tiles of a part, at most. */
    private final int tilesOfPart;

    /** All tiles, each of which has partial results of totals. */
    private final int tiles;

    private final Load[] splats;

    /** Whether loops read the first elements of {@link #splats} only, as they do for floats. */
    private final boolean readOnce;

    private final Load[] periodic;
    private final Load[] loads;
    private final int[] periods;
    private final Summed[] summed;
    private final Step[] steps;
    private final Place[][] operands;
    private final Total[][] totals;
    private final @Nullable Woven[] woven;
    private final DType[] registers;
    private final int[] numbers;
    private final List<Storage> reads;
    private final List<Storage> writes;

    Region(
            String layer,
            int length,
            int tile,
            List<Load> loads,
            List<Summed> summed,
            List<Step> steps,
            List<DType> registers,
            List<Storage> reads,
            List<Storage> writes) {
        this(
                layer,
                length,
                tile,
                0,
                (length + tile - 1) / tile,
                loads,
                summed,
                steps,
                registers,
                reads,
                writes);
    }

    private Region(
            String layer,
            int length,
            int tile,
            int tilesOfPart,
            int tiles,
            List<Load> loads,
            List<Summed> summed,
            List<Step> steps,
            List<DType> registers,
            List<Storage> reads,
            List<Storage> writes) {
        this.layer = layer;
        this.work = length * steps.stream().mapToLong(s -> Work.weight(s.name())).sum();
        this.length = length;
        this.tile = tile;
        this.tilesOfPart = tilesOfPart;
        this.tiles = tiles;
        this.splats = loads.stream().filter(l -> l.view().isScalar()).toArray(Load[]::new);
        this.readOnce =
                Arrays.stream(splats).allMatch(s -> s.view().type().dtype() == DType.FLOAT32);
        this.periodic = loads.stream().filter(Region::isPeriodic).toArray(Load[]::new);
        this.loads =
                loads.stream()
                        .filter(l -> !l.view().isScalar() && !isPeriodic(l))
                        .toArray(Load[]::new);
        this.periods = Arrays.stream(periodic).mapToInt(l -> l.view().period()).toArray();
        this.summed = summed.toArray(Summed[]::new);
        this.steps = steps.toArray(Step[]::new);
        this.operands =
                steps.stream().map(s -> s.operands().toArray(Place[]::new)).toArray(Place[][]::new);
        this.totals =
                steps.stream().map(s -> s.totals().toArray(Total[]::new)).toArray(Total[][]::new);
        this.registers = registers.toArray(DType[]::new);
        this.numbers = new int[registers.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Collections.frequency(registers.subList(0, i), registers.get(i));
        }
        var scalars = new boolean[registers.size()];
        for (var s : splats) {
            scalars[s.register()] = true;
        }
        this.woven =
                length < SHORTEST_WOVEN
                        ? new @Nullable Woven[steps.size()]
                        : Woven.of(this.steps, this.registers, scalars, 2);
        this.reads = reads;
        this.writes = writes;
    }

    /** Whether it is one tile, so that its totals are not combined from parts. */
    boolean isOneTile() {
        return length <= tile;
    }

    int length() {
        return length;
    }

    Summed[] summed() {
        return summed;
    }

    Step[] steps() {
        return steps;
    }

    DType[] registers() {
        return registers;
    }

    /** How many registers of the same dtype come before register {@code r}. */
    int number(int r) {
        return numbers[r];
    }

    /** The views that are read into registers. */
    List<Load> loads() {
        return Stream.of(splats, periodic, loads).flatMap(Arrays::stream).toList();
    }

    /**
     * The elements of a tile: few enough for the first-level cache, and whole runs and rows of all
     * totals, which is possible if one of their lengths is a multiple of all others.
     */
    static int tile(int registers, int unit) {
        int most = registers <= 10 ? 4096 : registers <= 20 ? 2048 : 1024;
        return most / unit * unit;
    }

    /** Whether it repeats so quickly that it is loaded once for all tiles of a task. */
    private static boolean isPeriodic(Load l) {
        return !l.view().isScalar() && l.view().period() > 0 && l.view().period() <= LONGEST;
    }

    @Override
    public void run(Frame frame) {
        try {
            tiles(frame);
        } catch (ArithmeticException e) {
            throw divisionByZero(e);
        }
    }

    FathomException divisionByZero(ArithmeticException e) {
        return new FathomException(
                FathomException.located(
                        "integer division by zero in " + name() + "; guard the divisor with where"),
                e);
    }

    /**
     * Runs elements {@code from} to {@code to} of a region that takes parts.
     *
     * @param run the number of the run ({@link Frame#runs}), the same for all parts
     * @param rows what was handed over of them, from element 0 on
     * @param part its number
     */
    void take(Frame frame, long run, Object rows, int part, int from, int to, int worker) {
        var t = frame.tile(worker);
        t.part = rows;
        t.partStart = from;
        if (t.filledFor != run) {
            fill(frame, t, Math.min(tile, length));
            t.filledFor = run;
        }
        int done = part * tilesOfPart;
        tiles(frame, t, from, to, done);
        for (int empty = done + (to - from + tile - 1) / tile;
                empty < done + tilesOfPart;
                empty++) {
            summed(frame, t, from, 0, empty);
            for (int s = 0; s < steps.length; s++) {
                totals(s, frame, t, from, 0, empty);
            }
        }
        t.release();
    }

    /** The same region, which does not read a result from memory but is handed rows of it. */
    Region takingParts(Instruction.Rows rows) {
        var s = rows.result().storage();
        var part = new Place.Part(s.dtype());
        int each = (rows.most() + tile - 1) / tile;
        int count = rows.parts() * each;
        UnaryOperator<Place> place = p -> p.isOf(s) ? part : p;
        var given = new ArrayList<Summed>();
        for (var x : summed) {
            given.add(new Summed(place.apply(x.place()), x.total().over(count)));
        }
        var taking = new ArrayList<Step>();
        for (var x : steps) {
            taking.add(
                    x.on(x.operands().stream().map(place).toList())
                            .with(x.totals().stream().map(t -> t.over(count)).toList()));
        }
        var written = new ArrayList<>(writes);
        totals().forEach(t -> written.remove(t.partial()));
        var sums = taking.stream().flatMap(x -> x.totals().stream());
        Stream.concat(given.stream().map(Summed::total), sums)
                .forEach(t -> written.add(t.partial()));
        return new Region(
                layer,
                length,
                tile,
                each,
                count,
                loads(),
                given,
                taking,
                List.of(registers),
                reads.stream().filter(r -> r != s).toList(),
                written.stream().distinct().toList());
    }

    /** Whether rows of so many elements hold whole runs, or whole rows, of all totals. */
    boolean sumsWithin(int row) {
        return totals().allMatch(t -> row % t.each() == 0);
    }

    private Stream<Total> totals() {
        return Stream.concat(
                Arrays.stream(summed).map(Summed::total),
                Arrays.stream(totals).flatMap(Arrays::stream));
    }

    /** Combines the partial results of totals. */
    void finish(Frame frame) {
        for (var s : summed) {
            s.total().finish(frame, tiles);
        }
        for (var ofStep : totals) {
            for (var t : ofStep) {
                t.finish(frame, tiles);
            }
        }
    }

    /** To be called once for every run: asks for loops when they seem to be worth it. */
    void begin() {
        for (var w : woven) {
            if (w != null) {
                w.begin();
            }
        }
    }

    private void tiles(Frame frame) {
        begin();
        if (length <= SERIAL && work <= SERIAL_WORK) {
            run(frame, 0, length, 0);
        } else {
            int grain = length >= MANY ? 4 * tile : tile;
            int tasks = (length + grain - 1) / grain;
            frame.workers.run(
                    tasks,
                    (index, slot) ->
                            run(frame, index * grain, Math.min(length, (index + 1) * grain), slot));
        }
        finish(frame);
    }

    private void run(Frame frame, int from, int to, int worker) {
        var t = frame.tile(worker);
        fill(frame, t, Math.min(tile, to - from));
        tiles(frame, t, from, to, from / tile);
        t.release();
    }

    /** Gets ready for tiles of {@code room} elements at most. */
    private void fill(Frame frame, Frame.Tile t, int room) {
        t.prepare(registers, numbers, 2 * LONGEST); // a tile, and a period that begins anywhere
        t.filledFor = 0;
        t.room = room;
        t.spread = readOnce ? Math.min(1, room) : room;
        spread(frame, t, t.spread);
        for (int i = 0; i < periods.length; i++) {
            var l = periodic[i];
            repeat(l.view(), frame, periods[i], t.current[l.register()], periods[i] + room);
        }
    }

    /**
     * Runs some tiles.
     *
     * @param number of the first of them
     */
    private void tiles(Frame frame, Frame.Tile t, int from, int to, int number) {
        for (int start = from; start < to; start += tile) {
            int n = Math.min(tile, to - start);
            int here = number + (start - from) / tile;
            for (int i = 0; i < periods.length; i++) {
                t.starts[periodic[i].register()] = start % periods[i];
            }
            for (var load : loads) {
                TileLoad.run(load.view(), frame, start, t.current[load.register()], n);
            }
            summed(frame, t, start, n, here);
            for (int i = 0; i < steps.length; ) {
                var w = woven[i];
                int next = w == null ? i + 1 : w.to;
                if (w == null || !w.run(frame, t, start, n)) {
                    if (t.spread < t.room) {
                        t.spread = t.room;
                        spread(frame, t, t.spread);
                    }
                    for (int k = i; k < next; k++) {
                        step(k, frame, t, start, n);
                    }
                }
                for (; i < next; i++) {
                    totals(i, frame, t, start, n, here);
                }
            }
        }
    }

    /** Fills the first {@code n} elements of the registers of numbers. */
    private void spread(Frame frame, Frame.Tile t, int n) {
        for (var s : splats) {
            var v = s.view();
            int slot = v.storage().slot;
            Memory.splat(
                    frame.arrays[slot],
                    frame.offsets[slot] + v.offset(),
                    t.current[s.register()],
                    0,
                    n);
        }
    }

    private void step(int s, Frame frame, Frame.Tile t, int start, int n) {
        var places = operands[s];
        for (int i = 0; i < places.length; i++) {
            t.x[i] = places[i].array(frame, t);
            t.at[i] = places[i].at(frame, t, start);
        }
        var result = steps[s].result();
        steps[s].kernel().run(t.x, t.at, result.array(frame, t), result.at(frame, t, start), n);
    }

    /** Before a step may write where they are read from. */
    private void summed(Frame frame, Frame.Tile t, int start, int n, int number) {
        for (var s : summed) {
            var of = s.place();
            s.total().take(frame, of.array(frame, t), of.at(frame, t, start), n, start, number);
        }
    }

    private void totals(int s, Frame frame, Frame.Tile t, int start, int n, int number) {
        var result = steps[s].result();
        for (var total : totals[s]) {
            total.take(frame, result.array(frame, t), result.at(frame, t, start), n, start, number);
        }
    }

    /** Fills a register with a view's period, over and over. */
    private static void repeat(View view, Frame frame, int period, Object register, int n) {
        TileLoad.run(view, frame, 0, register, period);
        for (int done = period; done < n; done *= 2) {
            System.arraycopy(register, 0, register, done, Math.min(done, n - done));
        }
    }

    /** In place if the input is read element for element, and never after the output is written. */
    @Override
    public boolean allowsInPlace(Storage in, Storage out) {
        for (var l : splats) {
            if (l.view().storage() == in) {
                return false;
            }
        }
        for (var l : loads) {
            if (l.view().storage() == in) {
                return false;
            }
        }
        for (var l : periodic) {
            if (l.view().storage() == in) {
                return false;
            }
        }
        if (totals().anyMatch(t -> t.result() == out || t.partial() == out)) {
            return false;
        }
        int written = -1;
        for (int i = 0; i < steps.length; i++) {
            if (steps[i].result() instanceof Place.InMemory(Storage m, int _) && m == out) {
                written = i;
            }
            for (var p : steps[i].operands()) {
                if (p instanceof Place.InMemory(Storage m, int offset)
                        && m == in
                        && (offset != 0 || (written >= 0 && written < i))) {
                    return false;
                }
            }
        }
        return in.length() == out.length();
    }

    @Override
    public long flop() {
        return length * (steps.length + totals().count());
    }

    @Override
    public String layer() {
        return layer;
    }

    @Override
    public String name() {
        var text = new StringBuilder("fused(" + length + ":");
        for (var s : summed) {
            text.append(' ').append(s.total().name());
        }
        for (var s : steps) {
            text.append(' ').append(s.name());
            s.totals().forEach(t -> text.append(' ').append(t.name()));
        }
        return text.append(')').toString();
    }

    @Override
    public List<Storage> reads() {
        return reads;
    }

    @Override
    public List<Storage> writes() {
        return writes;
    }
}
