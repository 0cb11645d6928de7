package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;

class DoubleMathTest {

    /** At the points {@code x}, no further from correctly rounded values than {@code ulps}. */
    private static void check(
            Kernels.DoubleUnary kernel, double ulps, double[] x, double[] rounded) {
        double[] y = new double[x.length];
        kernel.run(x, 0, y, 0, x.length);
        for (int i = 0; i < x.length; i++) {
            assertThat(Math.abs(y[i] - rounded[i]))
                    .as("at %s: %s, exact %s", x[i], y[i], rounded[i])
                    .isLessThanOrEqualTo(ulps * Math.ulp(rounded[i]));
        }
    }

    /** Against a function that is itself within one ulp, at 20000 random points of a range. */
    private static void sweep(
            Kernels.DoubleUnary kernel, DoubleUnaryOperator oracle, double low, double high) {
        int n = 20_000;
        double[] x = new Random(1).doubles(n, low, high).toArray();
        double[] y = new double[n];
        kernel.run(x, 0, y, 0, n);
        for (int i = 0; i < n; i++) {
            double expected = oracle.applyAsDouble(x[i]);
            assertThat(Math.abs(y[i] - expected))
                    .as("at %s: %s, expected %s", x[i], y[i], expected)
                    .isLessThanOrEqualTo(4 * Math.ulp(expected));
        }
    }

    private static double[] apply(Kernels.DoubleUnary kernel, double... x) {
        double[] y = new double[x.length];
        kernel.run(x, 0, y, 0, x.length);
        return y;
    }

    // Exact values: mpmath 1.3 with 300 bits, rounded to double.

    @Test
    void expAgainstManyDigits() {
        double[] x = {-745.0, -708.5, -20.25, -1.0, -0.3, 1e-09, 0.1, 0.7, 1.0, 5.5, 33.3, 709.75};
        double[] rounded = {
            5e-324,
            2.006132305331306e-308,
            1.6052280551856116e-09,
            0.36787944117144233,
            0.7408182206817179,
            1.000000001,
            1.1051709180756477,
            2.0137527074704766,
            2.718281828459045,
            244.69193226422038,
            289738526663660.5,
            1.7398368732641605e+308
        };
        check(DoubleMath::exp, 2.5, x, rounded);
    }

    @Test
    void expm1AgainstManyDigits() {
        double[] x = {-60.0, -5.0, -1.0, -0.35, -1e-05, 1e-12, 0.2, 0.389, 1.0, 7.7, 100.5, 709.5};
        double[] rounded = {
            -1.0,
            -0.9932620530009145,
            -0.6321205588285577,
            -0.29531191028128656,
            -9.999950000166666e-06,
            1.0000000000005e-12,
            0.22140275816016985,
            0.47550455133305497,
            1.7182818284590453,
            2207.347991887209,
            4.4319559098458955e+43,
            1.3549863193146328e+308
        };
        check(DoubleMath::expm1, 2.5, x, rounded);
    }

    @Test
    void logAgainstManyDigits() {
        double[] x = {
            5e-324, 1e-310, 1e-30, 0.1, 0.5, 0.7071, 0.98, 1.0000001, 1.3, 1.5, 2.0, 1e+300
        };
        double[] rounded = {
            -744.4400719213812,
            -713.8013788281542,
            -69.07755278982137,
            -2.3025850929940455,
            -0.6931471805599453,
            -0.346583180371942,
            -0.020202707317519466,
            9.999999505838704e-08,
            0.26236426446749106,
            0.4054651081081644,
            0.6931471805599453,
            690.7755278982137
        };
        check(DoubleMath::log, 2.5, x, rounded);
    }

    @Test
    void log1pAgainstManyDigits() {
        double[] x = {
            -0.9999, -0.5, -0.25, -1e-06, 1e-14, 0.0001, 0.43, 0.5, 1.0, 3.25, 1000000000.0, 1e+300
        };
        double[] rounded = {
            -9.210340371976294,
            -0.6931471805599453,
            -0.2876820724517809,
            -1.0000005000003334e-06,
            9.99999999999995e-15,
            9.999500033330834e-05,
            0.3576744442718159,
            0.4054651081081644,
            0.6931471805599453,
            1.4469189829363254,
            20.72326583794641,
            690.7755278982137
        };
        check(DoubleMath::log1p, 2.5, x, rounded);
    }

