package dev.fathom.nn.layer;

import static dev.fathom.core.transform.Transforms.grad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.PerSample;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.conv.MaxPool;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.norm.BatchNorm;
import dev.fathom.nn.recurrent.Lstm;
import dev.fathom.nn.recurrent.Recurrent;
import dev.fathom.nn.zoo.Gpt;
import dev.fathom.testkit.check.TreeAssert;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Against gradients that are computed one sample after another. */
class PerSampleTest {
    /** Inputs and targets. */
    public record Batch(Tensor x, Tensor y) {}

    /** A network, and inputs of some samples for it. */
    private record Example(String name, Layer model, Function<Integer, Tensor> inputs) {
        Example {
            model = Doubles.of(model);
        }

        @Override
        public String toString() {
            return name;
        }

        Batch batch(int n) {
            Tensor x = inputs.apply(n);
            Tensor y = model.apply(x, Pass.eval());
            var classes = y.shape().range(0, y.rank() - 1).dims();
            return new Batch(x, Key.of(9).uniform(classes).times(y.dim(-1)).cast(DType.INT32));
        }
    }

    /** y = tanh(tanh(x W) W) V: a weight used twice. */
    public record Twice(Tensor w, Tensor v) implements Layer {
        @Override
        public Tensor apply(Tensor x, Pass pass) {
            return x.matmul(w).tanh().matmul(w).tanh().matmul(v);
        }
    }

    static List<Example> examples() {
        var k = Key.of(5).split(8);
        return List.of(
                new Example(
                        "dense",
                        Sequential.of(
                                Dense.of(9, 17, k[0]), Activation.TANH, Dense.of(17, 3, k[1])),
                        n -> Doubles.normal(1, n, 9)),
                new Example(
                        "a weight used twice",
                        new Twice(Doubles.normal(2, 12, 12), Doubles.normal(3, 12, 3)),
                        n -> Doubles.normal(1, n, 12)),
                new Example(
                        "a short sequence",
                        Sequential.of(
                                Dense.of(16, 24, k[0]), Activation.RELU, Dense.of(24, 5, k[1])),
                        n -> Doubles.normal(1, n, 3, 16)),
                new Example(
                        "convolutions",
                        Sequential.of(
                                Conv2d.of(1, 3, 3, k[0]),
                                Activation.TANH,
                                MaxPool.of(2),
                                Conv2d.of(3, 4, 3, k[1]),
                                Flatten.of(),
                                Dense.of(4 * 9, 3, k[2])),
                        n -> Doubles.normal(1, n, 6, 6, 1)),
                new Example(
                        "recurrent",
                        Sequential.of(Recurrent.of(Lstm.of(4, 6, k[0])), Dense.of(6, 3, k[1])),
                        n -> Doubles.normal(1, n, 5, 4)),
                new Example(
                        "transformer with tied embedding",
                        Gpt.of(Gpt.Config.of(11, 4, 8, 2, 2), k[0]),
                        n -> Key.of(8).uniform(n, 4).times(11).cast(DType.INT32)),
                new Example(
                        "batch norm with its running statistics",
                        Sequential.of(Dense.of(4, 6, k[0]), BatchNorm.of(6), Dense.of(6, 3, k[1])),
                        n -> Doubles.normal(1, n, 4)));
    }

    private static final BiFunction<Layer, Batch, Tensor> LOSS =
            (m, b) -> Losses.crossEntropy(m.apply(b.x(), Pass.eval()), b.y());

