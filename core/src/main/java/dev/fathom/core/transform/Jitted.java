package dev.fathom.core.transform;

import dev.fathom.core.graph.Atom;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Recorder;
import dev.fathom.core.graph.Simplifier;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Ops;
import dev.fathom.core.spi.Backend;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.spi.Buffer;
import dev.fathom.core.spi.Eager;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tensor.Tracer;
import dev.fathom.core.tree.Structure;
import dev.fathom.core.tree.Tree;

import jdk.jfr.FlightRecorder;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A compiled function. It is recorded once per structure, types and static values of its argument;
 * the recorded program is compiled by the backend and run as a whole. What Java does outside tensor
 * operations (printing, counting) happens only while recording. Safe to call from several threads.
 */
public final class Jitted<A, B> implements Function<A, B> {
    private static final System.Logger LOGGER = System.getLogger(Jitted.class.getName());

    /** Times that a function is recorded for static values before somebody is told. */
    private static final int OFTEN = 16;

    /** What of an argument hands its memory over. */
    enum Donation {
        NOTHING,
        ALL,
        /** The first of a {@link Transforms.Pair}. */
        FIRST;

        /** How many of the tensors of {@code argument} those are; they come first. */
        int count(Object argument, int all) {
            return switch (this) {
                case NOTHING -> 0;
                case ALL -> all;
                case FIRST ->
                        Tree.flatten(((Transforms.Pair<?, ?>) argument).first()).tensors().size();
            };
        }
    }

    private final Function<A, B> function;
    private final Donation donation;
    private final Map<Key, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicInteger traces = new AtomicInteger();

    /** Tried first: most functions are called with arguments of one kind. */
    private volatile @Nullable Entry latest;

    private record Key(Structure structure, List<TensorType> types) {
        /** The tensors of an argument of this kind; null if it is of another. */
        @Nullable List<Tensor> operands(Object argument) {
            var operands = new ArrayList<Tensor>(types.size());
            if (!structure.matches(argument, operands)) {
                return null;
            }
            for (int i = 0; i < types.size(); i++) {
                if (!operands.get(i).type().equals(types.get(i))) {
                    return null;
                }
            }
            return operands;
        }
    }

    /** What was recorded for one kind of argument, and what the backend made of it. */
    private static final class Entry {
        final Key key;
        final Graph graph;
        final Tree.Flat output;
        final List<TensorType> outputTypes;
        final int donated;
        private volatile @Nullable Compiled compiled;

        private record Compiled(Backend backend, Program program) {}

        Entry(Key key, Graph graph, Tree.Flat output, int donated) {
            this.donated = donated;
            this.key = key;
            this.graph = graph;
            this.output = output;
            outputTypes = graph.outputTypes();
        }

        /** For the backend in use. */
        Program program() {
            var backend = Backends.current();
            var c = compiled;
            if (c == null || c.backend() != backend) {
                c = new Compiled(backend, Jitted.program(graph));
                compiled = c;
            }
            return c.program();
        }
    }

    Jitted(Function<A, B> function, Donation donation) {
        this.function = function;
        this.donation = donation;
    }

    /** A compiled function of two arguments. */
    public static final class OfTwo<A, B, C> implements BiFunction<A, B, C> {
        private final Jitted<Transforms.Pair<A, B>, C> one;

        OfTwo(BiFunction<A, B, C> function, Donation donation) {
            one = new Jitted<>(p -> function.apply(p.first(), p.second()), donation);
        }

        @Override
        public C apply(A first, B second) {
            return one.apply(new Transforms.Pair<>(first, second));
        }

        /** As {@link Jitted#traces}. */
        public int traces() {
            return one.traces();
        }

        /** As {@link Jitted#graph}. */
        public Graph graph(A first, B second) {
            return one.graph(new Transforms.Pair<>(first, second));
        }

        /** As {@link Jitted#explain}. */
        public String explain(A first, B second) {
            return one.explain(new Transforms.Pair<>(first, second));
        }

        /** As {@link Jitted#plan}. */
        public String plan(A first, B second) {
            return one.plan(new Transforms.Pair<>(first, second));
        }

