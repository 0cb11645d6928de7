package dev.fathom.cpu.plan;

import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.plan.Region.Place;
import dev.fathom.cpu.simd.Chain;
import dev.fathom.cpu.simd.Script;
import dev.fathom.cpu.simd.Script.Kernel;
import dev.fathom.cpu.simd.Script.Statement;
import dev.fathom.cpu.simd.Weaver;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A plan of small arrays as straight code: finding out what to do costs more than doing it where an
 * instruction takes some nanoseconds. The code is asked for after a number of runs and used when it
 * is ready ({@link Weaver}); until then every instruction runs by itself, with the same bits.
 * Instructions that cannot be written down stay what they are, and the code calls them.
 */
final class Straight {
    /** Runs of a plan before its code is asked for. */
    private static final int RUNS = 100;

    /** Elements of the largest array; what is larger is shared among threads. */
    private static final int MOST = 1 << 12;

    /** Multiplications of the largest product. */
    private static final long MOST_WORK = 1 << 16;

    private final Script script;
    private final List<Instruction> instructions;

    /** Slots below are those of the plan; from here on there are registers. */
    private final int first;

    private int runs;
    private @Nullable Weaver<Script.Code> weaver;

    private Straight(Script script, List<Instruction> instructions, int first) {
        this.script = script;
        this.instructions = List.copyOf(instructions);
        this.first = first;
    }

    /** Null if a plan is too large for it, or has hardly anything that can be written down. */
    static @Nullable Straight of(List<Instruction> instructions, int slots) {
        var writer = new Writer(slots);
        for (var i : instructions) {
            for (var s : i.reads()) {
                writer.touch(s);
            }
            for (var s : i.writes()) {
                writer.touch(s);
            }
        }
        if (writer.slots.stream().anyMatch(s -> s.length() > MOST)) {
            return null;
        }
        int written = 0;
        for (int i = 0; i < instructions.size(); i++) {
            var statements =
                    switch (instructions.get(i)) {
                        case Region r -> writer.region(r);
                        case Instruction.Kernel k when k.product() != null ->
                                writer.product(k.product());
                        case Instruction _ -> null;
                    };
            written += statements == null ? 0 : statements.size();
            writer.statements.addAll(
                    statements == null ? List.of(new Statement.Other(i)) : statements);
        }
        var script = new Script(writer.slots, writer.statements);
        return written < 2 || !script.fits() ? null : new Straight(script, instructions, slots);
    }

    Script script() {
        return script;
    }

    /** Gives a frame what the code needs besides the plan's own memory. */
    void bind(Frame frame) {
        for (int s = first; s < script.slots().size(); s++) {
            frame.bind(s, script.slots().get(s).allocate(), 0);
        }
        frame.others = i -> instructions.get(i).run(frame);
    }

    /** Runs the plan if its code is ready. */
    boolean run(Frame frame) {
        var w = weaver;
        if (w == null) {
            if (++runs > RUNS) {
                weaver = Weaver.of(script);
            }
            return false;
        }
        var code = w.made();
        if (code == null) {
            return false;
        }
        code.run(frame.arrays, frame.offsets, frame.others);
        return true;
    }

    /** Writes instructions down as statements. */
    private static final class Writer {
        final List<Script.Slot> slots = new ArrayList<>();
        final List<Statement> statements = new ArrayList<>();
        private final Map<DType, List<Integer>> known = new HashMap<>();

        Writer(int count) {
            for (int i = 0; i < count; i++) {
                slots.add(new Script.Slot(Script.Type.FLOATS, 0));
            }
        }

        void touch(Storage s) {
            if (s.slot < 0) {
                return; // nobody reads it
            }
            int length = Math.max(slots.get(s.slot).length(), s.length());
            slots.set(s.slot, new Script.Slot(type(s.dtype()), length));
        }

        private static Script.Type type(DType dtype) {
            return switch (dtype) {
                case FLOAT32 -> Script.Type.FLOATS;
                case INT32 -> Script.Type.INTS;
                case BOOL -> Script.Type.TRUTHS;
                case BFLOAT16 -> Script.Type.KEPT;
                // of these types nothing is written down, so nobody asks
                case FLOAT64, INT64 -> Script.Type.FLOATS;
            };
        }

