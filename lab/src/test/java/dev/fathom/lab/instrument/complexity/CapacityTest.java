package dev.fathom.lab.instrument.complexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.zoo.Mlp;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

final class CapacityTest {
    /** The weight of the layer x ↦ A x. */
    private static Tensor layer(int rows, double... a) {
        return Linalg.transpose(Tensor.of(a, rows, a.length / rows));
    }

    private static Mlp mlp(Key key) {
        return Tree.map(t -> t.cast(DType.FLOAT64), Mlp.of(Shape.of(5), 3, key, 8, 6));
    }

    @Test
    void spectralComplexityOfOneDiagonalLayer() {
        // ‖A‖_σ = 4, ‖Aᵀ‖_{2,1} = 3 + 4, so 4 ((7/4)^{2/3})^{3/2} = 7.
        assertThat(Bounds.spectralComplexity(List.of(layer(2, 3, 0, 0, 4))))
                .isCloseTo(7, within(1e-12));
    }

    @Test
    void spectralComplexityOfIdentities() {
        // L layers of size d: (L d^{2/3})^{3/2} = L^{3/2} d.
        var three = Collections.nCopies(3, Creation.eye(DType.FLOAT64, 5));
        assertThat(Bounds.spectralComplexity(three)).isCloseTo(25.98076211353316, within(1e-12));
    }

    @Test
    void spectralComplexityIsBlindToRescaling() {
        var w = Norms.weights(mlp(Key.of(1)));
        double plain = Bounds.spectralComplexity(w);
        double scaled =
                Bounds.spectralComplexity(
                        List.of(w.get(0).times(100), w.get(1).times(0.01), w.get(2)));
        assertThat(scaled / plain).isCloseTo(1, within(1e-12));
        // ... which the Frobenius norm is not.
        assertThat(Norms.frobeniusSum(List.of(w.get(0).times(100), w.get(1).times(0.01))))
                .isGreaterThan(10 * Norms.frobeniusSum(w.subList(0, 2)));
    }

    @Test
    void spectralComplexityVanishesAtTheReference() {
        var w = Norms.weights(mlp(Key.of(1)));
        assertThat(Bounds.spectralComplexity(w, w)).isZero();
        assertThatThrownBy(() -> Bounds.spectralComplexity(w, w.subList(0, 2)))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("3 weights and 2 references");
        assertThatThrownBy(() -> Bounds.spectralComplexity(List.of(w.get(0).times(0))))
                .hasMessageContaining("weight 0 is zero");
    }

    @Test
    void spectralComplexityOfTwoLayersByHand() {
        // A₁ = [[1,2],[0,1]]: σ = 1 + √2, rows √5 + 1. A₂ = [[0,1],[3,0]]: σ = 3, rows 1 + 3.
        double one = (Math.sqrt(5) + 1) / (1 + Math.sqrt(2));
        double wanted =
                3
                        * (1 + Math.sqrt(2))
                        * Math.pow(Math.pow(one, 2.0 / 3) + Math.pow(4.0 / 3, 2.0 / 3), 1.5);
        assertThat(wanted).isCloseTo(27.386296, within(1e-6));
        assertThat(Bounds.spectralComplexity(List.of(layer(2, 1, 2, 0, 1), layer(2, 0, 1, 3, 0))))
                .isCloseTo(wanted, within(1e-12));
        // [[3, 4], [0, 0]] has one unit of length 5; its columns would give 7.
        assertThat(Norms.twoOne(layer(2, 3, 4, 0, 0))).isCloseTo(5, within(1e-14));
    }

    /** n margins of 5, but for every hundredth, of ½. */
    private static double[] margins(int n) {
        var margins = new double[n];
        Arrays.setAll(margins, i -> i % 100 == 0 ? 0.5 : 5);
        return margins;
    }

    @Test
    void marginBoundOfOneLayerByHand() {
        // L = 1, σ = 3.5 up to s = 4, (2,1) = 2.4 + 3.5 up to b = 6: R = 6, W = 2.
        // γ = 3 down to 2¹, so r = 2·10·6 √(ln 8)/2; p = 1/(4·5) 1/(6·7) 2/(3·2·3).
        int n = 100_000;
        var w = List.of(layer(2, 2.4, 0, 0, 3.5));
        var zero = List.of(w.getFirst().times(0));
        double r = 60 * Math.sqrt(Math.log(8));
        double price = Math.log(2 / 0.05 * 20 * 42 * 9);
        double wanted =
                0.01
                        + 2 * 12 * r / n * (1 + Math.log(n / (3 * r)))
                        + 3 * Math.sqrt(price / (2.0 * n));
        assertThat(wanted).isCloseTo(0.178_230, within(1e-6));
        var bound = Bounds.spectralMargin(w, zero, 10, margins(n), 3, 0.05);
        assertThat(bound.value()).isCloseTo(wanted, within(1e-12));
        assertThat(bound.vacuous()).isFalse();
        assertThat(Bounds.spectralMargin(w, zero, 10, margins(1000), 3, 0.05).vacuous()).isTrue();
    }

