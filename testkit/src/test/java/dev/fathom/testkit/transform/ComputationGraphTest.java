package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.grad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.op.Elementwise;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.ComputationGraph;
import dev.fathom.core.transform.ComputationGraph.Node;

import org.junit.jupiter.api.Test;

import java.util.List;

/** The graph of one run: its nodes, their values, and who made whom. */
class ComputationGraphTest {

    private static final Tensor A = Tensor.of(new double[] {1, 2});
    private static final Tensor B = Tensor.of(new double[] {3, 4});

    private static ComputationGraph product() {
        return ComputationGraph.of(
                (List<Tensor> v) -> v.get(0).times(v.get(1)).exp(), List.of(A, B));
    }

    private static Node only(ComputationGraph g, String name) {
        return g.nodes().stream()
                .filter(n -> n.name().equals(name))
                .reduce((_, _) -> {
                    throw new AssertionError("two nodes are called " + name);
                })
                .orElseThrow();
    }

    @Test
    void nodesKnowValueOperationArgumentsAndParents() {
        var g = product();
        var mul = only(g, "mul");
        assertThat(mul.operation()).contains(new Elementwise.Mul());
        assertThat(mul.value().toDoubles()).containsExactly(3, 8);
        assertThat(mul.parents()).extracting(Node::name).containsExactly("[0]", "[1]");
        assertThat(mul.arguments()).hasSize(2);
        assertThat(mul.arguments().get(1).toDoubles()).containsExactly(3, 4);
        assertThat(g.outputs()).singleElement().isEqualTo(only(g, "exp"));
        assertThat(only(g, "exp").depth()).isEqualTo(2);
        assertThat(only(g, "[0]").operation()).isEmpty();
        assertThat(only(g, "[0]").parents()).isEmpty();
    }

    @Test
    void printsOneLinePerNodeAndDrawsOneBoxPerNode() {
        var g = product();
        assertThat(g.toString().lines().filter(l -> l.contains("mul"))).hasSize(1);
        assertThat(g.toString()).contains("[0]").contains("exp");
        var svg = g.svg();
        assertThat(svg)
                .startsWith("<svg")
                .contains("xmlns=\"http://www.w3.org/2000/svg\"")
                .contains("mul");
        assertThat(svg.strip()).endsWith("</svg>");
    }

    @Test
    void gradientsHaveGraphsToo() {
        var g = ComputationGraph.of(grad((Tensor x) -> x.times(x).sum()), A);
        assertThat(g.outputs())
                .singleElement()
                .satisfies(n -> assertThat(n.value().toDoubles()).containsExactly(2, 4));
    }

    /** Sixty doublings have 2^60 paths from the input to the result: nothing may walk them. */
    @Test
    void aValueUsedTwiceAtEveryStepIsStillDrawn() {
        var graph =
                ComputationGraph.of(
                        (Tensor x) -> {
                            for (int i = 0; i < 60; i++) {
                                x = x.plus(x);
                            }
                            return x;
                        },
                        Tensor.scalar(1.0));
        assertThat(graph.outputs().getFirst().depth()).isEqualTo(60);
        assertThat(graph.outputs().getFirst().value().item()).isEqualTo(0x1p60);
        assertThat(graph.svg()).contains("<svg");
    }
}
