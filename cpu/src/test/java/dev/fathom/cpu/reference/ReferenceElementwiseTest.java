package dev.fathom.cpu.reference;

import static dev.fathom.cpu.reference.Oracle.bools;
import static dev.fathom.cpu.reference.Oracle.doubles;
import static dev.fathom.cpu.reference.Oracle.floats;
import static dev.fathom.cpu.reference.Oracle.ints;
import static dev.fathom.cpu.reference.Oracle.longs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.FathomException;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Random;

class ReferenceElementwiseTest {
    private static final double NAN = Double.NaN;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    @Test
    void floatArithmeticIsJavaFloatArithmeticOnAnyBits() {
        var random = new Random(1);
        int n = 20_000;
        var a = new float[n];
        var b = new float[n];
        for (int i = 0;
                i < n;
                i++) { // every exponent, infinities, NaN and subnormal numbers included
            a[i] = Float.intBitsToFloat(random.nextInt());
            b[i] = i % 2 == 0 ? Float.intBitsToFloat(random.nextInt()) : a[i] * random.nextFloat();
        }
        float[] sum = Oracle.of(new Elementwise.Add(), floats(a), floats(b)).toFloats();
        float[] difference = Oracle.of(new Elementwise.Sub(), floats(a), floats(b)).toFloats();
        float[] product = Oracle.of(new Elementwise.Mul(), floats(a), floats(b)).toFloats();
        float[] quotient = Oracle.of(new Elementwise.Div(), floats(a), floats(b)).toFloats();
        float[] remainder = Oracle.of(new Elementwise.Remainder(), floats(a), floats(b)).toFloats();
        for (int i = 0; i < n; i++) {
            assertSame(sum[i], a[i] + b[i]);
            assertSame(difference[i], a[i] - b[i]);
            assertSame(product[i], a[i] * b[i]);
            assertSame(quotient[i], a[i] / b[i]);
            assertSame(remainder[i], a[i] % b[i]);
        }
    }

    /** Equal, where all NaN are one; 0 and −0 are two. */
    private static void assertSame(float actual, float expected) {
        assertThat(Float.floatToIntBits(actual)).isEqualTo(Float.floatToIntBits(expected));
    }

    @Test
    void wholeNumbersWrapAndStayExact() {
        long big = (1L << 62) + 1;
        assertThat(
                        Oracle.of(new Elementwise.Add(), longs(big, Long.MAX_VALUE), longs(1, 1))
                                .toLongs())
                .containsExactly(big + 1, Long.MIN_VALUE);
        assertThat(Oracle.of(new Elementwise.Mul(), ints(65536, -3), ints(65537, 4)).toInts())
                .containsExactly(65536, -12); // 2³² + 2¹⁶ mod 2³²
        assertThat(Oracle.of(new Elementwise.Neg(), ints(Integer.MIN_VALUE)).toInts())
                .containsExactly(Integer.MIN_VALUE);
        assertThat(
                        Oracle.of(
                                        new Elementwise.Div(),
                                        ints(7, -7, Integer.MIN_VALUE),
                                        ints(2, 2, -1))
                                .toInts())
                .containsExactly(3, -3, Integer.MIN_VALUE);
        assertThat(Oracle.of(new Elementwise.Remainder(), ints(7, -7), ints(3, 3)).toInts())
                .containsExactly(1, -1);
        assertThat(Oracle.of(new Elementwise.Sign(), longs(-9, 0, 9)).toLongs())
                .containsExactly(-1, 0, 1);
    }