    @Test
    void tanhAgainstManyDigits() {
        double[] x = {-19.0, -3.0, -1.0, -0.213, -0.001, 1e-09, 0.01, 0.3, 0.55, 1.75, 8.0, 25.0};
        double[] rounded = {
            -0.9999999999999999,
            -0.9950547536867305,
            -0.7615941559557649,
            -0.20983620392641567,
            -0.0009999996666668,
            1e-09,
            0.00999966667999946,
            0.2913126124515909,
            0.5005202111902353,
            0.9413755384972874,
            0.9999997749296758,
            1.0
        };
        check(DoubleMath::tanh, 2.5, x, rounded);
    }

    @Test
    void logisticAgainstManyDigits() {
        double[] x = {-740.0, -100.0, -20.0, -2.72, -1.0, -0.001, 0.1, 0.9, 2.0, 10.0, 36.0, 50.0};
        double[] rounded = {
            4.2e-322,
            3.720075976020836e-44,
            2.0611536181902037e-09,
            0.06180346626358857,
            0.2689414213699951,
            0.4997500000208333,
            0.52497918747894,
            0.710949502625004,
            0.8807970779778824,
            0.9999546021312976,
            0.9999999999999998,
            1.0
        };
        check(DoubleMath::logistic, 2.5, x, rounded);
    }

    @Test
    void erfAgainstManyDigits() {
        double[] x = {-5.5, -2.5, -1.0, -0.99, -0.3, 1e-08, 0.1, 0.5, 1.0625, 1.5, 3.3, 5.8};
        double[] rounded = {
            -0.9999999999999927,
            -0.999593047982555,
            -0.8427007929497149,
            -0.8385080695553698,
            -0.3286267594591274,
            1.1283791670955126e-08,
            0.1124629160182849,
            0.5204998778130465,
            0.8670582694349528,
            0.9661051464753108,
            0.9999969422902035,
            0.9999999999999998
        };
        check(DoubleMath::erf, 2.5, x, rounded);
    }

    @Test
    void sinAgainstManyDigits() {
        double[] x = {
            -1000000.0,
            -1000.1,
            -3.14,
            -1.5,
            -0.1,
            1e-09,
            0.5,
            1.0,
            3.141592653589793,
            10.0,
            785398.1633974483,
            1e+22
        };
        double[] rounded = {
            0.34999350217129294,
            -0.8788928116493216,
            -0.0015926529164868282,
            -0.9974949866040544,
            -0.09983341664682815,
            1e-09,
            0.479425538604203,
            0.8414709848078965,
            1.2246467991473532e-16,
            -0.5440211108893698,
            -5.579780453402178e-11,
            -0.8522008497671888
        };
        check(DoubleTrig::sin, 2.5, x, rounded);
    }

    @Test
    void cosAgainstManyDigits() {
        double[] x = {
            -1000000.0,
            -1000.1,
            -3.14,
            -1.5707963267948966,
            -0.1,
            1e-09,
            0.5,
            1.0,
            3.2,
            10.0,
            785398.1633974483,
            1e+22
        };
        double[] rounded = {
            0.9367521275331447,
            0.4770193136877689,
            -0.9999987317275395,
            6.123233995736766e-17,
            0.9950041652780258,
            1.0,
            0.8775825618903728,
            0.5403023058681398,
            -0.9982947757947531,
            -0.8390715290764524,
            1.0,
            0.523214785395139
        };
        check(DoubleTrig::cos, 2.5, x, rounded);
    }

    @Test
    void randomPointsAgainstStrictMath() {
        sweep(DoubleMath::exp, StrictMath::exp, -740, 709);
        sweep(DoubleMath::exp, StrictMath::exp, -2, 2);
        sweep(DoubleMath::expm1, StrictMath::expm1, -2, 2);
        sweep(DoubleMath::log, StrictMath::log, 0, 3);
        sweep(DoubleMath::log, StrictMath::log, 1, 1e9);
        sweep(DoubleMath::log1p, StrictMath::log1p, -1, 3);
        sweep(DoubleMath::tanh, StrictMath::tanh, -3, 3);
        sweep(DoubleTrig::sin, StrictMath::sin, -1e6, 1e6);
        sweep(DoubleTrig::cos, StrictMath::cos, -1e6, 1e6);
        sweep(DoubleTrig::sin, StrictMath::sin, -1e300, 1e300);
    }

