package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Map.entry;

import dev.fathom.core.graph.CompilerPass;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.graph.Simplifier;
import dev.fathom.core.math.Convolutions;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Loops;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every pass with a small program before and after, as docs/design/0008 shows them: what stands
 * there is compared with what is printed here. A pass that has no section there fails.
 */
class PassesTest {
    private static final Path PAGE = Path.of("..", "docs", "design", "0008-passes.md");

    private static final Tensor X = Tensor.zeros(8, 4);

    /** A program for each pass that it changes. */
    private static final Map<String, Graph> EXAMPLES =
            Map.ofEntries(
                    entry("inline", example(PassesTest::called)),
                    entry("fold", example(x -> x.times(Tensor.scalar(4f).sqrt().plus(1)))),
                    entry(
                            "algebra",
                            example(x -> x.transpose().negate().negate().transpose().dividedBy(4))),
                    entry("common", example(x -> x.exp().plus(x.exp()))),
                    entry("unused", example(PassesTest::onlyTheFirst)),
                    entry(
                            "bodies",
                            example(x -> Loops.repeat(t -> t.negate().negate().exp(), x, 3))),
                    entry("joined-pads", tidy(example(PassesTest::gradientOfSlices))),
                    entry("known-sums", tidy(example(PassesTest::sumOfCentred))),
                    entry("factored", tidy(example(PassesTest::normsOfOuterProducts))),
                    entry("joined-shifts", tidy(example(PassesTest::shiftedTwice))),
                    entry("pooled-first", tidy(example(PassesTest::pooledAfterRelu))),
                    entry("late-sums", tidy(example(PassesTest::addedUp))),
                    entry("cheap-stacks", tidy(example(PassesTest::gradientOfGates))),
                    entry("lean-loops", tidy(example(PassesTest::rotated))),
                    entry(
                            "rematerialised",
                            tidy(example(PassesTest::normalised, Tensor.zeros(64, 4)))));

    private static Graph example(Function<Tensor, Tensor> f) {
        return example(f, X);
    }

    private static Graph example(Function<Tensor, Tensor> f, Tensor x) {
        return jit(f).graph(x);
    }

    /** As the pass finds it. */
    private static Graph tidy(Graph graph) {
        var g = graph;
        for (var name : List.of("inline", "algebra", "common", "unused", "bodies")) {
            g = pass(name).rewrite().apply(g);
        }
        return g;
    }

    private static Tensor called(Tensor x) {
        var square = jit((Tensor t) -> t.times(t));
        return square.apply(square.apply(x));
    }

    private static Tensor onlyTheFirst(Tensor x) {
        return List.of(x.exp(), x.log().tanh()).getFirst();
    }

    private static Tensor gradientOfSlices(Tensor x) {
        return grad((Tensor t) ->
                        t.slice(1, 0, 1).exp().sum().plus(t.slice(1, 1, 4).square().sum()))
                .apply(x);
    }

    private static Tensor sumOfCentred(Tensor x) {
        Tensor sum = x.sum(0); // (4)
        return sum.plus(x.minus(sum.dividedBy(8)).times(3).sum(0));
    }

    private static Tensor shiftedTwice(Tensor x) {
        Tensor y = x.plus(x.slice(0, 0, 1));
        return y.minus(y.sum(0).dividedBy(8)).exp();
    }

    private static Tensor pooledAfterRelu(Tensor x) {
        Tensor bias = x.slice(0, 0, 1).slice(1, 0, 2).reshape(2);
        Tensor images = x.reshape(1, 4, 4, 2);
        Tensor h = Functions.relu(images.times(bias).plus(bias)); // (image, rows, columns, 2)
        return Convolutions.maxPool(h, 2, 2, Convolutions.Padding.VALID);
    }

    /** Of the matrices x yᵀ of two pairs of rows. */
    private static Tensor normsOfOuterProducts(Tensor x) {
        Tensor rows = x.reshape(2, 16);
        return rows.expandDims(2).matmul(rows.exp().expandDims(1)).square().sum(1, 2);
    }

    private static Tensor normalised(Tensor x) {
        Tensor y = x.matmul(x.slice(0, 0, 4)); // (64, 4)
        Tensor d = y.minus(y.sum(0).dividedBy(64));
        return d.times(d.square().sum(0).sqrt());
    }

    private record Sums(Tensor state, Tensor sum) {}

    private static Tensor addedUp(Tensor x) {
        return Loops.repeat(
                        (Sums s) -> new Sums(s.state().exp(), s.sum().plus(s.state().sum(0))),
                        new Sums(x, Tensor.zeros(4)),
                        3)
                .sum();
    }

    private static Tensor gradientOfGates(Tensor x) {
        return grad((Tensor t) ->
                        Loops.repeat(
                                        (Tensor h) -> Functions.sigmoid(h).times(Functions.tanh(h)),
                                        t,
                                        3)
                                .sum())
                .apply(x);
    }

    private static Tensor rotated(Tensor x) {
        Tensor w = x.slice(0, 0, 4);
        return Loops.repeat((Tensor h) -> h.matmul(w.exp().transpose()), x, 3);
    }

    private static CompilerPass pass(String name) {
        return Simplifier.passes().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @TestFactory
    Stream<DynamicTest> everyPassIsShown() throws IOException {
        var page = Files.readString(PAGE);
        return Simplifier.passes().stream()
                .map(CompilerPass::name)
                .distinct()
                .map(name -> DynamicTest.dynamicTest(name, () -> isShown(page, name)));
    }

    private static void isShown(String page, String name) {
        assertThat(EXAMPLES).as("an example of the pass").containsKey(name);
        var before = EXAMPLES.get(name);
        var after = pass(name).rewrite().apply(before);
        assertThat(after).isNotEqualTo(before);
        after = pass("unused").rewrite().apply(after); // lines that are not needed any more
        assertThat(blocks(page, name)).containsExactly(before.toString(), after.toString());
    }

    /** The fenced blocks below a heading. */
    private static List<String> blocks(String page, String heading) {
        int from = page.indexOf("\n## " + heading + "\n");
        assertThat(from)
                .as("docs/design/0008-passes.md has a section '## " + heading + "'")
                .isNotNegative();
        int to = page.indexOf("\n## ", from + 1);
        var section = page.substring(from, to < 0 ? page.length() : to);
        var blocks = new ArrayList<String>();
        var m = Pattern.compile("(?s)```\n(.*?)\n```").matcher(section);
        while (m.find()) {
            blocks.add(m.group(1));
        }
        return blocks;
    }

    @Test
    void thePlanIsShown() throws IOException {
        var f =
                jit((Tensor x) -> {
                    Tensor y = x.times(2).tanh(); // (8, 4)
                    return List.of(y.transpose().matmul(y), y.sum(0));
                });
        assertThat(blocks(Files.readString(PAGE), "the plan"))
                .containsExactly(
                        Simplifier.simplify(f.graph(X)).toString(),
                        f.program(X).toString().stripTrailing());
    }

    @Test
    void aProductAfterTheLoopIsShown() throws IOException {
        // h ← h w, three times; its gradient with respect to w is Σ hₜᵀ gₜ
        var f =
                jit((Tensor w) ->
                        grad((Tensor v) ->
                                        Loops.repeat(
                                                        (Tensor h) -> h.matmul(v).tanh(),
                                                        Tensor.ones(2, 4),
                                                        3)
                                                .sum())
                                .apply(w));
        assertThat(blocks(Files.readString(PAGE), "products after the loop"))
                .containsExactly(Simplifier.simplify(f.graph(Tensor.zeros(4, 4))).toString());
    }
}