        /** As {@link Jitted#profile}. */
        public Profile profile(A first, B second, int runs) {
            return one.profile(new Transforms.Pair<>(first, second), runs);
        }

        /** As {@link Jitted#program}. */
        public Program program(A first, B second) {
            return one.program(new Transforms.Pair<>(first, second));
        }
    }

    /** How often the function was recorded: once per new structure, types or static values. */
    public int traces() {
        return traces.get();
    }

    @Override
    public B apply(A argument) {
        var entry = latest;
        var operands = entry == null ? null : entry.key.operands(argument);
        if (entry == null || operands == null) {
            var in = Tree.flatten(argument);
            operands = in.tensors();
            var key = new Key(in.structure(), operands.stream().map(Tensor::type).toList());
            entry = entries.get(key);
            if (entry == null) {
                var out = new AtomicReference<Tree.Flat>();
                int count = traces.incrementAndGet();
                var reason = reason(key, count);
                report(key, count, reason);
                var recording =
                        FlightRecorder.isInitialized()
                                ? recorded(in, out, key, count, reason)
                                : Traced.record(function, in, out);
                if (!recording.captured().isEmpty()) {
                    return captured(recording, out.get(), operands);
                }
                int donated = donation.count(argument, operands.size());
                entry = new Entry(key, recording.graph(), out.get(), donated);
                entries.put(key, entry);
            }
            latest = entry;
        }
        if (Interpreter.current() == Eager.INSTANCE) {
            return Trees.build(entry.output, run(entry, operands));
        }
        return Trees.build(
                entry.output, Ops.bindAll(new Control.Call("jit", entry.graph, false), operands));
    }

    private Recorder.Recording recorded(
            Tree.Flat in, AtomicReference<Tree.Flat> out, Key key, int count, String reason) {
        var event = new TraceEvent();
        event.begin();
        var recording = Traced.record(function, in, out);
        event.end();
        if (event.shouldCommit()) {
            event.count = count;
            event.reason = reason;
            event.types = key.types().toString();
            event.lines = recording.graph().equations().size();
            event.commit();
        }
        return recording;
    }

    private static final String STATIC = "the structure or a static value is new";

    private String reason(Key key, int count) {
        if (count == 1) {
            return "it is the first time";
        }
        return entries.keySet().stream().anyMatch(k -> k.structure().equals(key.structure()))
                ? "the types are new"
                : STATIC;
    }

