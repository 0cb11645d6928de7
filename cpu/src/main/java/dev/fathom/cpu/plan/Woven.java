package dev.fathom.cpu.plan;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.plan.Region.Place;
import dev.fathom.cpu.plan.Region.Step;
import dev.fathom.cpu.simd.Chain;
import dev.fathom.cpu.simd.Chain.Input;
import dev.fathom.cpu.simd.Weaver;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Neighbouring steps of a region that one loop can do: values pass from one to the next in vector
 * registers instead of through the first-level cache. The loop is asked for after a few runs and
 * used when it is ready ({@link Weaver}); until then every step runs by itself.
 */
final class Woven {
    /** Runs of a region before its loop is asked for: a program that runs once needs none. */
    private static final int RUNS = 3;

    private static final int MOST_LINES = 48;

    /** After more operations than these, C2 inlines no method: see FloatMath. */
    private static final int BEFORE_CALL = 16;

    /**
     * A method has at most 255 parameters, and a loop two for each place; the JIT compiler gives up
     * on long ones before that.
     */
    private static final int MOST_PLACES = 40;

    /** The steps {@code from .. to-1}. */
    final int from;

    final int to;
    final Chain chain;
    final Place[] places;
    private int runs;
    private @Nullable Weaver<Chain.Loop> weaver;

    private Woven(int from, int to, Chain chain, List<Place> places) {
        this.from = from;
        this.to = to;
        this.chain = chain;
        this.places = places.toArray(Place[]::new);
    }

    /**
     * What can be woven of a region's steps, at the index of its first step.
     *
     * @param least steps that are worth it
     */
    static @Nullable Woven[] of(Step[] steps, DType[] registers, boolean[] numbers, int least) {
        var woven = new @Nullable Woven[steps.length];
        for (int from = 0; from < steps.length; ) {
            int to = end(steps, from);
            if (to - from >= least) {
                var w = of(steps, from, to, registers, numbers);
                while (w != null && w.places.length > MOST_PLACES) {
                    to = from + (to - from) / 2;
                    w = of(steps, from, to, registers, numbers);
                }
                woven[from] = w;
            }
            from = Math.max(to, from + 1);
        }
        return woven;
    }

    /** Where a loop has to end that begins at {@code from}. */
    private static int end(Step[] steps, int from) {
        int to = from;
        int operations = 0;
        while (to < steps.length && to - from < MOST_LINES) {
            var op = steps[to].op();
            if (op == null || (op.isCall() && operations > BEFORE_CALL)) {
                break;
            }
            operations += op.operations();
            to++;
        }
        return to;
    }

    private static @Nullable Woven of(
            Step[] steps, int from, int to, DType[] registers, boolean[] numbers) {
        var places = new ArrayList<Place>();
        var inputs = new ArrayList<Input>();
        Map<Place, Integer> read = new HashMap<>();
        Map<Place, Integer> written = new HashMap<>();
        for (int i = from; i < to; i++) {
            for (var p : steps[i].operands()) {
                if (!written.containsKey(p) && !read.containsKey(p)) {
                    read.put(p, places.size());
                    places.add(p);
                    inputs.add(input(p, registers, numbers));
                }
            }
            written.put(steps[i].result(), i);
        }
        var lines = new ArrayList<Chain.Line>();
        Map<Place, Integer> values = new HashMap<>(read);
        for (int i = from; i < to; i++) {
            var operands = steps[i].operands().stream().map(values::get).toList();
            lines.add(new Chain.Line(steps[i].op(), operands));
            values.put(steps[i].result(), inputs.size() + i - from);
        }
        var outputs = new ArrayList<Integer>();
        boolean truths = inputs.contains(Input.TRUTHS);
        for (int i = from; i < to; i++) {
            var p = steps[i].result();
            if (written.get(p) == i && (!steps[i].totals().isEmpty() || readAfter(steps, p, to))) {
                outputs.add(inputs.size() + i - from);
                places.add(p);
                truths |= steps[i].op().decides();
            }
        }
        return truths && !Chain.truthsInMemory()
                ? null
                : new Woven(from, to, new Chain(inputs, lines, outputs), places);
    }