    /** Its middle term is the least of 4a/√n + (12/n) ∫_a^√n (r/e) de, here by trying many a. */
    @Test
    void marginBoundTakesTheBestPlaceToCutDudleysIntegral() {
        int n = 100_000;
        var w = List.of(layer(2, 2.4, 0, 0, 3.5));
        var none = Bounds.spectralMargin(w, w, 0, margins(n), 3, 0.05).value();
        double r = 20 * 4 * (1.0 / 4) * Math.sqrt(Math.log(8)) / 2; // b = 1 where A = M
        double least = 4;
        for (double a = 1e-3; a < Math.sqrt(n); a *= 1.001) {
            double integral = 0;
            int parts = 2000;
            double ratio = Math.pow(Math.sqrt(n) / a, 1.0 / parts);
            for (int i = 0; i < parts; i++) { // trapezia of equal ratio
                double from = a * Math.pow(ratio, i);
                integral += from * (ratio - 1) * (r / from + r / (from * ratio)) / 2;
            }
            least = Math.min(least, 4 * a / Math.sqrt(n) + 12.0 / n * integral);
        }
        double bound = Bounds.spectralMargin(w, w, 10, margins(n), 3, 0.05).value();
        assertThat((bound - none) / 2).isCloseTo(least, within(1e-7));
    }

    @Test
    void marginBoundsOfNetworksGrowWithNormsAndFallWithMargins() {
        var w = Norms.weights(mlp(Key.of(1)));
        var m = Norms.weights(mlp(Key.of(2)));
        double plain = Bounds.spectralMargin(w, m, 0.1, margins(100_000), 4, 0.05).value();
        assertThat(Bounds.spectralMargin(w, w, 0.1, margins(100_000), 4, 0.05).value())
                .as("near its reference")
                .isLessThan(plain);
        assertThat(Bounds.spectralMargin(w, m, 0.1, margins(100_000), 2, 0.05).value())
                .as("a smaller margin")
                .isGreaterThan(plain);
        assertThat(Bounds.spectralMargin(w, m, 0.2, margins(100_000), 4, 0.05).value())
                .as("larger examples")
                .isGreaterThan(plain);
        assertThatThrownBy(() -> Bounds.spectralMargin(w, m, 1, margins(10), 0, 0.05))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("margin bound: the margin is 0.0; it must be positive");
    }

    @Test
    void golowichByHand() {
        // ‖A₁‖_F = 5, ‖A₂‖_F = 2, d = 2, B = 3, n = 25: 3 (√(4 ln 2) + 1) 10/5.
        var w = List.of(layer(2, 3, 0, 0, 4), layer(1, 0, 2));
        assertThat(Bounds.golowich(w, 3, 25))
                .isCloseTo(6 * (Math.sqrt(4 * Math.log(2)) + 1), within(1e-12));
    }

    @Test
    void normsByHand() {
        var w = List.of(layer(2, 1, 2, 0, 1), layer(1, 3, 1));
        assertThat(Norms.frobenius(w.get(0))).isCloseTo(Math.sqrt(6), within(1e-14));
        assertThat(Norms.spectralProduct(w))
                .isCloseTo((1 + Math.sqrt(2)) * Math.sqrt(10), within(1e-12));
        assertThat(Norms.frobeniusProduct(w)).isCloseTo(Math.sqrt(60), within(1e-12));
        // Paths: 1·9 and 4·9 through unit 0, 0 and 1·1 through unit 1.
        assertThat(Norms.path(w)).isCloseTo(Math.sqrt(46), within(1e-12));
        assertThat(Norms.weights(mlp(Key.of(2)))).hasSize(3);
    }

    @Test
    void convolutionsAreMeasuredAsMaps() {
        // A kernel of one 2 at its centre doubles its input.
        var kernel = new double[9];
        kernel[4] = 2;
        var conv = Conv2d.of(1, 1, 3, Key.of(1)).withoutBias();
        conv = Tree.with(conv, "weight", Tensor.of(kernel, 3, 3, 1, 1).cast(DType.FLOAT32));
        var layer = conv;
        assertThat(Norms.ofMap(x -> layer.apply(x, Pass.eval()), Shape.of(6, 6, 1), DType.FLOAT32))
                .isCloseTo(2, within(1e-6));
    }

