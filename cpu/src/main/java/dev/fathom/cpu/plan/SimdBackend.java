package dev.fathom.cpu.plan;

import dev.fathom.core.error.BackendException;
import dev.fathom.core.graph.Atom;
import dev.fathom.core.graph.Equation;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.spi.Backend;
import dev.fathom.core.spi.Buffer;
import dev.fathom.core.spi.Program;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.cpu.simd.Width;
import dev.fathom.cpu.workers.Workers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fast backend: vector kernels on heap arrays, no native code. A single operation is a program
 * of one line; the programs of recent operations are kept. The number of threads is the system
 * property {@code fathom.threads}, else that of the processors; results do not depend on it.
 */
public final class SimdBackend implements Backend {
    private static final int KEPT = 4096;

    private final Workers workers;
    private final Map<Call, Program> programs =
            new LinkedHashMap<>(256, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Call, Program> eldest) {
                    return size() > KEPT;
                }
            };

    private record Call(Primitive op, List<TensorType> types) {}

    /**
     * For {@link java.util.ServiceLoader}: uses the shared workers.
     *
     * @throws BackendException if the JVM runs without its vector module
     */
    public SimdBackend() {
        this(Workers.shared());
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            throw new BackendException(
                    "this JVM runs without the vector module, which a program on the class path has"
                        + " to ask for: java --add-modules jdk.incubator.vector ... (on the module"
                        + " path it is there by itself)");
        }
    }

    private SimdBackend(Workers workers) {
        this.workers = workers;
    }

    /** A backend with its own number of threads. */
    public static SimdBackend withThreads(int threads) {
        return new SimdBackend(Workers.of(threads));
    }

    @Override
    public String name() {
        return "simd";
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public String description() {
        int n = workers.threads();
        return "CPU, " + Width.describe() + ", " + n + (n == 1 ? " thread" : " threads");
    }

    @Override
    public List<Buffer> run(
            Primitive op, List<TensorType> types, List<Buffer> operands, List<TensorType> results) {
        var call = new Call(op, types);
        Program program;
        synchronized (programs) {
            program = programs.get(call);
        }
        if (program == null) {
            program = compile(line(op, types, results));
            synchronized (programs) {
                programs.put(call, program);
            }
        }
        return program.run(operands);
    }

    /** The program that does one operation. */
    private static Graph line(Primitive op, List<TensorType> types, List<TensorType> results) {
        int count = 0;
        var in = new ArrayList<Atom.Var>();
        for (var t : types) {
            in.add(new Atom.Var(count++, t));
        }
        var out = new ArrayList<Atom.Var>();
        for (var t : results) {
            out.add(new Atom.Var(count++, t));
        }
        return Graph.of(in, List.of(new Equation(op, List.copyOf(in), out)), List.copyOf(out));
    }

    @Override
    public Program compile(Graph graph) {
        return PlanProgram.of(graph, workers);
    }
}