    private static Input input(Place p, DType[] registers, boolean[] numbers) {
        return switch (p) {
            case Place.Register(int r) when registers[r] == DType.BOOL -> Input.TRUTHS;
            case Place.Register(int r) when registers[r] == DType.BFLOAT16 -> Input.KEPT;
            case Place.Register(int r) -> numbers[r] ? Input.FLOAT : Input.FLOATS;
            case Place.InMemory(Storage s, int _) ->
                    s.dtype() == DType.BOOL
                            ? Input.TRUTHS
                            : s.dtype() == DType.BFLOAT16 ? Input.KEPT : Input.FLOATS;
            case Place.Part _ -> Input.FLOATS; // of products, and in a chain
        };
    }

    private static boolean readAfter(Step[] steps, Place p, int from) {
        if (p instanceof Place.InMemory) {
            return true;
        }
        for (int i = from; i < steps.length; i++) {
            if (steps[i].operands().contains(p)) {
                return true;
            }
            if (steps[i].result().equals(p)) {
                return false;
            }
        }
        return false;
    }

    /** Once for every run of the region; asks for the loop when it seems to be worth it. */
    void begin() {
        if (weaver == null && ++runs > RUNS) {
            weaver = Weaver.of(chain);
        }
    }

    /** Does the steps on a tile, if the loop is ready. */
    boolean run(Frame frame, Frame.Tile tile, int start, int n) {
        var w = weaver;
        var loop = w == null || n % Chain.LANES != 0 ? null : w.made();
        if (loop == null) {
            return false;
        }
        var arrays = tile.arrays(places.length);
        var at = tile.offsets;
        for (int k = 0; k < places.length; k++) {
            switch (places[k]) {
                case Place.Register(int r) -> {
                    arrays[k] = tile.current[r];
                    at[k] = k < chain.inputs().size() ? tile.starts[r] : 0;
                }
                case Place.InMemory(Storage m, int offset) -> {
                    arrays[k] = frame.arrays[m.slot];
                    at[k] = frame.offsets[m.slot] + offset + start;
                }
                case Place.Part _ -> {
                    arrays[k] = tile.part;
                    at[k] = start - tile.partStart;
                }
            }
        }
        loop.run(arrays, at, n);
        return true;
    }

    /** What a loop can do of an operation on operands of this type; null if it cannot. */
    static Chain.@Nullable Op op(Elementwise op, DType dtype) {
        boolean real = dtype == DType.FLOAT32;
        boolean truth = dtype == DType.BOOL;
        return switch (op) {
            case Elementwise.Add _ when real -> Chain.Op.ADD;
            case Elementwise.Sub _ when real -> Chain.Op.SUB;
            case Elementwise.Mul _ when real -> Chain.Op.MUL;
            case Elementwise.Div _ when real -> Chain.Op.DIV;
            case Elementwise.Max _ when real -> Chain.Op.MAX;
            case Elementwise.Min _ when real -> Chain.Op.MIN;
            case Elementwise.Neg _ when real -> Chain.Op.NEG;
            case Elementwise.Abs _ when real -> Chain.Op.ABS;
            case Elementwise.Sqrt _ when real -> Chain.Op.SQRT;
            case Elementwise.Rsqrt _ when real -> Chain.Op.RSQRT;
            case Elementwise.Exp _ when real -> Chain.Op.EXP;
            case Elementwise.Tanh _ when real -> Chain.Op.TANH;
            case Elementwise.Logistic _ when real -> Chain.Op.LOGISTIC;
            case Elementwise.Erf _ when real -> Chain.Op.ERF;
            case Elementwise.Select _ when real -> Chain.Op.SELECT;
            case Elementwise.And _ when truth -> Chain.Op.AND;
            case Elementwise.Or _ when truth -> Chain.Op.OR;
            case Elementwise.Not _ when truth -> Chain.Op.NOT;
            case Elementwise.Compare c when real ->
                    switch (c.order()) {
                        case EQUAL -> Chain.Op.EQ;
                        case NOT_EQUAL -> Chain.Op.NE;
                        case LESS -> Chain.Op.LT;
                        case LESS_EQUAL -> Chain.Op.LE;
                        case GREATER -> Chain.Op.GT;
                        case GREATER_EQUAL -> Chain.Op.GE;
                    };
            case Elementwise.Cast c when real && c.to() == DType.BFLOAT16 -> Chain.Op.KEEP;
            case Elementwise.Cast c when dtype == DType.BFLOAT16 && c.to() == DType.FLOAT32 ->
                    Chain.Op.WIDEN;
            case Elementwise _ -> null;
        };
    }
}
