package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.cpu.workers.Scratch;
import dev.fathom.cpu.workers.Workers;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

/** Gradients of a kernel for each image, or for each run of images. */
class ConvSamplesTest {
    @Test
    void samplesHaveKernelGradientsOfTheirOwn() {
        for (var g :
                new ConvGeometry[] {
                    ConvTest.flat(6, 28, 28, 5, 1, 1, 1, 6, 1),
                    ConvTest.flat(6, 14, 14, 5, 1, 1, 6, 16, 1),
                    ConvTest.flat(6, 9, 11, 3, 2, 1, 5, 7, 1),
                    ConvTest.flat(6, 9, 9, 3, 1, 1, 4, 6, 2),
                    ConvTest.flat(6, 9, 9, 3, 1, 1, 4, 4, 4),
                    ConvTest.flat(6, 9, 9, 1, 1, 1, 4, 3, 1),
                    ConvTest.flat(6, 0, 9, 3, 1, 1, 4, 3, 1)
                }) {
            for (int samples : new int[] {3, 6}) {
                checkSamples(g, samples);
            }
        }
    }

    @Test
    void samplesInLanesHaveKernelGradientsOfTheirOwn() {
        for (int batch : new int[] {16, 19, 40}) {
            for (var g :
                    new ConvGeometry[] {
                        ConvTest.flat(batch, 8, 9, 5, 1, 1, 1, 6, 1),
                        ConvTest.flat(batch, 7, 6, 5, 1, 1, 6, 16, 1)
                    }) {
                checkWhole(g, batch);
            }
        }
        checkWhole(ConvTest.flat(48, 6, 6, 3, 1, 1, 2, 3, 1), 3); // runs of images take other paths
        checkWhole(ConvTest.flat(20, 6, 6, 3, 1, 1, 2, 3, 1), 5);
    }

    /** Whole numbers, so that sums are exact in any order. */
    private static void checkWhole(ConvGeometry g, int samples) {
        SplittableRandom random = new SplittableRandom(g.hashCode());
        float[] x = new float[g.inputSize()];
        float[] dy = new float[g.outputSize()];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(-5, 6);
        }
        for (int i = 0; i < dy.length; i++) {
            dy[i] = random.nextInt(-5, 6);
        }
        int size = g.kernelSize();
        var one =
                new ConvGeometry(
                        g.batch() / samples,
                        g.in(),
                        g.out(),
                        g.kernel(),
                        g.stride(),
                        g.padLow(),
                        g.dilation(),
                        g.ci(),
                        g.co(),
                        1);
        float[] expected = new float[samples * size];
        for (int i = 0; i < samples; i++) {
            ConvF32.kernelGradient(
                    one,
                    x,
                    i * one.inputSize(),
                    dy,
                    i * one.outputSize(),
                    expected,
                    i * size,
                    ConvTest.POOLS[0],
                    Scratch.of());
        }
        for (Workers workers : ConvTest.POOLS) {
            float[] all = new float[expected.length];
            ConvF32.kernelGradients(g, samples, x, 0, dy, 0, all, 0, workers, Scratch.of());
            assertThat(all).as("%s", g).isEqualTo(expected);
        }
    }

    /** The bits of the gradients of each run of images alone, which are sums of one part. */
    private static void checkSamples(ConvGeometry g, int samples) {
        SplittableRandom random = new SplittableRandom(g.hashCode());
        float[] x = ConvTest.padded32(ConvTest.random(random, g.inputSize()), 5);
        float[] dy = ConvTest.padded32(ConvTest.random(random, g.outputSize()), 7);
        int size = g.kernelSize();
        var one =
                new ConvGeometry(
                        g.batch() / samples,
                        g.in(),
                        g.out(),
                        g.kernel(),
                        g.stride(),
                        g.padLow(),
                        g.dilation(),
                        g.ci(),
                        g.co(),
                        g.groups());
        float[] expected = ConvTest.padded32(new double[samples * size], 2);
        for (int i = 0; i < samples; i++) {
            ConvF32.kernelGradient(
                    one,
                    x,
                    5 + i * one.inputSize(),
                    dy,
                    7 + i * one.outputSize(),
                    expected,
                    2 + i * size,
                    ConvTest.POOLS[0],
                    Scratch.of());
        }
        for (Workers workers : ConvTest.POOLS) {
            float[] all = ConvTest.padded32(ConvTest.random(random, samples * size), 2);
            ConvF32.kernelGradients(g, samples, x, 5, dy, 7, all, 2, workers, Scratch.of());
            assertThat(all).as("%s, samples %d", g, samples).isEqualTo(expected);
        }
        assertThatThrownBy(() ->
                        ConvF32.kernelGradients(
                                g,
                                samples,
                                x,
                                5,
                                dy,
                                7,
                                new float[samples * size + 1],
                                2,
                                ConvTest.POOLS[0],
                                Scratch.of()))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
