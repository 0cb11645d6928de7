package dev.fathom.lab.instrument.statistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;

final class StatisticTest {
    private static final double[] UP = {1, 2, 3, 4, 5};
    private static final double[] NEARLY = {2, 1, 4, 3, 5};

    @Test
    void spearmanAndItsExactPermutations() {
        // Σd² = 4: ρ = 1 − 6·4/120 = 0.8. Of 120 orders 1 + 4 + 3 have Σd² ≤ 4, as many ρ ≤ −0.8.
        var r = RankCorrelation.spearman(UP, NEARLY, 1000, 1);
        assertThat(r.value()).isCloseTo(0.8, within(1e-12));
        assertThat(r.exact()).isTrue();
        assertThat(r.pValue()).isCloseTo(16 / 120.0, within(1e-12));
        var drawn = RankCorrelation.spearman(UP, NEARLY, 100, 1);
        assertThat(drawn.exact()).isFalse();
        assertThat(drawn.pValue()).isCloseTo(16 / 120.0, within(0.12));
    }

    @Test
    void kendallAndItsExactPermutations() {
        // 2 of 10 pairs are swapped: τ = 0.6. Orders with ≤ 2 inversions: 1 + 4 + 9.
        var r = RankCorrelation.kendall(UP, NEARLY, 1000, 1);
        assertThat(r.value()).isCloseTo(0.6, within(1e-12));
        assertThat(r.pValue()).isCloseTo(28 / 120.0, within(1e-12));
        // Ties: τ_b = (C − D)/√((6 − 1)(6 − 0)) with C = 5 of 6 pairs, one tied in x.
        assertThat(
                        RankCorrelation.kendall(
                                        new double[] {1, 1, 2, 3}, new double[] {1, 2, 3, 4}, 99, 1)
                                .value())
                .isCloseTo(5 / Math.sqrt(30), within(1e-12));
    }

    @Test
    void permutationsOfUnrelatedRankingsAreNotSurprising() {
        var x = Key.of(1).normal(DType.FLOAT64, 40).toDoubles();
        var y = Key.of(2).normal(DType.FLOAT64, 40).toDoubles();
        assertThat(RankCorrelation.spearman(x, y, 999, 3).pValue()).isGreaterThan(0.05);
        Arrays.setAll(y, i -> x[i] + 0.3 * y[i]);
        assertThat(RankCorrelation.kendall(x, y, 999, 3).pValue()).isEqualTo(0.001);
        assertThatThrownBy(() -> RankCorrelation.spearman(UP, new double[5], 9, 1))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("are all values of one side equal?");
        assertThatThrownBy(() -> RankCorrelation.kendall(UP, new double[4], 9, 1))
                .hasMessageContaining("5 and 4 values");
    }

    @Test
    void pairedComparisonByHand() {
        // d = 1, 2, 3, 4: mean 2.5, s = √(5/3), t = 2.5/(s/2) = √15, and p of t with 3 degrees of
        // freedom is 1 − 2/π (atan(t/√3) + (t/√3)/(1 + t²/3)).
        var c = PairedComparison.of(new double[] {2, 4, 6, 8}, new double[] {1, 2, 3, 4}, 7);
        assertThat(c.difference()).isEqualTo(2.5);
        assertThat(c.standardError()).isCloseTo(Math.sqrt(5.0 / 12), within(1e-14));
        double u = Math.sqrt(15.0 / 3);
        assertThat(c.tTest())
                .isCloseTo(1 - 2 / Math.PI * (Math.atan(u) + u / (1 + u * u)), within(1e-10));
        assertThat(c.wilcoxon()).isCloseTo(2 / 16.0, within(1e-12)); // all signs equal: 2 of 2⁴
        assertThat(c.signFlip()).isEqualTo(2 / 16.0);
        assertThat(c.interval().low()).isGreaterThanOrEqualTo(1).isLessThan(2.5);
        assertThat(c.interval().high()).isLessThanOrEqualTo(4).isGreaterThan(2.5);
    }