        private static Script.Place place(View v) {
            return new Script.Place(v.storage().slot, v.offset());
        }

        /** As {@code GemmF32} would choose it, but parts of vectors are not packed. */
        @Nullable List<Statement> product(Instruction.Product p) {
            int m = p.m();
            int n = p.n();
            int k = p.k();
            boolean single = p.c().type().dtype() == DType.FLOAT32;
            boolean empty = m == 0 || n == 0 || k == 0;
            if (!single || empty || k > 256 || (long) m * n * k > MOST_WORK) {
                return null;
            }
            if (m == 1 && p.rsB() == 1 && p.csB() != 1 && n > 1) {
                return p.csA() == 1 || k == 1 ? dots(n, k, p.b(), p.csB(), p.a(), p.c()) : null;
            }
            if (n == 1 && p.csA() == 1) {
                return p.rsB() == 1 || k == 1 ? dots(m, k, p.a(), p.rsA(), p.b(), p.c()) : null;
            }
            if (n == 1 && m > 1) {
                return product(
                        new Instruction.Product(
                                1, m, k, p.b(), 1, p.rsB(), p.a(), p.csA(), p.rsA(), p.c()));
            }
            if (p.csB() == 1 && Statement.Product.suits(m, n, k)) {
                return List.of(
                        new Statement.Product(
                                m,
                                n,
                                k,
                                place(p.a()),
                                p.rsA(),
                                p.csA(),
                                place(p.b()),
                                p.rsB(),
                                place(p.c())));
            }
            boolean packs =
                    (m > 1 && p.rsA() != 1 && p.csA() != 1)
                            || p.csB() != 1
                            || n > 64
                            || (m > 48 && (long) n * k > 4096);
            return packs
                    ? null
                    : List.of(
                            new Statement.Call(
                                    Kernel.PRODUCT,
                                    List.of(place(p.a()), place(p.b()), place(p.c())),
                                    List.of(m, n, k, p.rsA(), p.csA(), p.rsB(), n)));
        }

        private static List<Statement> dots(int m, int k, View a, int rsA, View v, View c) {
            return List.of(
                    new Statement.Call(
                            Kernel.DOTS,
                            List.of(place(a), place(v), place(c)),
                            List.of(0, m, k, rsA, 1)));
        }

        /** The statements of a region; null if there is one among them that is not known. */
        @Nullable List<Statement> region(Region r) {
            if (!r.isOneTile()) {
                return null;
            }
            return new OfRegion(this, r).statements();
        }

        /** Memory for register {@code number} of a type. */
        int register(DType dtype, int number, int length) {
            var own = known.computeIfAbsent(dtype, _ -> new ArrayList<>());
            while (own.size() <= number) {
                own.add(slots.size());
                slots.add(new Script.Slot(type(dtype), 0));
            }
            int slot = own.get(number);
            int longest = Math.max(slots.get(slot).length(), length);
            slots.set(slot, new Script.Slot(type(dtype), longest));
            return slot;
        }
    }

    /** Writes one region down. */
    private static final class OfRegion {
        private final Writer to;
        private final Region region;
        private final Map<Integer, View> loads = new HashMap<>();
        private final Map<Integer, Boolean> repeated = new HashMap<>();
        private final List<Statement> statements = new ArrayList<>();

        OfRegion(Writer to, Region region) {
            this.to = to;
            this.region = region;
            for (var l : region.loads()) {
                loads.put(l.register(), l.view());
            }
        }

        @Nullable List<Statement> statements() {
            var steps = region.steps();
            var scalars = new boolean[region.registers().length];
            for (var l : loads.entrySet()) {
                scalars[l.getKey()] = l.getValue().isScalar();
                if (l.getValue().period() == 0 && !l.getValue().isScalar()) {
                    return null;
                }
            }
            for (var s : region.summed()) {
                if (!total(s.total(), s.place())) {
                    return null;
                }
            }
            var woven = Woven.of(steps, region.registers(), scalars, 1);
            for (int i = 0; i < steps.length; ) {
                var w = woven[i];
                int next = w == null ? i + 1 : w.to;
                if (!(w == null ? apply(steps[i]) : loop(w))) {
                    return null;
                }
                for (; i < next; i++) {
                    for (var t : steps[i].totals()) {
                        if (!total(t, steps[i].result())) {
                            return null;
                        }
                    }
                }
            }
            return statements;
        }

