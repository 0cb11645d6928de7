package dev.fathom.cpu.simd;

import java.util.List;

/**
 * Elementwise operations on floats and truth values that one loop can do, all on one vector before
 * the next is loaded. Values are numbered: first the inputs, then the result of every line.
 *
 * @param inputs what is read
 * @param lines the operations, each on values before it
 * @param outputs the values that are written; each is the result of a line
 */
public record Chain(List<Input> inputs, List<Line> lines, List<Integer> outputs) {
    /** What an input is. */
    public enum Input {
        /** An array of floats. */
        FLOATS,
        /** One float for all elements. */
        FLOAT,
        /** An array of bytes, 0 or 1. */
        TRUTHS,
        /** An array of bfloat16. */
        KEPT
    }

    /** What is done with a vector; the bits are those of {@link FloatElementwise}. */
    public enum Op {
        ADD,
        SUB,
        MUL,
        DIV,
        MAX,
        MIN,
        NEG,
        ABS,
        SQRT,
        RSQRT,
        EXP,
        TANH,
        LOGISTIC,
        ERF,
        EQ,
        NE,
        LT,
        LE,
        GT,
        GE,
        AND,
        OR,
        NOT,
        SELECT,
        /** Float to bfloat16. */
        KEEP,
        /** Bfloat16 to float. */
        WIDEN;

        /** Whether the result is truth values. */
        public boolean decides() {
            return switch (this) {
                case EQ, NE, LT, LE, GT, GE, AND, OR, NOT -> true;
                case ADD, SUB, MUL, DIV, MAX, MIN, NEG, ABS, SQRT, RSQRT -> false;
                case EXP, TANH, LOGISTIC, ERF, SELECT, KEEP, WIDEN -> false;
            };
        }

        /** Whether it is a method of {@link FloatMath}, and not an operation of vectors. */
        public boolean isCall() {
            return this == EXP || this == TANH || this == LOGISTIC || this == ERF;
        }

        /** Operations of vectors that it takes. */
        public int operations() {
            return isCall() ? 24 : 1;
        }
    }

    /** One operation. */
    public record Line(Op op, List<Integer> operands) {}

    /** A loop over elements. */
    public interface Loop {
        /**
         * Does all operations on {@code n} elements.
         *
         * @param arrays inputs, then outputs; an output may be an input at the same offset
         * @param at where each begins
         * @param n a multiple of {@link #LANES}
         */
        void run(Object[] arrays, int[] at, int n);
    }

    /** Elements of a vector. */
    public static final int LANES = Width.F32.length();

    /** Copies the lists. */
    public Chain {
        inputs = List.copyOf(inputs);
        lines = List.copyOf(lines);
        outputs = List.copyOf(outputs);
    }

    /** Whether vectors are wide enough for truth values in memory, of which eight fill a vector. */
    public static boolean truthsInMemory() {
        return LANES >= 8;
    }

    /** Operations on a vector. */
    int operations() {
        return lines.stream().mapToInt(l -> l.op().operations()).sum();
    }

    /** What array {@code k} holds, inputs before outputs. */
    Input holds(int k) {
        return k < inputs.size() ? inputs.get(k) : held(outputs.get(k - inputs.size()));
    }

    /** What an array of value {@code v} holds. */
    Input held(int v) {
        if (v < inputs.size()) {
            return inputs.get(v);
        }
        var op = lines.get(v - inputs.size()).op();
        return op.decides() ? Input.TRUTHS : op == Op.KEEP ? Input.KEPT : Input.FLOATS;
    }
}
