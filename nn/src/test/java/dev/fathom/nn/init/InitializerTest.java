package dev.fathom.nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.conv.Conv2d;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Dense;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Variances and bounds against their closed forms. */
class InitializerTest {
    private static final int IN = 100;
    private static final int OUT = 300;

    /** A law, its variance for the fans above, and the largest value it can give. */
    record Row(String name, Initializer law, double variance, double limit) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        double inf = Double.POSITIVE_INFINITY;
        return Stream.of(
                new Row("glorot normal", Initializer.glorotNormal(), 2.0 / 400, inf),
                new Row(
                        "glorot uniform",
                        Initializer.glorotUniform(),
                        2.0 / 400,
                        Math.sqrt(6.0 / 400)),
                new Row("he normal", Initializer.heNormal(), 2.0 / 100, inf),
                new Row("he uniform", Initializer.heUniform(), 2.0 / 100, Math.sqrt(6.0 / 100)),
                new Row("he normal fan out", Initializer.heNormalFanOut(), 2.0 / 300, inf),
                new Row(
                        "he uniform fan out",
                        Initializer.heUniformFanOut(),
                        2.0 / 300,
                        Math.sqrt(6.0 / 300)),
                new Row("lecun normal", Initializer.leCunNormal(), 1.0 / 100, inf),
                new Row("normal", Initializer.normal(0.5), 0.25, inf),
                new Row("uniform", Initializer.uniform(-2, 2), 16.0 / 12, 2),
                new Row("zeros", Initializer.zeros(), 0, 0));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void varianceAndBounds(Row row) {
        for (var dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            Tensor w = row.law().of(Key.of(3), dtype, IN, OUT, IN, OUT);
            assertThat(w.dtype()).isEqualTo(dtype);
            assertThat(w.shape().dims()).containsExactly(IN, OUT);
            double[] v = w.toDoubles();
            double mean = DoubleStream.of(v).average().orElseThrow();
            double variance = DoubleStream.of(v).map(x -> x * x).average().orElseThrow();
            // 30,000 draws: relative standard deviation of the variance at most √(2/n) = 0.8 %;
            // five of them
            assertThat(variance).isCloseTo(row.variance(), within(0.041 * row.variance()));
            assertThat(mean).isCloseTo(0, within(5 * Math.sqrt(row.variance() / v.length)));
            assertThat(DoubleStream.of(v).map(Math::abs).max().orElseThrow())
                    .isLessThanOrEqualTo(row.limit() * (1 + 1e-6));
        }
    }

    @Test
    void fansOfConvolutions() {
        // fan in 3·3·16 = 144, fan out 3·3·32 = 288: the variance 2/144
        double[] w = Conv2d.of(16, 32, 3, Key.of(1)).weight().toDoubles();
        double variance = DoubleStream.of(w).map(x -> x * x).average().orElseThrow();
        assertThat(variance).isCloseTo(2.0 / 144, within(0.11 * 2.0 / 144)); // 4,608 draws
        // in 2 groups 3·3·8 = 72 inputs: the variance doubles
        double[] g =
                Conv2d.of(16, 32, 3, 2, Initializer.heNormal(), Key.of(1)).weight().toDoubles();
        double grouped = DoubleStream.of(g).map(x -> x * x).average().orElseThrow();
        assertThat(grouped).isCloseTo(2.0 / 72, within(0.15 * 2.0 / 72)); // 2,304 draws
    }

    @Test
    void theSameKeyGivesTheSameWeightsAndBiasesAreZero() {
        var a = Dense.of(5, 7, Key.of(1));
        assertThat(a.weight().toFloats())
                .containsExactly(Dense.of(5, 7, Key.of(1)).weight().toFloats())
                .isNotEqualTo(Dense.of(5, 7, Key.of(2)).weight().toFloats());
        assertThat(a.bias().orElseThrow().toFloats()).containsOnly(0).hasSize(7);
        assertThat(Initializer.constant(2.5).of(Key.of(1), DType.FLOAT64, 1, 1, 2).toDoubles())
                .containsExactly(2.5, 2.5);
    }

    @Test
    void aFanOfZeroIsRefused() {
        assertThatThrownBy(() -> Initializer.heNormal().of(Key.of(1), DType.FLOAT32, 0, 3, 0, 3))
                .isInstanceOf(LayerException.class)
                .hasMessageStartingWith(
                        "initializer: a fan of 0; it counts connections and is at least 1");
    }
}
