package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.tensor.BFloat16;
import dev.fathom.cpu.simd.Chain.Input;
import dev.fathom.cpu.simd.Chain.Line;
import dev.fathom.cpu.simd.Chain.Op;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class ChainTest {
    /** All pairs of awkward floats, and some more up to whole vectors. */
    private static final int PAIRS =
            Kernels.FLOATS.length * Kernels.FLOATS.length / Chain.LANES * Chain.LANES;

    private static final int OFFSET = 3;

    /**
     * What one operation gives, by the rules of Java or by the kernel of the function; truth values
     * are 0 and 1.
     */
    private static float scalar(Op op, float a, float b, float c) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case NEG -> -a;
            case ABS -> Math.abs(a);
            case SQRT -> (float) Math.sqrt(a);
            case RSQRT -> 1f / (float) Math.sqrt(a);
            case EXP -> Kernels.apply(FloatMath::exp, a)[0];
            case TANH -> Kernels.apply(FloatMath::tanh, a)[0];
            case LOGISTIC -> Kernels.apply(FloatMath::logistic, a)[0];
            case ERF -> Kernels.apply(FloatMath::erf, a)[0];
            case EQ -> a == b ? 1 : 0;
            case NE -> a != b ? 1 : 0;
            case LT -> a < b ? 1 : 0;
            case LE -> a <= b ? 1 : 0;
            case GT -> a > b ? 1 : 0;
            case GE -> a >= b ? 1 : 0;
            case AND -> a != 0 && b != 0 ? 1 : 0;
            case OR -> a != 0 || b != 0 ? 1 : 0;
            case NOT -> a == 0 ? 1 : 0;
            case SELECT -> a != 0 ? b : c;
            case KEEP -> BFloat16.toFloat(BFloat16.of(a));
            case WIDEN -> a;
        };
    }

    private static boolean takesTruths(Op op, int operand) {
        return switch (op) {
            case AND, OR, NOT -> true;
            case SELECT -> operand == 0;
            case ADD, SUB, MUL, DIV, MAX, MIN, NEG, ABS, SQRT, RSQRT, EQ, NE, LT, LE, GT, GE ->
                    false;
            case EXP, TANH, LOGISTIC, ERF, KEEP, WIDEN -> false;
        };
    }

    private static Input takes(Op op, int operand) {
        return takesTruths(op, operand) ? Input.TRUTHS : op == Op.WIDEN ? Input.KEPT : Input.FLOATS;
    }

    private static int operands(Op op) {
        return switch (op) {
            case NEG, ABS, SQRT, RSQRT, EXP, TANH, LOGISTIC, ERF, NOT, KEEP, WIDEN -> 1;
            case ADD, SUB, MUL, DIV, MAX, MIN, EQ, NE, LT, LE, GT, GE, AND, OR -> 2;
            case SELECT -> 3;
        };
    }

    /** The elements of an array of floats, bfloat16 or truth values. */
    private static float at(Object array, int i) {
        return switch (array) {
            case byte[] p -> p[i];
            case short[] b -> BFloat16.toFloat(b[i]);
            case Object f -> ((float[]) f)[i];
        };
    }

    private static Object zeros(Input held, int n) {
        return switch (held) {
            case TRUTHS -> new byte[n];
            case KEPT -> new short[n];
            case FLOATS, FLOAT -> new float[n];
        };
    }

    /** Runs a loop on {@code n} elements and compares every output with plain loops. */
    private static void check(Chain chain, Object[] inputs, int n) {
        int count = chain.inputs().size();
        var arrays = new Object[count + chain.outputs().size()];
        var at = new int[arrays.length];
        for (int k = 0; k < arrays.length; k++) {
            at[k] = OFFSET;
            if (k < count) {
                arrays[k] = inputs[k];
            } else {
                arrays[k] = zeros(chain.held(chain.outputs().get(k - count)), OFFSET + n + 1);
            }
        }
        ChainLoops.of(chain).run(arrays, at, n);
        for (int i = 0; i < n; i++) {
            var values = new float[count + chain.lines().size()];
            for (int k = 0; k < count; k++) {
                boolean one = chain.inputs().get(k) == Input.FLOAT;
                values[k] = at(inputs[k], OFFSET + (one ? 0 : i));
            }
            for (int l = 0; l < chain.lines().size(); l++) {
                var o = chain.lines().get(l).operands();
                values[count + l] =
                        scalar(
                                chain.lines().get(l).op(),
                                values[o.get(0)],
                                o.size() > 1 ? values[o.get(1)] : 0,
                                o.size() > 2 ? values[o.get(2)] : 0);
            }
            for (int k = 0; k < chain.outputs().size(); k++) {
                float value = values[chain.outputs().get(k)]; // any NaN is as good as another
                assertThat(Float.floatToIntBits(at(arrays[count + k], OFFSET + i)))
                        .as("output %d, element %d of %s", k, i, chain)
                        .isEqualTo(Float.floatToIntBits(value));
            }
        }
        for (int k = count; k < arrays.length; k++) { // nothing is written past the end
            assertThat(at(arrays[k], OFFSET + n)).isZero();
        }
    }

    private static float[] floats(int n, boolean fast) {
        var x = new float[OFFSET + n + 1];
        int m = Kernels.FLOATS.length;
        for (int i = 0; i < n; i++) {
            x[OFFSET + i] = Kernels.FLOATS[fast ? i % m : i / m % m];
        }
        return x;
    }

    private static short[] kept(float[] x) {
        var y = new short[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = BFloat16.of(x[i]);
        }
        return y;
    }

    private static byte[] truths(int n, int every) {
        var p = new byte[OFFSET + n + 1];
        for (int i = 0; i < n; i++) {
            p[OFFSET + i] = (byte) (i % every == 0 ? 1 : 0);
        }
        return p;
    }

    @ParameterizedTest
    @EnumSource(Op.class)
    void everyOperationHasTheBitsOfJava(Op op) {
        var inputs = new ArrayList<Input>();
        var arrays = new Object[operands(op)];
        for (int k = 0; k < arrays.length; k++) {
            inputs.add(takes(op, k));
            arrays[k] =
                    switch (takes(op, k)) {
                        case TRUTHS -> truths(PAIRS, 2 + k);
                        case KEPT -> kept(floats(PAIRS, true));
                        case FLOATS, FLOAT -> floats(PAIRS, k % 2 == 0);
                    };
        }
        if (!Chain.truthsInMemory() && (op.decides() || inputs.contains(Input.TRUTHS))) {
            return;
        }
        var operands = List.of(0, 1, 2).subList(0, arrays.length);
        check(
                new Chain(inputs, List.of(new Line(op, operands)), List.of(arrays.length)),
                arrays,
                PAIRS);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomChainsHaveTheBitsOfJava(long seed) {
        var random = new Random(seed);
        int n = 4 * Chain.LANES;
        boolean truths = Chain.truthsInMemory();
        var inputs = new ArrayList<>(List.of(Input.FLOATS, Input.FLOAT, Input.FLOATS));
        if (truths) {
            inputs.add(Input.TRUTHS);
        }
        var arrays = new Object[inputs.size()];
        for (int k = 0; k < arrays.length; k++) {
            var x = new float[OFFSET + n + 1];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) random.nextGaussian();
            }
            arrays[k] = k == 3 ? truths(n, 3) : x;
        }
        var real = new ArrayList<>(List.of(0, 1, 2));
        var kept = new ArrayList<Integer>();
        var decided = new ArrayList<>(truths ? List.of(3) : List.<Integer>of());
        var lines = new ArrayList<Line>();
        while (lines.size() < 30) {
            var op = Op.values()[random.nextInt(Op.values().length)];
            var operands = new ArrayList<Integer>();
            for (int k = 0; k < operands(op); k++) {
                var from =
                        switch (takes(op, k)) {
                            case TRUTHS -> decided;
                            case KEPT -> kept;
                            case FLOATS, FLOAT -> real;
                        };
                if (!from.isEmpty()) {
                    operands.add(from.get(random.nextInt(from.size())));
                }
            }
            if (operands.size() == operands(op)) {
                lines.add(new Line(op, operands));
                (op.decides() ? decided : op == Op.KEEP ? kept : real)
                        .add(inputs.size() + lines.size() - 1);
            }
        }
        var outputs = new ArrayList<>(real.subList(3, real.size()));
        outputs.addAll(kept);
        if (truths) {
            outputs.addAll(decided.subList(1, decided.size()));
        }
        check(new Chain(inputs, lines, outputs), arrays, n);
    }

    @Test
    void anOutputMayBeAnInput() {
        var x = new float[2 * Chain.LANES];
        Arrays.fill(x, 3);
        var chain =
                new Chain(
                        List.of(Input.FLOATS),
                        List.of(new Line(Op.MUL, List.of(0, 0)), new Line(Op.ADD, List.of(1, 0))),
                        List.of(2));
        ChainLoops.of(chain).run(new Object[] {x, x}, new int[2], x.length);
        assertThat(x).containsOnly(12); // 3 * 3 + 3
    }

    @Test
    void equalChainsShareALoopThatIsReadyInTheEnd() {
        var chain =
                new Chain(
                        List.of(Input.FLOATS, Input.FLOAT),
                        List.of(new Line(Op.MUL, List.of(0, 1)), new Line(Op.SUB, List.of(2, 0))),
                        List.of(3));
        var weaver = Weaver.of(chain);
        Weaver.settle();
        assertThat(Weaver.of(new Chain(chain.inputs(), chain.lines(), chain.outputs())))
                .isSameAs(weaver);
        var x = new float[Chain.LANES];
        Arrays.fill(x, 5);
        var loop = weaver.made();
        assertThat(loop).isNotNull();
        loop.run(new Object[] {x, new float[] {4}, x}, new int[3], x.length);
        assertThat(x).containsOnly(15); // 5 * 4 - 5
    }
}