    @Test
    void pairedComparisonOfEqualsAndOfManyCases() {
        var same = PairedComparison.of(UP, UP, 1);
        assertThat(same.signFlip()).isEqualTo(1);
        assertThat(same.tTest()).isEqualTo(1);
        assertThat(same.wilcoxon()).isEqualTo(1);
        var a = Key.of(3).normal(DType.FLOAT64, 30).toDoubles();
        var b = new double[30];
        Arrays.setAll(b, i -> a[i] - (i % 3 == 0 ? -0.2 : 0.5));
        var better = PairedComparison.of(a, b, 1);
        assertThat(better.signFlip()).isLessThan(0.001).isPositive();
        assertThat(better.interval().low()).isPositive();
        assertThat(PairedComparison.of(b, a, 1).signFlip())
                .isCloseTo(better.signFlip(), within(1e-9));
    }

    @Test
    void wilsonIntervalByItsFormula() {
        // (p + z²/2n ± z√(p(1 − p)/n + z²/4n²)) / (1 + z²/n) with p = 0.8, n = 10, z = 1.959964.
        double z = 1.959963984540054;
        double middle = (0.8 + z * z / 20) / (1 + z * z / 10);
        double half = z * Math.sqrt(0.016 + z * z / 400) / (1 + z * z / 10);
        var i = Proportion.wilson(8, 10, 0.95);
        assertThat(i.low()).isCloseTo(middle - half, within(1e-9));
        assertThat(i.high()).isCloseTo(middle + half, within(1e-9));
        assertThat(Proportion.wilson(0, 10, 0.95).low()).isCloseTo(0, within(1e-12));
        assertThat(Proportion.wilson(10, 10, 0.95).low()).isBetween(0.7, 0.73);
        assertThatThrownBy(() -> Proportion.wilson(3, 2, 0.95)).hasMessageContaining("3 of 2");
    }

    @Test
    void kolmogorovSmirnovByHand() {
        // {0.1, 0.4} against the uniform law: the gap is 1 − 0.4; for n = 2 and ½ ≤ d ≤ 1 the
        // distribution of d is 1 − 2(1 − d)².
        var one = KolmogorovSmirnov.oneSample(new double[] {0.4, 0.1}, x -> x);
        assertThat(one.statistic()).isCloseTo(0.6, within(1e-15));
        assertThat(one.pValue()).isCloseTo(0.32, within(1e-12));
        // Of the 20 ways to mix 3 and 3 values two part them.
        var two = KolmogorovSmirnov.twoSample(new double[] {1, 2, 3}, new double[] {4, 5, 6});
        assertThat(two.statistic()).isEqualTo(1);
        assertThat(two.pValue()).isCloseTo(2 / 20.0, within(1e-12));
    }