    @Test
    void limitsAndSpecialValues() {
        double inf = Double.POSITIVE_INFINITY;
        double nan = Double.NaN;
        double tiny = Double.MIN_VALUE;
        assertThat(apply(DoubleMath::exp, -inf, -746, 0, -0d, 709.79, inf, nan))
                .containsExactly(0, 0, 1, 1, inf, inf, nan);
        assertThat(apply(DoubleMath::expm1, -inf, -0d, 0d, -tiny, tiny, inf, nan))
                .containsExactly(-1, -0d, 0d, -tiny, tiny, inf, nan);
        assertThat(apply(DoubleMath::log, -inf, -tiny, -0d, 0d, 1, inf, nan))
                .containsExactly(nan, nan, -inf, -inf, 0, inf, nan);
        assertThat(apply(DoubleMath::log1p, -inf, -1.5, -1, -0d, 0d, tiny, inf, nan))
                .containsExactly(nan, nan, -inf, -0d, 0d, tiny, inf, nan);
        assertThat(apply(DoubleMath::tanh, -inf, -0d, 0d, -tiny, inf, nan))
                .containsExactly(-1, -0d, 0d, -tiny, 1, nan);
        assertThat(apply(DoubleMath::logistic, -inf, -0d, 0d, inf, nan))
                .containsExactly(0, 0.5, 0.5, 1, nan);
        assertThat(apply(DoubleMath::erf, -inf, -0d, 0d, inf, nan))
                .containsExactly(-1, -0d, 0d, 1, nan);
        assertThat(apply(DoubleTrig::sin, -inf, -0d, 0d, -tiny, inf, nan))
                .containsExactly(nan, -0d, 0d, -tiny, nan, nan);
        assertThat(apply(DoubleTrig::cos, -inf, -0d, 0d, inf, nan))
                .containsExactly(nan, 1, 1, nan, nan);
    }

    @Test
    void powAndAtan2AreStrictMaths() {
        int n = 22 * 22;
        double[] a = new double[n];
        double[] b = new double[n];
        for (int i = 0; i < n; i++) {
            a[i] = Kernels.DOUBLES[i / 22];
            b[i] = Kernels.DOUBLES[i % 22];
        }
        double[] y = new double[n];
        DoubleMath.pow(a, 0, b, 0, y, 0, n);
        for (int i = 0; i < n; i++) {
            assertThat(y[i]).isEqualTo(Double.valueOf(StrictMath.pow(a[i], b[i])));
        }
        DoubleTrig.atan2(a, 0, b, 0, y, 0, n);
        for (int i = 0; i < n; i++) {
            assertThat(y[i]).isEqualTo(Double.valueOf(StrictMath.atan2(a[i], b[i])));
        }
    }

    @Test
    void bitsDoNotDependOnPositionOrWidth() {
        Kernels.DoubleUnary[] kernels = {
            DoubleMath::exp, DoubleMath::expm1, DoubleMath::log, DoubleMath::log1p,
            DoubleMath::tanh, DoubleMath::logistic, DoubleMath::erf, DoubleTrig::sin,
            DoubleTrig::cos
        };
        // from one run with 512-bit vectors; runs at 256 and 128 bits must agree
        long[] hashes = {
            -2732935136977812127L,
            -3767796278891762185L,
            -5906319452855567681L,
            -6294240265889425283L,
            -6925054985256200566L,
            3702429923086108212L,
            5917062807668552233L,
            40767777400348391L,
            167110076521811992L
        };
        for (int k = 0; k < kernels.length; k++) {
            double[] x = Kernels.doubles(1001, 7);
            double[] y = new double[1001];
            kernels[k].run(x, 0, y, 0, 1001);
            assertThat(Kernels.hash(y)).as("kernel %s", k).isEqualTo(hashes[k]);
            double[] one = new double[1004];
            for (int from = 0; from < 1001; ) {
                int n = Math.min(1001 - from, 1 + from % 19);
                kernels[k].run(x, from, one, from + 3, n);
                from += n;
            }
            for (int i = 0; i < 1001; i++) {
                assertThat(one[i + 3]).isEqualTo(Double.valueOf(y[i]));
            }
            kernels[k].run(x, 0, x, 0, 1001);
            assertThat(Kernels.hash(x)).isEqualTo(hashes[k]);
        }
    }
}
