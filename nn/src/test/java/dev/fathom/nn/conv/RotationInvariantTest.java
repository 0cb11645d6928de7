package dev.fathom.nn.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Lambda;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.layer.Summary;
import dev.fathom.testkit.check.GradientCheck;

import org.junit.jupiter.api.Test;

/** Invariance under the rotations by 90 degrees, by hand and for a network. */
final class RotationInvariantTest {
    private static final Key KEY = Key.of(2);

    private static Tensor turn(Tensor x) {
        return Shaping.reverse(x.transpose(0, 2, 1, 3), 1);
    }

    private static Layer network() {
        var keys = KEY.split(3);
        return Sequential.of(
                Conv2d.of(2, 6, 3, keys[0]),
                Activation.RELU,
                MaxPool.of(2),
                Conv2d.of(6, 8, 3, keys[1]),
                Activation.RELU,
                Flatten.of(),
                Dense.of(3 * 3 * 8, 5, keys[2]));
    }

    @Test
    void turningTheImageChangesNothing() {
        Layer plain = network();
        Layer pooled = RotationInvariant.of(plain);
        Tensor x = KEY.fold(9).normal(4, 6, 6, 2);
        Tensor y = pooled.apply(x, Pass.eval());
        Tensor turned = x;
        for (int i = 1; i < 4; i++) {
            turned = turn(turned);
            Tensor again = pooled.apply(turned, Pass.eval());
            assertThat(again.minus(y).abs().max().item()).isLessThanOrEqualTo(1e-6);
            Tensor other = plain.apply(turned, Pass.eval()).minus(plain.apply(x, Pass.eval()));
            assertThat(other.abs().max().item()).isGreaterThan(0.1);
        }
        assertThat(turn(turned).toFloats()).isEqualTo(x.toFloats());
        assertThat(Tree.countTrained(pooled)).isEqualTo(Tree.countTrained(plain));
        assertThat(Summary.of(pooled, Shape.of(6, 6, 2)).rows().getLast().output())
                .isEqualTo(Shape.of(5));
    }

    /** (1, 2; 3, 4) has each of its elements at the upper left once. */
    @Test
    void byHand() {
        var corner = Lambda.of("corner", x -> x.slice(1, 0, 1).slice(2, 0, 1).flatten(1));
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4}, 1, 2, 2, 1);
        assertThat(RotationInvariant.of(corner).apply(x, Pass.eval()).toDoubles())
                .containsExactly(2.5);
    }

    /** A convolution of a turned image with a turned kernel is the turned convolution. */
    @Test
    void aTurnedKernelIsEquivariant() {
        Tensor x = Doubles.normal(1, 2, 7, 7, 3);
        var layer = Doubles.of(Conv2d.of(3, 4, 3, KEY));
        Tensor w = Shaping.reverse(layer.weight().transpose(1, 0, 2, 3), 0);
        assertThat(layer.withWeight(w).apply(turn(x), Pass.eval()).toDoubles())
                .containsExactly(turn(layer.apply(x, Pass.eval())).toDoubles(), within(1e-13));
    }

    @Test
    void gradientsAndMessages() {
        var keys = KEY.split(2);
        Layer small =
                Sequential.of(
                        Conv2d.of(1, 2, 2, keys[0]),
                        Activation.TANH,
                        Flatten.of(),
                        Dense.of(18, 2, keys[1]));
        Layer pooled = Doubles.of(RotationInvariant.of(small));
        Tensor x = Doubles.normal(3, 2, 3, 3, 1);
        GradientCheck.assertGradients((Layer m) -> m.apply(x, Pass.eval()), pooled);
        assertThatThrownBy(() -> pooled.apply(Tensor.zeros(1, 3, 4, 1), Pass.eval()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "RotationInvariant: input (1, 3, 4, 1) is not (n, size, size, c)");
    }
}