    @Test
    void marchenkoPasturEdges() {
        var law = MarchenkoPastur.of(2000, 500);
        assertThat(law.lower()).isCloseTo(0.25, within(1e-15));
        assertThat(law.upper()).isCloseTo(2.25, within(1e-15));
        assertThat(new MarchenkoPastur(0.25, 4).upper()).isCloseTo(9, within(1e-14));
        assertThat(new MarchenkoPastur(4, 1).atom()).isEqualTo(0.75);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.25, 0.99, 1, 1.5, 4})
    void marchenkoPasturDistributionIsTheIntegralOfItsDensity(double ratio) {
        var law = new MarchenkoPastur(ratio, 1.7);
        assertThat(law.distribution(law.upper())).isEqualTo(1);
        assertThat(law.distribution(law.upper() - 1e-9)).isCloseTo(1, within(1e-6));
        double a = law.lower() + 0.1 * (law.upper() - law.lower());
        double b = law.lower() + 0.7 * (law.upper() - law.lower());
        int n = 2000; // Simpson's rule
        double h = (b - a) / n;
        double sum = 0;
        for (int i = 0; i <= n; i++) {
            sum += (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2) * law.density(a + i * h) * h / 3;
        }
        assertThat(law.distribution(b) - law.distribution(a)).isCloseTo(sum, within(1e-9));
    }

    @Test
    void sampleCovarianceFollowsTheLaw() {
        int n = 800;
        Tensor x = Key.of(5).normal(DType.FLOAT64, n, 200);
        var values = Linalg.eigh(Linalg.transpose(x).matmul(x).dividedBy(n)).values().toDoubles();
        var law = MarchenkoPastur.of(n, 200);
        assertThat(KolmogorovSmirnov.oneSample(values, law::distribution).statistic())
                .isLessThan(0.02);
        assertThat(values[0]).isCloseTo(law.lower(), within(0.03));
        assertThat(values[199]).isCloseTo(law.upper(), within(0.08));
    }

    @Test
    void biasAndVarianceAddUp() {
        // Two models at two places, truth 0 and 2: means 2 and 1, so bias (4 + 1)/2; spread 1 and
        // 1.
        var b = BiasVariance.of(new double[][] {{1, 2}, {3, 0}}, new double[] {0, 2}, 0.25);
        assertThat(b.bias()).isCloseTo(2.5, within(1e-15));
        assertThat(b.variance()).isCloseTo(1, within(1e-15));
        assertThat(b.total()).isCloseTo((1 + 0 + 9 + 4) / 4.0 + 0.25, within(1e-15));
        assertThatThrownBy(() -> BiasVariance.of(new double[][] {{1}}, new double[2], 0))
                .hasMessageContaining("1 predictions for 2 places");
    }

    @Test
    void medianOfMeansShrugsOffWildValues() {
        assertThat(MedianOfMeans.of(new double[] {1, 3, 10, 2, 4, 1e9}, 3)).isEqualTo(6);
        assertThat(MedianOfMeans.of(new double[] {1, 2, 3, 4}, 1)).isEqualTo(2.5);
        assertThat(MedianOfMeans.of(new double[] {1, 2, 3, 100}, 4)).isEqualTo(2.5);
        assertThat(MedianOfMeans.blocks(Math.exp(-2))).isEqualTo(16);
        // Values of variance 3 with a heavy tail: Student's law with 3 degrees of freedom.
        int failures = 0;
        double delta = 0.05;
        for (int run = 0; run < 200; run++) {
            var key = Key.of(run);
            var z = key.fold(0).normal(DType.FLOAT64, 400).toDoubles();
            var chi = key.fold(1).normal(DType.FLOAT64, 1200).toDoubles();
            var x = new double[400];
            for (int i = 0; i < 400; i++) {
                double s = 0;
                for (int k = 0; k < 3; k++) {
                    s += chi[3 * i + k] * chi[3 * i + k];
                }
                x[i] = z[i] / Math.sqrt(s / 3);
            }
            double m = MedianOfMeans.of(x, MedianOfMeans.blocks(delta));
            failures += Math.abs(m) > MedianOfMeans.radius(Math.sqrt(3), delta, 400) ? 1 : 0;
        }
        assertThat(failures).isLessThanOrEqualTo(10); // δ of 200
    }

    /** A NaN has no place in an order: one used to hang the comparison of two samples. */
    @Test
    void refusesWhatIsNoNumber() {
        double[] bad = {1, 2, Double.NaN, 4, 5};
        var says = "a value is NaN; it must be a number";
        assertThatThrownBy(() -> KolmogorovSmirnov.twoSample(UP, bad)).hasMessageContaining(says);
        assertThatThrownBy(() -> KolmogorovSmirnov.twoSample(bad, UP)).hasMessageContaining(says);
        assertThatThrownBy(() -> KolmogorovSmirnov.oneSample(bad, x -> x))
                .hasMessageContaining(says);
        assertThatThrownBy(() -> RankCorrelation.spearman(UP, bad, 9, 1))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining(says);
        assertThatThrownBy(() -> RankCorrelation.kendall(bad, UP, 9, 1)).hasMessageContaining(says);
        assertThatThrownBy(() -> MedianOfMeans.of(bad, 5)).hasMessageContaining(says);
    }
}
