package dev.fathom.cpu.plan;

import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.valueAndGrad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.math.Functions;
import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.cpu.simd.Weaver;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

class WovenTest {
    record State(Tensor p, Tensor m, Tensor v) {}

    /**
     * An update like Adam's, its mean in any dtype, after a layer with a bias, statistics of
     * columns, a mask and functions.
     */
    private static State step(State s, Tensor x) {
        var g =
                valueAndGrad(
                                (Tensor p) -> {
                                    Tensor h = Functions.relu(x.times(p).plus(0.1)); // (n, c)
                                    Tensor centred = h.minus(h.mean(0));
                                    Tensor bell = centred.square().negate().exp();
                                    Tensor gates = Functions.sigmoid(centred).times(h.tanh());
                                    return centred.square()
                                            .plus(h.abs())
                                            .plus(bell.times(Functions.erf(h)))
                                            .plus(gates)
                                            .mean();
                                })
                        .apply(s.p())
                        .gradient();
        Tensor m = s.m().cast(DType.FLOAT32).times(0.9).plus(g.times(0.1));
        Tensor v = s.v().times(0.99).plus(g.square().times(0.01));
        Tensor p = s.p().minus(m.dividedBy(v.sqrt().plus(1e-3)).times(0.01));
        return new State(p, m.cast(s.m().dtype()), v);
    }

    /** Eight steps, the last of them woven; or each by a program of its own, which is not woven. */
    private static List<double[]> run(int threads, boolean woven, DType mean) {
        return Backends.with(
                SimdBackend.withThreads(threads),
                () -> {
                    var keys = Key.of(8).split(2);
                    Tensor x = keys[0].normal(331, 37); // whole vectors, and some elements more
                    var s =
                            new State(
                                    keys[1].normal(331, 37),
                                    Tensor.full(mean, 0, 331, 37),
                                    Tensor.zeros(331, 37));
                    var f = jitDonating((State t) -> step(t, x));
                    for (int i = 0; i < 8; i++) {
                        s = f.apply(s);
                        if (woven) {
                            Weaver.settle();
                        } else {
                            f = jitDonating((State t) -> step(t, x));
                        }
                    }
                    return List.of(s.p().toDoubles(), s.m().toDoubles(), s.v().toDoubles());
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void loopsHaveTheBitsOfSingleOperationsForAnyNumberOfThreads(DType mean) {
        var expected = run(1, false, mean);
        for (int threads : new int[] {1, 2, 3, 7}) {
            var woven = run(threads, true, mean);
            for (int k = 0; k < expected.size(); k++) {
                assertThat(woven.get(k)).as("%d threads", threads).containsExactly(expected.get(k));
            }
        }
    }
}
