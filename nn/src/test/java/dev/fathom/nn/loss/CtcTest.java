package dev.fathom.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Doubles;
import dev.fathom.testkit.check.FunctionCheck;
import dev.fathom.testkit.check.GradientCheck;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

final class CtcTest {
    private static final int TIME = 5;
    private static final int CLASSES = 3;

    private static Tensor ints(int... values) {
        return Tensor.of(values);
    }

    private static Ctc of(Tensor logits, int[][] labels, int[] times, int[] lengths) {
        var flat = new int[labels.length * labels[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = labels[i / labels[0].length][i % labels[0].length];
        }
        return new Ctc(
                logits,
                Tensor.of(flat, labels.length, labels[0].length),
                ints(times),
                ints(lengths));
    }

    /** −ln of the sum over all classes^time paths that collapse to the labels. */
    private static double enumerated(double[] logits, int time, List<Integer> labels) {
        double sum = 0;
        for (int code = 0; code < (int) Math.pow(CLASSES, time); code++) {
            var collapsed = new ArrayList<Integer>();
            double p = 1;
            int rest = code;
            int before = 0;
            for (int t = 0; t < time; t++) {
                int c = rest % CLASSES;
                rest /= CLASSES;
                double all = 0;
                for (int k = 0; k < CLASSES; k++) {
                    all += Math.exp(logits[t * CLASSES + k]);
                }
                p *= Math.exp(logits[t * CLASSES + c]) / all;
                if (c != 0 && c != before) {
                    collapsed.add(c);
                }
                before = c;
            }
            sum += collapsed.equals(labels) ? p : 0;
        }
        return -Math.log(sum);
    }

    @Test
    void theLossIsThatOfAllPathsEnumerated() {
        // repeats, no labels, one step, labels beyond the length (the 2 in brackets)
        int[][] labels = {{1, 2, 1}, {1, 1, 2}, {2, 2, 2}, {1, 2, 2}, {2, 1, 1}, {2, 1, 2}};
        int[] lengths = {3, 2, 0, 1, 3, 2};
        int[] times = {5, 4, 5, 1, 4, 3};
        Tensor z = Doubles.normal(3, labels.length, TIME, CLASSES);
        var each = of(z, labels, times, lengths).each().toDoubles();
        for (int i = 0; i < labels.length; i++) {
            var wanted = new ArrayList<Integer>();
            for (int j = 0; j < lengths[i]; j++) {
                wanted.add(labels[i][j]);
            }
            assertThat(each[i])
                    .as("sequence %d", i)
                    .isEqualTo(enumerated(z.get(i).toDoubles(), times[i], wanted), within(1e-12));
        }
    }

    @Test
    void byHand() {
        // uniform over blank and 1, two steps: "1" is 11, 01, 10: p = 3/4
        var ctc =
                of(
                        Tensor.of(new double[4], 1, 2, 2),
                        new int[][] {{1}},
                        new int[] {2},
                        new int[] {1});
        assertThat(ctc.mean().item()).isEqualTo(-Math.log(.75), within(1e-15));
    }

    @Test
    void whatNoPathGivesIsInfiniteAndSpoilsNoOther() {
        // "11" needs three steps, "12" two
        int[][] labels = {{1, 1}, {1, 2}};
        Tensor z = Doubles.normal(4, 2, 2, CLASSES);
        var times = new int[] {2, 2};
        var lengths = new int[] {2, 2};
        var each = of(z, labels, times, lengths).each().toDoubles();
        assertThat(each[0]).isInfinite().isPositive();
        assertThat(each[1])
                .isEqualTo(enumerated(z.get(1).toDoubles(), 2, List.of(1, 2)), within(1e-12));
        Tensor g =
                Transforms.grad((Tensor x) -> of(x, labels, times, lengths).each().sum()).apply(z);
        assertThat(g.get(0).toDoubles()).containsOnly(0);
        FunctionCheck.assertFinite(g);
        assertThat(g.get(1).abs().max().item()).isGreaterThan(.01);
    }

    @Test
    void derivativesAndPrograms() {
        int[][] labels = {{1, 2, 1}, {1, 1, 2}, {2, 2, 2}};
        int[] times = {5, 4, 2};
        int[] lengths = {3, 2, 0};
        Tensor z = Doubles.normal(5, 3, TIME, CLASSES);
        GradientCheck.assertGradients((Tensor x) -> of(x, labels, times, lengths).each(), z);
        FunctionCheck.assertJit((Tensor x) -> of(x, labels, times, lengths).mean(), z);
        // steps beyond the length have no gradient
        Tensor g = Transforms.grad((Tensor x) -> of(x, labels, times, lengths).mean()).apply(z);
        assertThat(g.get(2).slice(0, 2, TIME).toDoubles()).containsOnly(0);
    }

    @Test
    void messages() {
        Tensor z = Tensor.zeros(1, 2, 3);
        assertThatThrownBy(() -> of(z, new int[][] {{0}}, new int[] {2}, new int[] {1}))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("label 0 of sequence 0 is 0, the blank");
        assertThatThrownBy(() -> of(z, new int[][] {{3}}, new int[] {2}, new int[] {1}))
                .hasMessageContaining("ctc: label 3 at position 0 is not in 0 .. 2");
        assertThatThrownBy(() -> of(z, new int[][] {{1}}, new int[] {3}, new int[] {1}))
                .hasMessageContaining("ctc: input length 3 at position 0 is not in 1 .. 2");
        assertThatThrownBy(() -> of(z, new int[][] {{1}}, new int[] {2}, new int[] {2}))
                .hasMessageContaining("ctc: label length 2 at position 0 is not in 0 .. 1");
        assertThatThrownBy(() -> of(z, new int[][] {{1}}, new int[] {2, 2}, new int[] {1}))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("(n, time, classes), (n, most labels), (n), (n)");
        assertThatThrownBy(() -> new Ctc(z, Tensor.of(new float[] {1}, 1, 1), ints(2), ints(1)))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("int32");
    }
}
