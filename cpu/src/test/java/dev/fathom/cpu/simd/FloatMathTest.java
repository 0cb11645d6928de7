package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.function.DoubleUnaryOperator;

class FloatMathTest {

    /** Every 2039th float of both signs in a range, against a double oracle. */
    private static void sweep(
            Kernels.FloatUnary kernel,
            DoubleUnaryOperator oracle,
            double ulps,
            float low,
            float high) {
        float[] x = new float[2_100_000];
        int n = 0;
        for (int bits = 0; bits >= 0 && bits < 0x7f800000; bits += 2039) {
            float v = Float.intBitsToFloat(bits);
            if (v >= low && v <= high) {
                x[n++] = v;
            }
            if (-v >= low && -v <= high) {
                x[n++] = -v;
            }
        }
        assertThat(n).isGreaterThan(10_000);
        float[] y = new float[n];
        kernel.run(x, 0, y, 0, n);
        double worst = 0;
        float where = 0;
        for (int i = 0; i < n; i++) {
            double distance = Kernels.ulps(y[i], oracle.applyAsDouble(x[i]));
            if (distance > worst) {
                worst = distance;
                where = x[i];
            }
        }
        assertThat(worst).as("worst at %s", where).isLessThanOrEqualTo(ulps);
    }

    @Test
    void errorsStayWithinTheStatedBounds() {
        float max = Float.MAX_VALUE;
        sweep(FloatMath::exp, Math::exp, 1, -120, 120);
        sweep(FloatMath::expm1, Math::expm1, 1.4, -120, 120);
        sweep(FloatMath::log, Math::log, 0.9, Float.MIN_VALUE, max);
        sweep(FloatMath::log1p, Math::log1p, 1.5, -1, max);
        sweep(FloatMath::tanh, Math::tanh, 2.4, -20, 20);
        sweep(FloatMath::logistic, v -> 1 / (1 + Math.exp(-v)), 2.2, -80, 120);
        sweep(FloatElementwise::rsqrt, v -> 1 / Math.sqrt(v), 1.5, Float.MIN_VALUE, max);
        sweep(FloatTrig::sin, Math::sin, 1.6, -0x1p17f, 0x1p17f);
        sweep(FloatTrig::cos, Math::cos, 1.6, -0x1p17f, 0x1p17f);
        sweep(FloatTrig::sin, Math::sin, 0.51, 0x1.8p17f, max);
        sweep(FloatTrig::cos, Math::cos, 0.51, 0x1.8p17f, max);
    }

    @Test
    void erfAgainstTheDoubleKernel() {
        // which is tested against many digits by itself
        sweep(
                FloatMath::erf,
                v -> {
                    double[] y = {v};
                    DoubleMath.erf(y, 0, y, 0, 1);
                    return y[0];
                },
                1.3,
                -5,
                5);
        // mpmath 1.3, 300 bits
        float[] x = {
            -3.9000000953674316f,
            -2.0f,
            -1.0f,
            -0.9990000128746033f,
            -0.5f,
            -0.009999999776482582f,
            9.999999747378752e-05f,
            0.25f,
            0.75f,
            0.9800000190734863f,
            1.25f,
            3.5f
        };
        double[] exact = {
            -0.9999999652077781,
            -0.9953222650189527,
            -0.8427007929497149,
            -0.8422852755615352,
            -0.5204998778130465,
            -0.011283415303662439,
            0.00011283791348289937,
            0.27632639016823696,
            0.7111556336535151,
            0.8342315125775805,
            0.9229001282564583,
            0.9999992569016276
        };
        float[] y = Kernels.apply(FloatMath::erf, x);
        for (int i = 0; i < x.length; i++) {
            assertThat(Kernels.ulps(y[i], exact[i])).isLessThanOrEqualTo(1.3);
        }
    }

