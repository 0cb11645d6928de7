package dev.fathom.core.transform;

import dev.fathom.core.graph.Atom;
import dev.fathom.core.graph.Equation;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums of matrix products over the steps of a loop, computed as one product after the loop.
 *
 * <p>The gradient of a recurrent weight is {@code Σ_t aᵗᵀ bᵗ}. In the loop that is one small
 * product and one addition a step; with a and b of all steps kept, it is one large product that
 * also sums over t. It is done where keeping them takes little more memory than the gradient.
 */
final class DeferredProducts {
    /** What is kept of a step is at most so many times as large as the sum. */
    private static final int KEPT = 4;

    private final Graph body;
    private final int sums;
    private final @Nullable Product[] products;
    private final List<Atom> kept = new ArrayList<>();

    /**
     * A product whose operands are kept.
     *
     * @param after what is done with the product of all steps
     */
    private record Product(
            Contraction.Dot dot, Operand left, Operand right, List<Equation> after) {}

    /** Where the operands of all steps are: among what the loop reads or what it keeps. */
    private record Operand(boolean read, int index) {}

    private DeferredProducts(Graph body, int sums) {
        this.body = body;
        this.sums = sums;
        this.products = new Product[sums];
    }

    /**
     * Finds such products.
     *
     * @param body a step; its first outputs are added up over the steps
     * @param sums how many of them
     * @param fixed how many inputs are the same at every step
     * @param read the inputs that the loop reads from stacks, by their place among them
     */
    static DeferredProducts of(Graph body, int sums, int fixed, Map<Integer, Integer> read) {
        var d = new DeferredProducts(body, sums);
        Map<Atom, Equation> definitions = new HashMap<>();
        body.equations().forEach(e -> e.results().forEach(v -> definitions.put(v, e)));
        for (int i = 0; i < sums; i++) {
            var e = definitions.get(body.outputs().get(i));
            List<Equation> after = List.of();
            if (e != null && e.op() instanceof Structural.Transpose) {
                after = List.of(e);
                e = definitions.get(e.operands().getFirst());
            }
            if (e != null && e.op() instanceof Contraction.Dot dot) {
                d.products[i] = d.product(dot, e, after, fixed, read);
            }
        }
        return d;
    }

    private @Nullable Product product(
            Contraction.Dot dot,
            Equation e,
            List<Equation> after,
            int fixed,
            Map<Integer, Integer> read) {
        long more = 0;
        for (var a : e.operands()) {
            if (!(a instanceof Atom.Var v) || v.id() < fixed) {
                return null;
            }
            more += read.containsKey(v.id()) || kept.contains(a) ? 0 : a.type().shape().length();
        }
        if (more > KEPT * (long) e.results().getFirst().type().shape().length()) {
            return null;
        }
        return new Product(
                dot, operand(e.operands().get(0), read), operand(e.operands().get(1), read), after);
    }

    private Operand operand(Atom a, Map<Integer, Integer> read) {
        var from = read.get(((Atom.Var) a).id());
        if (from != null) {
            return new Operand(true, from);
        }
        if (!kept.contains(a)) {
            kept.add(a);
        }
        return new Operand(false, kept.indexOf(a));
    }

    /** Whether sum {@code i} is left to {@link #sum}. */
    boolean defers(int i) {
        return products[i] != null;
    }

    /** The step without the sums that are deferred, and with what is kept after its outputs. */
    Graph step() {
        var outputs = new ArrayList<Atom>();
        for (int i = 0; i < sums; i++) {
            if (!defers(i)) {
                outputs.add(body.outputs().get(i));
            }
        }
        outputs.addAll(body.outputs().subList(sums, body.outputs().size()));
        outputs.addAll(kept);
        return Graph.of(body.inputs(), body.equations(), outputs);
    }

    /** How many values a step keeps. */
    int kept() {
        return kept.size();
    }

    /** A deferred sum, from the stacks that the loop read and those that it kept. */
    Tensor sum(int i, List<Tensor> read, List<Tensor> kept) {
        var p = products[i];
        if (p == null) {
            throw new IllegalStateException("sum " + i + " is not deferred");
        }
        Tensor a = p.left().read() ? read.get(p.left().index()) : kept.get(p.left().index());
        Tensor b = p.right().read() ? read.get(p.right().index()) : kept.get(p.right().index());
        var dot =
                new Contraction.Dot(
                        withTime(p.dot().leftContract()),
                        withTime(p.dot().rightContract()),
                        p.dot().leftBatch().shift(1),
                        p.dot().rightBatch().shift(1));
        Tensor y = Ops.bind(dot, a, b);
        for (var e : p.after()) {
            y = Ops.bindAll(e.op(), List.of(y)).getFirst();
        }
        return y;
    }

    private static Axes withTime(Axes contracted) {
        return contracted.shift(1).prepend(0);
    }
}