    @Test
    void anIntegerDividedByZeroIsAnError() {
        assertThatThrownBy(() -> Oracle.of(new Elementwise.Div(), ints(4, 5), ints(2, 0)))
                .isInstanceOf(FathomException.class)
                .hasMessageContaining("div: 5 was divided by the integer 0 in int32(2,)");
        assertThatThrownBy(() -> Oracle.of(new Elementwise.Remainder(), longs(5), longs(0)))
                .isInstanceOf(FathomException.class)
                .hasMessageContaining("remainder");
        assertThat(Oracle.of(new Elementwise.Div(), floats(1, -1), floats(0, 0)).toFloats())
                .containsExactly(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
    }

    @Test
    void maximumAndMinimumPassNanOn() {
        assertThat(
                        Oracle.of(new Elementwise.Max(), doubles(1, NAN, 3), doubles(2, 0, NAN))
                                .toDoubles())
                .containsExactly(2, NAN, NAN);
        assertThat(
                        Oracle.of(new Elementwise.Min(), doubles(1, NAN, 3), doubles(2, 0, NAN))
                                .toDoubles())
                .containsExactly(1, NAN, NAN);
        assertThat(
                        Oracle.of(
                                        new Elementwise.Max(),
                                        longs(Long.MAX_VALUE),
                                        longs(Long.MAX_VALUE - 1))
                                .toLongs())
                .containsExactly(Long.MAX_VALUE);
    }

    @Test
    void roundingGoesToEvenHalves() {
        assertThat(
                        Oracle.of(new Elementwise.Round(), doubles(0.5, 1.5, 2.5, -0.5, -1.5))
                                .toDoubles())
                .containsExactly(0, 2, 2, -0.0, -2);
        assertThat(Oracle.of(new Elementwise.Floor(), doubles(-1.5, 1.5)).toDoubles())
                .containsExactly(-2, 1);
        assertThat(Oracle.of(new Elementwise.Ceil(), doubles(-1.5, 1.5)).toDoubles())
                .containsExactly(-1, 2);
    }

    @Test
    void castsAreJavasCasts() {
        Tensor x = doubles(-1.9, 1.9, 1e20, NAN, 0);
        assertThat(Oracle.of(new Elementwise.Cast(DType.INT32), x).toInts())
                .containsExactly(-1, 1, Integer.MAX_VALUE, 0, 0);
        assertThat(Oracle.of(new Elementwise.Cast(DType.INT64), x).toLongs())
                .containsExactly(-1, 1, Long.MAX_VALUE, 0, 0);
        assertThat(Oracle.of(new Elementwise.Cast(DType.BOOL), x).toBooleans())
                .containsExactly(true, true, true, true, false);
        assertThat(Oracle.of(new Elementwise.Cast(DType.INT32), longs((1L << 32) + 7)).toInts())
                .containsExactly(7);
        // 2⁶⁰ + 2³⁶ + 1 lies just above the middle of two floats; by way of double it would be the
        // middle
        // itself and go to the even one below
        assertThat(
                        Oracle.of(
                                        new Elementwise.Cast(DType.FLOAT32),
                                        longs((1L << 60) + (1L << 36) + 1))
                                .toFloats())
                .containsExactly((float) (1L << 60) + (float) (1L << 37));
        assertThat(Oracle.of(new Elementwise.Cast(DType.FLOAT64), bools(true, false)).toDoubles())
                .containsExactly(1, 0);
    }

    /** The Maclaurin series of erf, summed with 60 decimal digits. */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1e-10, 1.1283791670955126e-10",
        "0.1, 0.1124629160182849",
        "0.5, 0.5204998778130465",
        "1, 0.8427007929497149",
        "1.5, 0.9661051464753108",
        "1.99, 0.99511141319961705",
        "2, 0.9953222650189527",
        "2.5, 0.9995930479825550",
        "3, 0.9999779095030014",
        "6, 1",
        "30, 1"
    })
    void errorFunction(double x, double expected) {
        assertThat(Erf.of(x)).isCloseTo(expected, within(2e-15 * Math.abs(expected)));
        assertThat(Erf.of(-x)).isEqualTo(-Erf.of(x));
    }

    @Test
    void errorFunctionAtTheEnds() {
        assertThat(Oracle.of(new Elementwise.Erf(), doubles(INFINITY, -INFINITY, NAN)).toDoubles())
                .containsExactly(1, -1, NAN);
    }

    @Test
    void logisticDoesNotOverflow() {
        double[] y =
                Oracle.of(new Elementwise.Logistic(), doubles(0, 1, -1, -740, 740)).toDoubles();
        assertThat(y[0]).isEqualTo(0.5);
        assertThat(y[1] + y[2]).isCloseTo(1, within(1e-15));
        assertThat(y[3]).isPositive().isEqualTo(Math.exp(-740));
        assertThat(y[4]).isEqualTo(1);
    }

    @Test
    void functionsOfFloatsAreRoundedOnce() {
        float x = 0.7f;
        Tensor t = floats(x);
        assertThat(Oracle.of(new Elementwise.Exp(), t).toFloats())
                .containsExactly((float) Math.exp(x));
        assertThat(Oracle.of(new Elementwise.Sqrt(), t).toFloats())
                .containsExactly((float) Math.sqrt(x));
        assertThat(Oracle.of(new Elementwise.Rsqrt(), t).toFloats())
                .containsExactly((float) (1 / Math.sqrt(x)));
        assertThat(Oracle.of(new Elementwise.Tanh(), t).toFloats())
                .containsExactly((float) Math.tanh(x));
        assertThat(Oracle.of(new Elementwise.Atan2(), floats(-1), floats(-1)).toFloats())
                .containsExactly((float) (-0.75 * Math.PI));
        assertThat(Oracle.of(new Elementwise.Pow(), doubles(2, 9), doubles(10, 0.5)).toDoubles())
                .containsExactly(1024, 3);
    }

    @ParameterizedTest
    @EnumSource(Elementwise.Order.class)
    void comparisons(Elementwise.Order order) {
        var expected = switch (order) { // of (1, 2), (2, 2), (3, 2)
                    case EQUAL -> new boolean[] {false, true, false};
                    case NOT_EQUAL -> new boolean[] {true, false, true};
                    case LESS -> new boolean[] {true, false, false};
                    case LESS_EQUAL -> new boolean[] {true, true, false};
                    case GREATER -> new boolean[] {false, false, true};
                    case GREATER_EQUAL -> new boolean[] {false, true, true};
                };
        var op = new Elementwise.Compare(order);
        assertThat(Oracle.of(op, doubles(1, 2, 3), doubles(2, 2, 2)).toBooleans())
                .isEqualTo(expected);
        long big = 1L << 60; // big and big + 1 are one double
        assertThat(Oracle.of(op, longs(big - 1, big, big + 1), longs(big, big, big)).toBooleans())
                .isEqualTo(expected);
        assertThat(Oracle.of(op, doubles(NAN), doubles(NAN)).toBooleans())
                .containsExactly(order == Elementwise.Order.NOT_EQUAL);
    }

    @Test
    void truthAndChoice() {
        Tensor p = bools(false, false, true, true);
        Tensor q = bools(false, true, false, true);
        assertThat(Oracle.of(new Elementwise.And(), p, q).toBooleans())
                .containsExactly(false, false, false, true);
        assertThat(Oracle.of(new Elementwise.Or(), p, q).toBooleans())
                .containsExactly(false, true, true, true);
        assertThat(Oracle.of(new Elementwise.Not(), p).toBooleans())
                .containsExactly(true, true, false, false);
        assertThat(
                        Oracle.of(new Elementwise.Select(), p, ints(1, 2, 3, 4), ints(5, 6, 7, 8))
                                .toInts())
                .containsExactly(5, 6, 3, 4);
        assertThat(Oracle.of(new Elementwise.IsFinite(), doubles(1, INFINITY, NAN)).toBooleans())
                .containsExactly(true, false, false);
    }

    @Test
    void shiftsBringZerosIn() {
        assertThat(Oracle.of(new Elementwise.ShiftRight(9), ints(-1, 512)).toInts())
                .containsExactly(0x7fffff, 1);
        assertThat(Oracle.of(new Elementwise.ShiftRight(1), longs(-1)).toLongs())
                .containsExactly(Long.MAX_VALUE);
        assertThat(Oracle.of(new Elementwise.ShiftRight(31), ints(-1)).toInts()).containsExactly(1);
    }

    @Test
    void resultsAreFreshMemory() {
        Tensor x = floats(1, 2);
        Tensor y = Oracle.of(new Elementwise.StopGradient(), x);
        assertThat(y.toFloats()).containsExactly(1, 2);
        assertThat(((Array) y).buffer().host()).isNotSameAs(((Array) x).buffer().host());
    }
}