    @Test
    void limitsAndSpecialValues() {
        float inf = Float.POSITIVE_INFINITY;
        float nan = Float.NaN;
        float tiny = Float.MIN_VALUE;
        assertThat(Kernels.apply(FloatMath::exp, -inf, -104f, 0f, -0f, 88.73f, inf, nan))
                .containsExactly(0, 0, 1, 1, inf, inf, nan);
        assertThat(Kernels.apply(FloatMath::expm1, -inf, -0f, 0f, -tiny, tiny, inf, nan))
                .containsExactly(-1, -0f, 0f, -tiny, tiny, inf, nan);
        assertThat(Kernels.apply(FloatMath::log, -inf, -tiny, -0f, 0f, 1, inf, nan))
                .containsExactly(nan, nan, -inf, -inf, 0, inf, nan);
        assertThat(Kernels.apply(FloatMath::log1p, -inf, -1.5f, -1, -0f, 0f, tiny, inf, nan))
                .containsExactly(nan, nan, -inf, -0f, 0f, tiny, inf, nan);
        assertThat(Kernels.apply(FloatMath::tanh, -inf, -0f, 0f, -tiny, inf, nan))
                .containsExactly(-1, -0f, 0f, -tiny, 1, nan);
        assertThat(Kernels.apply(FloatMath::logistic, -inf, -0f, 0f, inf, nan))
                .containsExactly(0, 0.5f, 0.5f, 1, nan);
        assertThat(Kernels.apply(FloatMath::erf, -inf, -0f, 0f, inf, nan))
                .containsExactly(-1, -0f, 0f, 1, nan);
        assertThat(Kernels.apply(FloatTrig::sin, -inf, -0f, 0f, -tiny, inf, nan))
                .containsExactly(nan, -0f, 0f, -tiny, nan, nan);
        assertThat(Kernels.apply(FloatTrig::cos, -inf, -0f, 0f, inf, nan))
                .containsExactly(nan, 1, 1, nan, nan);
    }

    @Test
    void hugeArgumentsOfSineShareAVectorWithSmallOnes() {
        float[] x = Kernels.floats(67, 3);
        for (int i = 0; i < 67; i += 5) {
            x[i] = 1e6f * (i + 1);
        }
        float[] sin = x.clone();
        FloatTrig.sin(sin, 0, sin, 0, 67);
        float[] cos = x.clone();
        FloatTrig.cos(cos, 0, cos, 0, 67);
        for (int i = 0; i < 67; i++) {
            assertThat(Kernels.ulps(sin[i], Math.sin(x[i]))).isLessThanOrEqualTo(1.6);
            assertThat(Kernels.ulps(cos[i], Math.cos(x[i]))).isLessThanOrEqualTo(1.6);
        }
    }

    /** The polynomial of exp once more, in scalar arithmetic. */
    private static float expByHand(float x) {
        float v = Math.clamp(x, -104f, 89f);
        float k = Math.fma(v, 0x1.715476p0f, 0x1.8p23f) - 0x1.8p23f;
        float r = Math.fma(k, 0x1.05c61p-29f, Math.fma(k, -0x1.62e43p-1f, v));
        float p = Math.fma(0x1.9e8b1p-13f, r, 0x1.6d4052p-10f);
        p = Math.fma(p, r, 0x1.1112dp-7f);
        p = Math.fma(p, r, 0x1.5554f4p-5f);
        p = Math.fma(p, r, 0x1.555554p-3f);
        p = Math.fma(p, r, 0.5f);
        return Math.scalb(Math.fma(p, r * r, r) + 1f, (int) k);
    }

    @Test
    void everyLaneIsTheScalarFormula() {
        for (int n : Kernels.SIZES) {
            float[] x = Kernels.floats(n + 1, n);
            float[] y = new float[n + 3];
            FloatMath.exp(x, 1, y, 2, n);
            for (int i = 0; i < n; i++) {
                float expected = Float.isNaN(x[i + 1]) ? Float.NaN : expByHand(x[i + 1]);
                assertThat(y[i + 2]).isEqualTo(Float.valueOf(expected));
            }
            assertThat(y[n + 2]).isZero();
        }
    }

    @Test
    void bitsDoNotDependOnPositionOrWidth() {
        Kernels.FloatUnary[] kernels = {
            FloatMath::exp, FloatMath::expm1, FloatMath::log, FloatMath::log1p,
            FloatMath::tanh, FloatMath::logistic, FloatMath::erf, FloatTrig::sin,
            FloatTrig::cos
        };
        // from one run with 512-bit vectors; runs at 256 and 128 bits must agree
        long[] hashes = {
            -2739502846810944879L,
            2945627502572166787L,
            1978298157998946401L,
            -3010675559111616549L,
            4089122642187301182L,
            3327382271035014270L,
            6102695900913712438L,
            7977951056529373066L,
            -219896833779237064L
        };
        for (int k = 0; k < kernels.length; k++) {
            float[] x = Kernels.floats(1001, 7);
            float[] y = new float[1001];
            kernels[k].run(x, 0, y, 0, 1001);
            assertThat(Kernels.hash(y)).as("kernel %s", k).isEqualTo(hashes[k]);
            float[] one = new float[1004];
            for (int from = 0; from < 1001; ) {
                int n = Math.min(1001 - from, 1 + from % 19);
                kernels[k].run(x, from, one, from + 3, n);
                from += n;
            }
            for (int i = 0; i < 1001; i++) {
                assertThat(one[i + 3]).isEqualTo(Float.valueOf(y[i]));
            }
            kernels[k].run(x, 0, x, 0, 1001);
            assertThat(Kernels.hash(x)).isEqualTo(hashes[k]);
        }
    }
}
