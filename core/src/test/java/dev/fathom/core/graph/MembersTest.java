package dev.fathom.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Contraction.Dot;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.Function;

/** When a program for many members becomes a loop over groups of them. */
class MembersTest {
    private static TensorType type(int... shape) {
        return new TensorType(Shape.of(shape), DType.FLOAT32);
    }

    private static Graph rewritten(List<TensorType> types, Function<List<Tensor>, Tensor> f) {
        var g = Recorder.record(types, v -> List.of(f.apply(v))).graph();
        return Verifier.verify(Members.rewrite(Simplifier.simplify(g)));
    }

    /** (members, m, k) by (members, k, n). */
    private static Tensor each(Tensor a, Tensor b) {
        return Ops.bind(new Dot(Axes.of(2), Axes.of(1), Axes.of(0), Axes.of(0)), a, b);
    }

    /** (m, k), the same for all, by (members, k, n), as vmap has it. */
    private static Tensor all(Tensor x, Tensor w) {
        Tensor y = Ops.bind(new Dot(Axes.of(1), Axes.of(1), Axes.of(), Axes.of()), x, w);
        return Ops.moveAxis(y, 1, 0);
    }

    private static Tensor two(List<Tensor> v) {
        Tensor h = Functions.tanh(all(v.get(0), v.get(1))); // (members, rows, hidden)
        return each(each(h, v.get(2)), v.get(2));
    }

    private static List<TensorType> nets(int n, int rows, int width) {
        return List.of(type(rows, width), type(n, width, width), type(n, width, width));
    }

    @Test
    void smallMembersLieInTheLanesOfAGroup() {
        // 32 times 8 elements of a member: 128 members have 2^15
        var g = rewritten(nets(512, 32, 8), MembersTest::two);
        assertThat(g)
                .hasToString(
                        """
                        { a:float32(32, 8) b:float32(512, 8, 8) c:float32(512, 8, 8) ->
                          d:float32(4, 128, 8, 8) = reshape[shape=(4, 128, 8, 8)] b
                          e:float32(4, 128, 8, 8) = reshape[shape=(4, 128, 8, 8)] c
                          f:float32(4, 128, 32, 8) = scan[length=4 constants=1 carry=0 { a:float32(32, 8) b:float32(128, 8, 8) c:float32(128, 8, 8) ->
                            d:float32(8, 8, 128) = transpose[order=[1, 2, 0]] b
                            e:float32(8, 8, 128) = transpose[order=[1, 2, 0]] c
                            f:float32(32, 8, 128) = dot[leftContract=[1] rightContract=[0] leftBatch=[] rightBatch=[]] a d
                            g:float32(32, 8, 128) = transpose[order=[0, 1, 2]] f
                            h:float32(32, 8, 128) = tanh g
                            i:float32(128, 32, 8) = dot[leftContract=[1] rightContract=[0] leftBatch=[2] rightBatch=[2]] h e
                            j:float32(32, 8, 128) = transpose[order=[1, 2, 0]] i
                            k:float32(128, 32, 8) = dot[leftContract=[1] rightContract=[0] leftBatch=[2] rightBatch=[2]] j e
                            l:float32(32, 8, 128) = transpose[order=[1, 2, 0]] k
                            m:float32(128, 32, 8) = transpose[order=[2, 0, 1]] l
                            return m }] a d e
                          g:float32(512, 32, 8) = reshape[shape=(512, 32, 8)] f
                          return g }\
                        """);
    }

    @Test
    void largeMembersComeOneAtATime() {
        var g = rewritten(nets(8, 64, 128), MembersTest::two);
        assertThat(g.toString()).contains("float32(8, 1, 128, 128)").contains("scan");
    }

    @Test
    void whatAllShareIsComputedOnce() {
        var g =
                rewritten(
                        nets(512, 32, 8),
                        v -> two(List.of(Functions.exp(v.get(0)), v.get(1), v.get(2))));
        var outside = g.equations().stream().map(e -> e.op().name()).toList();
        assertThat(outside).containsOnlyOnce("exp").endsWith("scan", "reshape");
    }

    /** The first axis of the shared operand has as many elements as there are members. */
    @Test
    void membersAreFoundByUseNotBySize() {
        var g = rewritten(nets(64, 64, 16), MembersTest::two);
        assertThat(g.toString()).contains("scan").doesNotContain("reshape[shape=(2, 32, 16)] a");
    }

    @Test
    void programsThatMixMembersAreLeftAlone() {
        var types = nets(512, 32, 8);
        Function<List<Tensor>, Tensor> mixing = v -> two(v).plus(two(v).sum(0));
        assertThat(rewritten(types, mixing).toString()).doesNotContain("scan");
    }

    @Test
    void largeSharedWeightsAreMultipliedAtOnce() {
        var types = List.of(type(64, 64), type(512, 8, 64), type(512, 64, 8));
        // (members, 8, 64) by (64, 64)
        var g =
                rewritten(
                        types,
                        v -> {
                            Tensor h = v.get(1).matmul(v.get(0));
                            return each(each(h, v.get(2)), h);
                        });
        assertThat(g.toString()).doesNotContain("scan");
    }

    @Test
    void littleWorkIsNotDivided() {
        assertThat(rewritten(nets(16, 4, 8), MembersTest::two).toString()).doesNotContain("scan");
    }
}
