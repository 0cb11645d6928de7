package dev.fathom.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Lambda;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** The blocks against their formulas written out. */
final class TransformerBlockTest {
    /** Something that is neither linear nor the identity. */
    private static final IntFunction<Layer> NORM = _ -> Lambda.of("bend", x -> x.times(2).tanh());

    private static final Tensor X = Doubles.normal(1, 2, 4, 6);
    private static final Tensor MEMORY = Doubles.normal(2, 2, 3, 6);
    private static final EncoderBlock ENCODER = Doubles.of(EncoderBlock.of(6, 2, NORM, Key.of(1)));
    private static final DecoderBlock DECODER = Doubles.of(DecoderBlock.of(6, 2, NORM, Key.of(2)));

    private static Tensor norm(Tensor x) {
        return x.times(2).tanh();
    }

    @Test
    void encoder() {
        var pass = Pass.eval();
        Tensor y = X.plus(ENCODER.attention().apply(norm(X), pass));
        Tensor z = y.plus(ENCODER.network().apply(norm(y), pass));
        TreeAssert.assertClose("pre-norm", ENCODER.apply(X, pass), z, 1e-14);

        Tensor after = norm(X.plus(ENCODER.attention().apply(X, pass)));
        Tensor last = norm(after.plus(ENCODER.network().apply(after, pass)));
        TreeAssert.assertClose("post-norm", ENCODER.withPostNorm().apply(X, pass), last, 1e-14);
        // attention 4 (36 + 6), network 6 · 24 + 24 + 24 · 6 + 6
        assertThat(Tree.countTrained(ENCODER)).isEqualTo(4 * 42 + 318);
    }

    @Test
    void decoder() {
        var pass = Pass.eval();
        Optional<Tensor> all = Optional.empty();
        Tensor y = X.plus(DECODER.self().apply(norm(X), pass));
        Tensor z = y.plus(DECODER.cross().attend(norm(y), MEMORY, all, pass));
        Tensor w = z.plus(DECODER.network().apply(norm(z), pass));
        TreeAssert.assertClose("pre-norm", DECODER.apply(X, MEMORY, all, pass), w, 1e-14);

        Tensor a = norm(X.plus(DECODER.self().apply(X, pass)));
        Tensor b = norm(a.plus(DECODER.cross().attend(a, MEMORY, all, pass)));
        Tensor c = norm(b.plus(DECODER.network().apply(b, pass)));
        TreeAssert.assertClose(
                "post-norm", DECODER.withPostNorm().apply(X, MEMORY, all, pass), c, 1e-14);
    }

    /** Memory beyond the length of an example does not count, and later inputs neither. */
    @Test
    void decoderMasks() {
        Optional<Tensor> mask = Optional.of(Attention.lengths(Tensor.of(new int[] {2, 2}), 3));
        Tensor y = DECODER.apply(X, MEMORY, mask, Pass.eval());
        Tensor shorter =
                DECODER.apply(
                        X.slice(1, 0, 3), MEMORY.slice(1, 0, 2), Optional.empty(), Pass.eval());
        TreeAssert.assertClose("masked", y.slice(1, 0, 3), shorter, 1e-13);
    }

    @Test
    void gradients() {
        GradientCheck.assertGradients(
                (EncoderBlock b) -> b.withPostNorm().apply(X, Pass.eval()), ENCODER);
        GradientCheck.assertGradients(
                (List<Tensor> l) ->
                        DECODER.apply(l.get(0), l.get(1), Optional.empty(), Pass.eval()),
                List.of(X, MEMORY));
    }

    @Test
    void dropsInTrainingOnly() {
        var block = ENCODER.withDropout(0.3);
        Tensor plain = ENCODER.apply(X, Pass.eval());
        assertThat(block.apply(X, Pass.eval()).toDoubles()).isEqualTo(plain.toDoubles());
        assertThat(block.apply(X, Pass.training(Key.of(1))).toDoubles())
                .isNotEqualTo(plain.toDoubles());
    }

    /** Wang et al. 2022, figure 2, at sizes whose roots are whole numbers. */
    @Test
    void constantsOfDeepNorm() {
        // 8 blocks: (2·8)^¼ = 2, (8·8)^(−¼) = 1/√8; 200: 400^¼ = √20, 1600^(−¼) = 1/√40
        assertThat(DeepNorm.stack(8).alpha()).isCloseTo(2, within(1e-14));
        assertThat(DeepNorm.stack(8).beta()).isCloseTo(1 / Math.sqrt(8), within(1e-14));
        assertThat(DeepNorm.stack(200).alpha()).isCloseTo(Math.sqrt(20), within(1e-14));
        assertThat(DeepNorm.stack(200).beta()).isCloseTo(1 / Math.sqrt(40), within(1e-14));
        // N = 16, M = 1: (16⁴)^(1/16) = 2
        assertThat(DeepNorm.encoder(16, 1).alpha()).isCloseTo(0.81 * 2, within(1e-14));
        assertThat(DeepNorm.encoder(16, 1).beta()).isCloseTo(0.87 / 2, within(1e-14));
        // N = 2, M = 4096: (2⁴ 2¹²)^(1/16) = 2
        assertThat(DeepNorm.encoder(2, 4096).alpha()).isCloseTo(0.81 * 2, within(1e-14));
        // M = 27: 81^¼ = 3, 324^(−¼) = 1/√18
        assertThat(DeepNorm.decoder(27).alpha()).isCloseTo(3, within(1e-14));
        assertThat(DeepNorm.decoder(27).beta()).isCloseTo(1 / Math.sqrt(18), within(1e-14));
        assertThatThrownBy(() -> DeepNorm.stack(0))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith("DeepNorm: layers is 0; it must be at least 1");
    }

    @Test
    void deepNormScalesTheSumAndTheFirstValues() {
        var constants = new DeepNorm(3, 0.5);
        var block = ENCODER.withDeepNorm(constants);
        var pass = Pass.eval();
        Tensor y = norm(X.times(3).plus(block.attention().apply(X, pass)));
        Tensor z = norm(y.times(3).plus(block.network().apply(y, pass)));
        TreeAssert.assertClose("encoder", block.apply(X, pass), z, 1e-14);
        var before = Tree.named(ENCODER);
        Tree.named(block)
                .forEach((path, t) -> {
                    boolean halved =
                            t.rank() > 1 && !path.contains("query") && !path.contains("key");
                    TreeAssert.assertClose(
                            path, t, before.get(path).times(halved ? 0.5 : 1), 1e-15);
                });

        var decoder = DECODER.withDeepNorm(constants);
        Optional<Tensor> all = Optional.empty();
        Tensor a = norm(X.times(3).plus(decoder.self().apply(X, pass)));
        Tensor b = norm(a.times(3).plus(decoder.cross().attend(a, MEMORY, all, pass)));
        Tensor c = norm(b.times(3).plus(decoder.network().apply(b, pass)));
        TreeAssert.assertClose("decoder", decoder.apply(X, MEMORY, all, pass), c, 1e-14);
        TreeAssert.assertClose(
                "cross values",
                decoder.cross().value().weight(),
                DECODER.cross().value().weight().times(0.5),
                1e-15);
        TreeAssert.assertClose("cross keys", decoder.cross().key(), DECODER.cross().key(), 1e-15);
    }
}