    /** Says why a function is recorded again, to whoever listens at level DEBUG. */
    private void report(Key key, int count, String reason) {
        boolean kept = entries.size() >= count - 1; // what fails or captures is not
        if (count == OFTEN && kept && reason.equals(STATIC)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "jit: recorded and compiled for the {0}. time, since {1}. A number or text in"
                            + " the argument that is not a tensor is part of the program; what"
                            + " changes from call to call is better a tensor, such as"
                            + " Tensor.scalar(rate).",
                    count,
                    reason);
        }
        if (count > 1 && LOGGER.isLoggable(System.Logger.Level.DEBUG)) {
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "jit: recorded for the {0}. time, because {1}: {2}",
                    count,
                    reason,
                    key.types());
        }
    }

    /**
     * A function that uses values of a transform around it is recorded at every call, since they
     * change.
     */
    private B captured(Recorder.Recording recording, Tree.Flat out, List<Tensor> operands) {
        var all = new ArrayList<>(operands);
        all.addAll(recording.captured());
        return Trees.build(
                out, Ops.bindAll(new Control.Call("jit", recording.graph(), false), all));
    }

    private List<Tensor> run(Entry entry, List<Tensor> operands) {
        var arrays = new Array[operands.size()];
        var buffers = new Buffer[arrays.length];
        var donated = new boolean[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            var a =
                    switch (operands.get(i)) {
                        case Array concrete -> concrete;
                        case Tracer s -> s.concrete();
                    };
            arrays[i] = a;
            donated[i] = i < entry.donated && !a.isPinned();
            int before = a.isDonated() ? Arrays.asList(arrays).indexOf(a) : i;
            if (before < i) {
                // what occurs twice in the argument can be overwritten in neither place
                buffers[i] = buffers[before];
                donated[i] = false;
                donated[before] = false;
            } else {
                buffers[i] = donated[i] ? a.donate() : a.buffer();
            }
        }
        var memory = entry.program().run(Arrays.asList(buffers), donated);
        var results = new ArrayList<Tensor>(memory.size());
        for (int i = 0; i < memory.size(); i++) {
            results.add(Array.of(entry.outputTypes.get(i), memory.get(i)));
        }
        return results;
    }

    private static Program program(Graph graph) {
        Backend backend = Backends.current();
        return Derived.of(graph, backend, () -> backend.compile(graph));
    }

    /** The recorded program for an argument like this one, for reading. */
    public Graph graph(A argument) {
        return Traced.record(function, Tree.flatten(argument), new AtomicReference<>()).graph();
    }

    /**
     * How an argument like this one is computed, for reading: what goes in and comes out, the
     * program as it was recorded, after every pass of the compiler that changed it, and the plan
     * that the backend made of it. Of a large network these are thousands of lines; {@link #plan}
     * is the end of it.
     */
    public String explain(A argument) {
        return described(argument, Simplifier::explain);
    }

    /**
     * What the backend makes of the program for an argument like this one, for reading: its
     * kernels, fused regions and memory. What goes in and comes out is named before, in the order
     * of the plan.
     */
    public String plan(A argument) {
        return described(argument, _ -> "");
    }

    private String described(A argument, Function<Graph, String> program) {
        var in = Tree.flatten(argument);
        var out = new AtomicReference<Tree.Flat>();
        var graph = Traced.record(function, in, out).graph();
        return names("takes", in, graph.inputs())
                + names("returns", out.get(), graph.outputs())
                + program.apply(graph)
                + "plan:\n"
                + program(graph).describe();
    }

    /** A line for each tensor: its type, what it is called in the program, and where it stands. */
    private static String names(String what, Tree.Flat tree, List<? extends Atom> atoms) {
        var text = new StringBuilder(what).append(", in the order of the plan:\n");
        for (int i = 0; i < atoms.size(); i++) {
            text.append("  ").append(atoms.get(i)).append(':').append(atoms.get(i).type());
            text.append("  ")
                    .append(
                            i < tree.leaves().size()
                                    ? tree.leaves().get(i).path()
                                    : "(a value of the transform around it)")
                    .append('\n');
        }
        return text.toString();
    }

    /**
     * What the instructions of this function cost on {@code argument}: of {@code runs} runs, after
     * as many that are not counted, the sum of those in the middle ({@link Profile#runs}).
     *
     * @throws IllegalArgumentException if there are no runs, or the function uses a value of a
     *     transform around it
     */
    public Profile profile(A argument, int runs) {
        if (runs < 1) {
            throw new IllegalArgumentException(
                    "a profile is a mean of at least one run, not of " + runs);
        }
        var graph = graph(argument);
        var tensors = Tree.flatten(argument).tensors();
        if (graph.inputs().size() > tensors.size()) {
            throw new IllegalArgumentException(
                    "a function that uses a value of the transform around it has no profile of its"
                            + " own: profile what is around, or make the value a part of the"
                            + " argument");
        }
        var program = program(graph);
        var inputs =
                tensors.stream()
                        .map(t ->
                                switch (t) {
                                    case Array concrete -> concrete.buffer();
                                    case Tracer s -> s.concrete().buffer();
                                })
                        .toList();
        for (int i = 0; i < runs; i++) {
            program.profile(inputs); // measuring is compiled as well
        }
        program.allocated(inputs); // what is made once
        return Profile.sum(
                IntStream.range(0, runs).mapToObj(_ -> program.profile(inputs)).toList(),
                program.allocated(inputs),
                traces());
    }

    /** The compiled program for an argument like this one: what it consists of, and its counts. */
    public Program program(A argument) {
        return program(graph(argument));
    }
}