        private boolean loop(Woven w) {
            int n = region.length();
            int inputs = w.chain.inputs().size();
            var places = new ArrayList<Script.Place>();
            var periods = new ArrayList<Integer>();
            for (int k = 0; k < w.places.length; k++) {
                var place = w.places[k];
                var view =
                        k < inputs && place instanceof Place.Register(int r) ? loads.get(r) : null;
                boolean unmasked = type(place) == DType.BOOL || type(place) == DType.BFLOAT16;
                if (unmasked && (view != null || n % Chain.LANES != 0)) {
                    return false;
                }
                boolean whole = view != null && view.period() % Chain.LANES == 0;
                boolean direct = whole || (view != null && view.isScalar());
                places.add(direct ? Writer.place(view) : memory(place));
                if (k < inputs) {
                    periods.add(whole ? view.period() : 0);
                }
            }
            statements.add(new Statement.Loop(w.chain, places, periods, n));
            return true;
        }

        private DType type(Place p) {
            return switch (p) {
                case Place.Register(int r) -> region.registers()[r];
                case Place.InMemory(Storage s, int _) -> s.dtype();
                case Place.Part(DType dtype) -> dtype;
            };
        }

        /** Where the elements of a place lie one after another. */
        private Script.Place memory(Place p) {
            return switch (p) {
                case Place.InMemory(Storage s, int offset) -> new Script.Place(s.slot, offset);
                case Place.Part _ -> throw new IllegalStateException("handed over by none");
                case Place.Register(int r) -> {
                    var at =
                            new Script.Place(
                                    to.register(
                                            region.registers()[r],
                                            region.number(r),
                                            region.length()),
                                    0);
                    var view = loads.get(r);
                    if (view != null && repeated.put(r, true) == null) {
                        int period = view.isScalar() ? 1 : view.period();
                        statements.add(
                                new Statement.Call(
                                        Kernel.REPEAT,
                                        List.of(Writer.place(view), at),
                                        List.of(period, region.length())));
                    }
                    yield at;
                }
            };
        }

        private boolean apply(Region.Step step) {
            var kernel =
                    switch (step.name()) {
                        case "exp" -> Kernel.EXP;
                        case "expm1" -> Kernel.EXPM1;
                        case "log" -> Kernel.LOG;
                        case "log1p" -> Kernel.LOG1P;
                        case "tanh" -> Kernel.TANH;
                        case "logistic" -> Kernel.LOGISTIC;
                        case "erf" -> Kernel.ERF;
                        case "sin" -> Kernel.SIN;
                        case "cos" -> Kernel.COS;
                        case "add" -> Kernel.ADD_INTS;
                        default -> null;
                    };
            var wanted = kernel == Kernel.ADD_INTS ? DType.INT32 : DType.FLOAT32;
            if (kernel == null || type(step.result()) != wanted) {
                return false;
            }
            var places = new ArrayList<Script.Place>();
            for (var p : step.operands()) {
                if (wanted == DType.INT32
                        && p instanceof Place.Register(int r)
                        && loads.containsKey(r)) {
                    return false;
                }
                places.add(memory(p));
            }
            places.add(memory(step.result()));
            statements.add(new Statement.Call(kernel, places, List.of(region.length())));
            return true;
        }

        private boolean total(Total t, Place of) {
            if (!t.name().equals("sum") || type(of) != DType.FLOAT32) {
                return false;
            }
            var from = memory(of);
            var result = new Script.Place(t.result().slot, 0);
            int n = region.length();
            boolean rows = !t.runs() && t.each() > 1;
            int each = t.runs() ? t.each() : n;
            statements.add(
                    rows
                            ? new Statement.Call(
                                    Kernel.SUM_ROWS,
                                    List.of(from, result),
                                    List.of(n / t.each(), t.each(), t.each()))
                            : new Statement.Call(
                                    Kernel.SUMS, List.of(from, result), List.of(n / each, each)));
            return true;
        }
    }
}
