package dev.fathom.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.regex.Pattern;

/** Which dtypes a network keeps, computes in and answers in. */
class PolicyTest {
    private static final Key KEY = Key.of(3);
    private static final Policy HALF = Policy.keeping(DType.BFLOAT16);

    private static Sequential net(int in, int width, int out) {
        var keys = KEY.split(3);
        return Sequential.of(
                Dense.of(in, width, keys[0]),
                Activation.RELU,
                Dense.of(width, width, keys[1]),
                Activation.RELU,
                Dense.of(width, out, keys[2]));
    }

    private static long bytes(Object tree) {
        return Tree.leaves(tree).stream().mapToLong(t -> t.type().bytes()).sum();
    }

    /** The rounded weights computed with in float32: what the policy promises, said by hand. */
    @Test
    void keptWeightsTakeHalfTheMemoryAndAreCastWhereTheyAreUsed() {
        var net = net(20, 32, 5);
        var kept = HALF.keep(net);
        assertThat(bytes(kept)).isEqualTo(bytes(net) / 2);
        var rounded = Tree.map(t -> t.cast(DType.BFLOAT16).cast(DType.FLOAT32), net);
        Tensor x = Key.of(1).normal(7, 20);
        Tensor y = kept.apply(x, Pass.eval());
        TreeAssert.assertSame("eager", y, rounded.apply(x, Pass.eval()));
        TreeAssert.assertSame(
                "compiled", Transforms.jit((Tensor v) -> kept.apply(v, Pass.eval())).apply(x), y);
        double error = TreeAssert.relative("rounding", y, net.apply(x, Pass.eval()), 1e-6);
        assertThat(error).isBetween(1e-5, 1e-2); // weights are off by at most 2⁻⁹ of themselves
    }

    /** One cast at a time: the largest weight, not all of them, is there in float32. */
    @Test
    void aCompiledNetworkCastsOneLayerAfterTheOther() {
        var net = net(256, 256, 256);
        var kept = HALF.keep(net);
        Tensor x = Key.of(1).normal(64, 256);
        var plan =
                Transforms.jit((Policy.Kept<Sequential> k) -> k.apply(x, Pass.eval()))
                        .explain(kept);
        var temporary = Pattern.compile("; (\\d+) bytes of temporary memory").matcher(plan);
        assertThat(temporary.find()).isTrue();
        long weight = 256 * 256 * 4;
        long activations = 64 * 256 * 4;
        assertThat(Long.parseLong(temporary.group(1)))
                .isLessThan(weight + 3 * activations + 4 * 1024)
                .isGreaterThan(weight);
    }

    /** Float32 weights learn through their rounded copy, with gradients that are not rounded. */
    @Test
    void mastersLearnThroughTheirRoundedCopy() {
        var net = net(6, 8, 3);
        Tensor x = Key.of(1).normal(4, 6);
        Tensor labels = Tensor.of(new int[] {0, 2, 1, 1});
        var through =
                Transforms.grad((Sequential m) ->
                                Losses.crossEntropy(
                                        HALF.apply(HALF.stored(m), x, Pass.eval()), labels))
                        .apply(net);
        var rounded = HALF.computed(HALF.stored(net));
        var plain =
                Transforms.grad((Sequential m) ->
                                Losses.crossEntropy(m.apply(x, Pass.eval()), labels))
                        .apply(rounded);
        TreeAssert.assertSame("gradients", through, plain);
        assertThat(Tree.leaves(through)).allMatch(t -> t.dtype() == DType.FLOAT32);
        var ofKept =
                Transforms.grad((Policy.Kept<Sequential> m) ->
                                Losses.crossEntropy(m.apply(x, Pass.eval()), labels))
                        .apply(HALF.keep(net));
        TreeAssert.assertSame("in the kept weights", ofKept.net(), plain);
    }

    /** The loss of many digits: float64 from the output on, float32 gradients. */
    @Test
    void anOutputInFloat64MakesTheLossFloat64() {
        var net = net(6, 8, 3);
        var policy = Policy.keeping(DType.FLOAT32).answering(DType.FLOAT64);
        Tensor x = Key.of(1).normal(4, 6);
        Tensor labels = Tensor.of(new int[] {0, 2, 1, 1});
        var loss =
                Transforms.valueAndGrad((Sequential m) ->
                                Losses.crossEntropy(policy.apply(m, x, Pass.eval()), labels))
                        .apply(net);
        assertThat(loss.value().dtype()).isEqualTo(DType.FLOAT64);
        assertThat(Tree.leaves(loss.gradient())).allMatch(t -> t.dtype() == DType.FLOAT32);
        var wide = policy.computing(DType.FLOAT64);
        Tensor exact = Losses.crossEntropy(wide.apply(net, x, Pass.eval()), labels);
        assertThat(loss.value().item())
                .isNotEqualTo(exact.item())
                .isCloseTo(exact.item(), within(1e-6));
        TreeAssert.assertClose(
                "gradients",
                loss.gradient(),
                Transforms.grad((Sequential m) ->
                                Losses.crossEntropy(m.apply(x, Pass.eval()), labels))
                        .apply(net),
                1e-6);
    }

    /** Statistics stay float32, in the kept network too, and are collected. */
    @Test
    void runningStatisticsAreLeftAlone() {
        var net = Sequential.of(Dense.of(4, 6, KEY), BatchNorm.of(6));
        var kept = HALF.keep(net);
        Tensor x = Key.of(1).normal(16, 4);
        var pass = Pass.training(KEY);
        kept.apply(x, pass);
        var after = pass.updated(kept);
        var untrained =
                Tree.flatten(after).leaves().stream().filter(leaf -> !leaf.trained()).toList();
        assertThat(untrained).isNotEmpty();
        assertThat(untrained).allMatch(leaf -> leaf.tensor().dtype() == DType.FLOAT32);
        assertThat(untrained.getFirst().tensor().toFloats()).isNotEqualTo(new float[6]);
        assertThat(Tree.flatten(after).leaves())
                .filteredOn(leaf -> leaf.trained())
                .allMatch(leaf -> leaf.tensor().dtype() == DType.BFLOAT16);
    }

    @Test
    void tokensAreNotCast() {
        var net = Sequential.of(Embedding.of(1000, 8, KEY));
        Tensor tokens = Tensor.of(new int[] {999, 257, 3}, 1, 3); // 999 is no bfloat16
        Tensor y = HALF.keep(net).apply(tokens, Pass.eval());
        Tensor rows = HALF.computed(HALF.stored(net)).apply(tokens, Pass.eval());
        TreeAssert.assertSame("rows", y, rows);
    }

    @Test
    void messages() {
        assertThatThrownBy(() -> HALF.computing(DType.BFLOAT16))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "Policy: a network cannot compute in bfloat16; it must be float32 or"
                                + " float64. bfloat16 is for keeping:"
                                + " Policy.keeping(DType.BFLOAT16)");
        assertThatThrownBy(() -> HALF.answering(DType.INT32))
                .hasMessageStartingWith("Policy: a network cannot answer in int32");
        assertThatThrownBy(() -> Policy.keeping(DType.BOOL))
                .hasMessageStartingWith("Policy: weights cannot be kept in bool");
        assertThatThrownBy(() -> HALF.stored(net(6, 8, 3)).apply(Tensor.zeros(2, 6), Pass.eval()))
                .isInstanceOf(DTypeException.class)
                .hasMessageStartingWith(
                        "Dense: the parameters are bfloat16, which is for keeping; run the network"
                                + " by a Policy, which casts them: policy.apply(net, x, pass)");
    }
}