    @Test
    void lipschitzConstantsOfALinearMapAndOfNets() {
        Tensor a = layer(2, 1, 2, 0, 1);
        Tensor x = Key.of(3).normal(DType.FLOAT64, 20, 2);
        double norm = 1 + Math.sqrt(2);
        assertThat(Lipschitz.lower(e -> e.matmul(a), x)).isCloseTo(norm, within(1e-12));
        assertThat(Lipschitz.quotient(x.matmul(a), x)).isBetween(0.7 * norm, norm);
        for (int seed = 0; seed < 5; seed++) {
            var net = mlp(Key.of(seed));
            Tensor samples = Key.of(50 + seed).normal(DType.FLOAT64, 30, 5);
            var local =
                    Lipschitz.local(
                            e -> net.apply(e.expandDims(0), Pass.eval()).squeeze(0), samples);
            double upper = Lipschitz.upper(Norms.weights(net));
            assertThat(local).hasSize(30);
            for (double v : local) {
                assertThat(v).isBetween(0.0, upper); // 0 where all units sleep
            }
            // The Jacobian of the net is W₁ D₁ W₂ D₂ W₃ with D the active units.
            Tensor e = samples.get(0);
            Tensor j = null;
            Tensor h = e;
            for (var layer : net.hidden()) {
                Tensor z = h.matmul(layer.weight()).plus(layer.bias().orElseThrow());
                Tensor d = z.greaterThan(z.times(0)).cast(DType.FLOAT64);
                Tensor part = layer.weight().times(d);
                j = j == null ? part : j.matmul(part);
                h = z.times(d);
            }
            assertThat(local[0])
                    .isCloseTo(Norms.spectral(j.matmul(net.output().weight())), within(1e-10));
            assertThat(Lipschitz.quotient(net.apply(samples, Pass.eval()), samples))
                    .isLessThan(upper);
        }
    }

    @Test
    void marginsByHand() {
        Tensor f = Tensor.of(new float[] {1, 3, 2, 5, 0, 4.5f}, 2, 3);
        Tensor y = Tensor.of(new int[] {1, 2});
        assertThat(Margins.of(f, y)).containsExactly(1, -0.5);
        // Unit: R ‖X‖_F / n = 4 · 5 / 2.
        Tensor x = Tensor.of(new float[] {3, 0, 0, 4}, 2, 2);
        assertThat(Margins.normalised(f, y, 4, x)).containsExactly(0.1, -0.05);
        assertThatThrownBy(() -> Margins.of(f, Tensor.of(new int[] {1, 3})))
                .hasMessageContaining("label 3 is not one of 3 classes");
    }

    @Test
    void boundsForClassesByHand() {
        // √((ln 1000 + ln 40)/2·500)
        var finite = Bounds.finiteClass(Math.log(1000), 500, 0.05);
        assertThat(finite.value()).isCloseTo(Math.sqrt(Math.log(40_000) / 1000), within(1e-14));
        assertThat(finite.vacuous()).isFalse();
        // A million weights of 32 bits and 60 000 examples.
        assertThat(Bounds.finiteClass(32e6 * Math.log(2), 60_000, 0.05).vacuous()).isTrue();
        double growth = 10 * Math.log(2 * Math.E * 100);
        assertThat(Bounds.vapnik(10, 1000, 0.1).value())
                .isCloseTo(2 * Math.sqrt(2 * (growth + Math.log(20)) / 1000), within(1e-14));
        assertThat(Bounds.thresholdDimension(100, 8))
                .isCloseTo(200 * (3 + 1 / Math.log(2)), within(1e-10));
    }

    @Test
    void finiteClassBoundHoldsInASimulation() {
        // 50 coins of true error ½: the worst of 50 sample errors on 200 examples.
        int worse = 0;
        double bar = Bounds.finiteClass(Math.log(50), 200, 0.1).value();
        for (int run = 0; run < 200; run++) {
            Tensor wrong = Key.of(run).bernoulli(0.5, 50, 200).cast(DType.FLOAT64);
            double gap = wrong.mean(1).minus(0.5).abs().max().item();
            worse += gap > bar ? 1 : 0;
        }
        assertThat(worse).isLessThanOrEqualTo(20); // δ of 200
    }

    @Test
    void conditionNumbers() {
        assertThat(Norms.condition(layer(2, 3, 0, 0, 4))).isCloseTo(4.0 / 3, within(1e-14));
    }
}
