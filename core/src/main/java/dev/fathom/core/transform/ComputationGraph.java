package dev.fathom.core.transform;

import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The computation graph of one run of a function, to look at: what was computed, from what, with
 * which values.
 *
 * <pre>{@code
 * var graph = ComputationGraph.of(x -> x.times(x).sum(), Tensor.of(new double[] {1, 2}));
 * System.out.println(graph);            // one line per node
 * Files.writeString(path, graph.svg()); // a drawing, data flowing downwards
 * }</pre>
 */
public final class ComputationGraph {
    /**
     * One value of the run.
     *
     * @param id its number, counted in order of computation
     * @param name the path of an input, {@code const} for a value from outside, else the operation
     * @param operation the operation that made it; none for inputs and constants
     * @param value the value
     * @param arguments the operation's operands
     * @param parents the nodes that made the operands, in the same order
     * @param depth length of the longest chain of operations from an input or constant to this node
     */
    public record Node(
            int id,
            String name,
            Optional<Primitive> operation,
            Tensor value,
            List<Tensor> arguments,
            List<Node> parents,
            int depth) {
        /** Copies the lists. */
        public Node {
            arguments = List.copyOf(arguments);
            parents = List.copyOf(parents);
        }

        /** Nodes are equal only to themselves; comparing their parents could take for ever. */
        @Override
        public boolean equals(Object o) {
            return this == o;
        }

        @Override
        public int hashCode() {
            return id;
        }

        @Override
        public String toString() {
            var from = parents.stream().map(p -> "#" + p.id).collect(Collectors.joining(" "));
            return "#"
                    + id
                    + " "
                    + name
                    + (from.isEmpty() ? "" : " " + from)
                    + " : "
                    + value.toString().replaceAll("\\s+", " ");
        }
    }

    private final List<Node> nodes;
    private final List<Node> outputs;

    private ComputationGraph(List<Node> nodes, List<Node> outputs) {
        this.nodes = List.copyOf(nodes);
        this.outputs = List.copyOf(outputs);
    }

    /** Runs {@code f} at {@code x} and keeps every step. */
    public static <A, B> ComputationGraph of(Function<A, B> f, A x) {
        var watch = new Watch(Interpreter.current());
        for (var leaf : Tree.flatten(x).leaves()) {
            var path = leaf.path().steps().isEmpty() ? "input" : leaf.path().toString();
            watch.add(path, Optional.empty(), leaf.tensor(), List.of());
        }
        B y = watch.run(() -> f.apply(x));
        var outputs = Tree.leaves(y).stream().map(watch::node).toList();
        return new ComputationGraph(watch.nodes, outputs);
    }

    /** All nodes, in order of computation. */
    public List<Node> nodes() {
        return nodes;
    }

    /** The nodes of the function's results. */
    public List<Node> outputs() {
        return outputs;
    }

    /** A drawing as SVG, in levels from top to bottom. */
    public String svg() {
        return GraphDrawing.svg(nodes, outputs);
    }

    /** One line per node. */
    @Override
    public String toString() {
        return nodes.stream().map(Node::toString).collect(Collectors.joining("\n"));
    }

    /** Lets every operation through and notes it. */
    private static final class Watch implements Interpreter {
        private final Interpreter outer;
        private final List<Node> nodes = new ArrayList<>();
        private final Map<Tensor, Node> made = new IdentityHashMap<>();

        Watch(Interpreter outer) {
            this.outer = outer;
        }

        Node node(Tensor t) {
            var known = made.get(t);
            return known != null ? known : add("const", Optional.empty(), t, List.of());
        }

        Node add(String name, Optional<Primitive> op, Tensor value, List<Tensor> arguments) {
            var parents = arguments.stream().map(this::node).toList();
            int depth = parents.stream().mapToInt(p -> p.depth() + 1).max().orElse(0);
            var n = new Node(nodes.size(), name, op, value, arguments, parents, depth);
            nodes.add(n);
            made.put(value, n);
            return n;
        }

        @Override
        public List<Tensor> apply(Primitive op, List<Tensor> operands) {
            var results = outer.run(() -> outer.apply(op, operands));
            results.forEach(r -> add(op.name(), Optional.of(op), r, operands));
            return results;
        }
    }
}