    /** One by one, without vmap and without jit. */
    private static List<Layer> alone(Layer model, Batch b) {
        var all = new ArrayList<Layer>();
        for (int i = 0; i < b.x().dim(0); i++) {
            var one = new Batch(b.x().slice(0, i, i + 1), b.y().slice(0, i, i + 1));
            all.add(grad((Layer m) -> LOSS.apply(m, one)).apply(model));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("examples")
    void gradientsAreThoseOfEachSampleAlone(Example e) {
        Layer model = e.model();
        var b = e.batch(3);
        var alone = alone(model, b);
        var all = PerSample.gradients(LOSS).apply(model, b);
        for (int i = 0; i < alone.size(); i++) {
            int sample = i;
            TreeAssert.assertClose(
                    e.name(), Tree.map(t -> t.get(sample), all), alone.get(i), 1e-12);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void normsAndClippedSumsAreThoseOfTheGradients(Example e) {
        Layer model = e.model();
        for (int n : new int[] {1, 2, 7}) {
            var b = e.batch(n);
            var alone = alone(model, b);
            var norms = alone.stream().mapToDouble(g -> Tree.norm(g).item()).toArray();
            assertThat(PerSample.norms(LOSS).apply(model, b).toDoubles())
                    .containsExactly(norms, within(1e-11));
            double bound = norms[0] * 0.9; // the first one is clipped in any case
            var sum = Tree.zerosLike(model);
            for (int i = 0; i < n; i++) {
                sum = Tree.plus(sum, Tree.times(alone.get(i), Math.min(1, bound / norms[i])));
            }
            var clipped = PerSample.clippedSum(LOSS, bound).apply(model, b);
            TreeAssert.assertClose(e.name(), clipped.sum(), sum, 1e-11);
            assertThat(clipped.norms().toDoubles()).containsExactly(norms, within(1e-11));
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theTangentKernelIsTheProductOfJacobians(Example e) {
        Layer model = e.model();
        BiFunction<Layer, Tensor, Tensor> outputs = (m, x) -> m.apply(x, Pass.eval());
        Tensor x = e.inputs().apply(3);
        Tensor j = jacobian(outputs, model, x);
        Tensor theta = PerSample.tangentKernel(outputs).apply(model, x);
        var shape = outputs.apply(model, x).shape();
        assertThat(theta.shape()).isEqualTo(shape.concat(shape));
        assertThat(theta.toDoubles())
                .containsExactly(j.matmul(j.transpose()).toDoubles(), within(1e-10));
        Tensor y = e.inputs().apply(2);
        Tensor between = PerSample.tangentKernelBetween(outputs).apply(model, x, y);
        assertThat(between.toDoubles())
                .containsExactly(
                        j.matmul(jacobian(outputs, model, y).transpose()).toDoubles(),
                        within(1e-10));
    }

    /** A row for each output of each sample, one gradient after another. */
    private static Tensor jacobian(
            BiFunction<Layer, Tensor, Tensor> outputs, Layer model, Tensor x) {
        var rows = new ArrayList<Tensor>();
        int n = (int) outputs.apply(model, x).size();
        for (int i = 0; i < n; i++) {
            int row = i;
            var g = grad((Layer m) -> outputs.apply(m, x).reshape(n).get(row)).apply(model);
            var flat =
                    Tree.flatten(g).leaves().stream()
                            .filter(Tree.Leaf::trained)
                            .map(l -> l.tensor().reshape((int) l.tensor().size()))
                            .toArray(Tensor[]::new);
            rows.add(Shaping.concatenate(0, flat));
        }
        return Shaping.stack(0, rows.toArray(Tensor[]::new));
    }

    @Test
    void aDenseLayersKernelByHand() {
        // f(x) = w x + b: ∇ = (x, 1), so Θ = x xᵀ + 1
        var model = Doubles.of(Dense.of(1, 1, Key.of(1)));
        Tensor x = Tensor.of(new double[] {2, -3}, 2, 1);
        Tensor theta =
                PerSample.tangentKernel((Dense m, Tensor t) -> m.apply(t, Pass.eval()).squeeze(1))
                        .apply(model, x);
        assertThat(theta.toDoubles()).containsExactly(5, -5, -5, 10);
    }

    @Test
    void normsByHand() {
        // loss w x, x of two features: the gradient is x; (3, 4) has length 5
        BiFunction<Tensor, Tensor, Tensor> loss = (w, x) -> x.matmul(w).sum();
        Tensor x = Tensor.of(new double[] {3, 4, 0, 1}, 2, 2);
        Tensor w = Tensor.of(new double[] {1, 1});
        assertThat(PerSample.norms(loss).apply(w, x).toDoubles()).containsExactly(5, 1);
        // (3, 4) becomes (1.2, 1.6), (0, 1) stays
        assertThat(PerSample.clippedSum(loss, 2).apply(w, x).sum().toDoubles())
                .containsExactly(new double[] {1.2, 2.6}, within(1e-15));
    }

    @Test
    void samplesThatActOnEachOtherAreRefused() {
        var model = Sequential.of(Conv2d.of(1, 2, 3, Key.of(1)), BatchNorm.of(2), Flatten.of());
        BiFunction<Layer, Tensor, Tensor> loss =
                (m, x) -> m.apply(x, Pass.training(Key.of(2))).square().mean();
        Tensor x = Key.of(3).normal(4, 5, 5, 1);
        assertThatThrownBy(() -> PerSample.norms(loss).apply(model, x))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining(
                        "BatchNorm makes the output of a sample depend on the rest of its batch, so"
                            + " no sample has a gradient of its own. Use GroupNorm or LayerNorm, or"
                            + " the running statistics, with Pass.eval()");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN})
    void aBoundIsPositive(double bound) {
        assertThatThrownBy(() -> PerSample.clippedSum(LOSS, bound))
                .hasMessage(
                        "clippedSum: the bound is "
                                + bound
                                + "; a norm is clipped to a positive one");
    }

    @Test
    void aGradientOfNothingHasNoLengthToClip() {
        BiFunction<Tensor, Tensor, Tensor> loss = (w, x) -> Functions.relu(x.matmul(w)).sum();
        Tensor x = Tensor.of(new double[] {-1, -1}, 1, 2);
        var clipped = PerSample.clippedSum(loss, 1).apply(Tensor.of(new double[] {1, 1}), x);
        assertThat(clipped.sum().toDoubles()).containsExactly(0, 0);
        assertThat(clipped.norms().item()).isZero();
    }
}
